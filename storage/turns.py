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
               subject TEXT NOT NULL, hearing TEXT NOT NULL, chat_id BIGINT NOT NULL,
               thread_id BIGINT NOT NULL, alert_id BIGINT NOT NULL,
               PRIMARY KEY (subject, chat_id, thread_id))"""
    )
    db.execute(
        """CREATE TEMPORARY TABLE answered (
               chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL, alert_id BIGINT NOT NULL,
               PRIMARY KEY (chat_id, thread_id))"""
    )
    db.execute_many("INSERT INTO turns VALUES (?, ?, ?, ?)", [(n, *turn) for n, turn in enumerate(turns)])
    for subject in sorted({turn.subject for turn in turns}):
        _note_last_told(db, subject)
    if turns:
        _note_answered(db)


def forget_turns(db: Database) -> None:
    """Forget what alerts could answer."""
    for table in ("turns", "last_told", "answered"):
        db.execute(f"DROP TABLE {table}")


def _note_last_told(db: Database, subject: str) -> None:
    [(left,)] = db.rows("SELECT count(*) FROM hearers JOIN messages ON messages.hearing = hearers.hearing")
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
    with db.wholesale():
        return db.execute(
            f"""INSERT INTO last_told (subject, hearing, chat_id, thread_id, alert_id)
                SELECT :subject, hearers.hearing, hearers.chat_id, hearers.thread_id, :alert_id
                FROM (SELECT outbox.chat_id, outbox.thread_id FROM {telling}
                        AND outbox.state IN ('queued', 'sending', 'sent')) AS places
                     CROSS JOIN hearers CROSS JOIN messages
                WHERE hearers.chat_id = places.chat_id AND hearers.thread_id = places.thread_id
                  AND messages.hearing = hearers.hearing
                ON CONFLICT (subject, chat_id, thread_id) DO NOTHING""",  # noqa: S608  # from above
            {"subject": subject, "alert_id": alert_id},
        )


def _note_others(db: Database, subject: str) -> None:
    # The cross join is a join in this order: from the few who are left to what they were told.
    db.execute(
        """INSERT INTO last_told (subject, hearing, chat_id, thread_id, alert_id)
            SELECT :subject, others.hearing, others.chat_id, others.thread_id, max(told.alert_id)
            FROM (SELECT hearers.chat_id, hearers.thread_id, hearers.hearing
                  FROM hearers JOIN messages ON messages.hearing = hearers.hearing
                       LEFT JOIN last_told ON last_told.subject = :subject
                                 AND last_told.chat_id = hearers.chat_id
                                 AND last_told.thread_id = hearers.thread_id
                  WHERE last_told.chat_id IS NULL) AS others
                 CROSS JOIN outbox CROSS JOIN told CROSS JOIN changes
            WHERE outbox.chat_id = others.chat_id AND outbox.thread_id = others.thread_id
              AND outbox.state IN ('queued', 'sending', 'sent') AND told.letter_id = outbox.letter_id
              AND changes.alert_id = told.alert_id AND changes.subject = :subject
            GROUP BY others.hearing, others.chat_id, others.thread_id""",
        {"subject": subject},
    )


# Of the alerts in a message the most urgent one that takes something back decides, and of its changes the one
# that matters most: that order and the alert are one number, of which the least wins.
_ALERTS = 1 << 40


def _note_answered(db: Database) -> None:
    """Which alert the message of each place answers, of those that it was told last."""
    with db.wholesale():
        db.execute(
            f"""INSERT INTO answered (chat_id, thread_id, alert_id)
                SELECT last_told.chat_id, last_told.thread_id,
                       min((message_alerts.place * 1000 + turns.place) * {_ALERTS} + last_told.alert_id)
                           % {_ALERTS}
                FROM last_told CROSS JOIN message_alerts CROSS JOIN turns
                WHERE message_alerts.hearing = last_told.hearing
                  AND turns.alert_id = message_alerts.alert_id AND turns.subject = last_told.subject
                  AND EXISTS (SELECT 1 FROM changes
                              WHERE changes.alert_id = last_told.alert_id
                                AND changes.subject = turns.subject AND changes.to_state = turns.told_state)
                GROUP BY last_told.chat_id, last_told.thread_id"""  # noqa: S608  # a number
        )
