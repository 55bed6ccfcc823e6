"""What places were told of late, for the hearers of a look: from few letters to all who got them, at once.

letters of late x what they tell of -> their deliveries -> `told_late`, a row a place
"""

from collections.abc import Sequence
from datetime import datetime

from signals.moments import to_ms
from storage.database import Database
from storage.letters import numbered


def note_told_late(db: Database, topics: Sequence[str], after: datetime) -> bool:
    """What each place was told of these topics after a moment, into `told_late`; whether anybody was."""
    db.execute(
        """CREATE TEMPORARY TABLE late_letters (
               letter_id BIGINT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL, first_id BIGINT NOT NULL,
               last_id BIGINT NOT NULL, PRIMARY KEY (letter_id, subject))"""
    )
    db.execute(
        """CREATE TEMPORARY TABLE told_late (
               chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL, told TEXT NOT NULL,
               PRIMARY KEY (chat_id, thread_id))"""
    )
    letters = _note_letters(db, topics, after)
    if letters:
        with db.wholesale():
            _note_places(db, topics)
    db.execute("DROP TABLE late_letters")
    return letters > 0


def forget_told_late(db: Database) -> None:
    """Forget what places were told of late."""
    db.execute("DROP TABLE told_late")


def latest_by_topic(topics: int, subject: str, value: str) -> str:
    """The latest of a text that begins with a moment, of each `:topic<n>`, with commas between."""
    latest = (f"coalesce(max(CASE {subject} WHEN :topic{n} THEN {value} END), '')" for n in range(topics))
    return " || ',' || ".join(latest)


def _note_letters(db: Database, topics: Sequence[str], after: datetime) -> int:
    subjects = ", ".join(f":topic{n}" for n in range(len(topics)))
    return db.execute(
        f"""INSERT INTO late_letters (letter_id, subject, at, first_id, last_id)
            SELECT DISTINCT letters.id, changes.subject, CAST(letters.created_at AS TEXT),
                            letters.first_id, letters.last_id
            FROM letters JOIN told ON told.letter_id = letters.id
                 JOIN changes ON changes.alert_id = told.alert_id
            WHERE letters.created_at > :after AND changes.subject IN ({subjects})""",  # noqa: S608  # names from here
        {"after": to_ms(after), **_named(topics)},
    )


def _note_places(db: Database, topics: Sequence[str]) -> None:
    told = latest_by_topic(len(topics), "late_letters.subject", "late_letters.at")
    where = numbered(db.rows("SELECT DISTINCT first_id, last_id FROM late_letters"))
    db.execute(
        f"""INSERT INTO told_late (chat_id, thread_id, told)
            SELECT outbox.chat_id, outbox.thread_id, {told}
            FROM outbox CROSS JOIN late_letters
            WHERE {where} AND late_letters.letter_id = outbox.letter_id
            GROUP BY outbox.chat_id, outbox.thread_id""",  # noqa: S608  # names from here
        _named(topics),
    )


def _named(topics: Sequence[str]) -> dict[str, str]:
    return {f"topic{n}": topic for n, topic in enumerate(topics)}
