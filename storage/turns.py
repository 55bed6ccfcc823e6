"""Which alert each hearer of a look was told last about a subject: what the look's alerts may answer.

the newest alerts about a subject, one after the other -> `last_told`, a row a place
whoever is left (new chats, or long silent ones)       -> `last_told`, by what each was told
"""

from collections.abc import Sequence
from typing import NamedTuple

from storage.database import Database
from storage.letters import deliveries_of

_TELLING = "id IN (SELECT letter_id FROM told WHERE alert_id = :alert_id)"

_MOST_ALERTS = 4
"""Almost everybody was told one of the last few; for the others it is cheaper to look at each."""


class Turn(NamedTuple):
    """An alert answers the last one about a subject where that told that it is in this state."""

    alert_id: int
    subject: str
    told_state: str


def alerts_about(db: Database, subject: str) -> dict[int, str]:
    """The state that a subject came to in each alert about it, the newest alert first."""
    return dict(
        db.rows(
            """SELECT alert_id, to_state FROM changes WHERE subject = ? AND alert_id IS NOT NULL
               ORDER BY alert_id DESC, id""",
            (subject,),
        )
    )


def note_turns(db: Database, turns: Sequence[Turn]) -> None:
    """Lay out what alerts of a look may answer, of those of one alert what matters most first."""
    db.execute(
        """CREATE TEMPORARY TABLE turns (
               place INTEGER PRIMARY KEY, alert_id BIGINT NOT NULL, subject TEXT NOT NULL,
               told_state TEXT NOT NULL)"""
    )
    db.execute(
        """CREATE TEMPORARY TABLE last_told (
               subject TEXT NOT NULL, chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL,
               alert_id BIGINT NOT NULL, PRIMARY KEY (subject, chat_id, thread_id))"""
    )
    db.execute_many("INSERT INTO turns VALUES (?, ?, ?, ?)", [(n, *turn) for n, turn in enumerate(turns)])
    for subject in sorted({turn.subject for turn in turns}):
        _note_last_told(db, subject)


def forget_turns(db: Database) -> None:
    """Forget what alerts could answer."""
    for table in ("turns", "last_told"):
        db.execute(f"DROP TABLE {table}")


def _note_last_told(db: Database, subject: str) -> None:
    [(left,)] = db.rows("SELECT count(*) FROM hearers")
    tried = 0
    for alert_id in alerts_about(db, subject):
        if not left or tried == _MOST_ALERTS:
            break
        reached = _note_told_of(db, subject, alert_id)
        left -= reached
        tried += bool(reached)
    if left:
        _note_others(db, subject)


def _note_told_of(db: Database, subject: str, alert_id: int) -> int:
    """Whom of those that are left this alert was told; how many those are."""
    telling = deliveries_of(db, _TELLING, {"alert_id": alert_id})
    return db.execute(
        f"""INSERT INTO last_told (subject, chat_id, thread_id, alert_id)
            SELECT :subject, places.chat_id, places.thread_id, :alert_id
            FROM (SELECT outbox.chat_id, outbox.thread_id FROM {telling}
                    AND outbox.state IN ('queued', 'sending', 'sent')) AS places
                 JOIN hearers ON hearers.chat_id = places.chat_id AND hearers.thread_id = places.thread_id
            WHERE true
            ON CONFLICT (subject, chat_id, thread_id) DO NOTHING""",  # noqa: S608  # from above
        {"subject": subject, "alert_id": alert_id},
    )


def _note_others(db: Database, subject: str) -> None:
    # The cross join is a join in this order: from the few who are left to what they were told.
    db.execute(
        """INSERT INTO last_told (subject, chat_id, thread_id, alert_id)
           SELECT :subject, hearers.chat_id, hearers.thread_id, max(told.alert_id)
           FROM hearers CROSS JOIN outbox CROSS JOIN told CROSS JOIN changes
           WHERE NOT EXISTS (SELECT 1 FROM last_told
                             WHERE last_told.subject = :subject AND last_told.chat_id = hearers.chat_id
                               AND last_told.thread_id = hearers.thread_id)
             AND outbox.chat_id = hearers.chat_id AND outbox.thread_id = hearers.thread_id
             AND outbox.state IN ('queued', 'sending', 'sent') AND told.letter_id = outbox.letter_id
             AND changes.alert_id = told.alert_id AND changes.subject = :subject
           GROUP BY hearers.chat_id, hearers.thread_id""",
        {"subject": subject},
    )
