"""Who of a group has taken an alert: the first one who did, until that one gives it back.

The alert's messages say so; `shown` is whether they do already, so that a restart makes up for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database, Record

NOBODY_NAMED = 0
"""In the place of a user's id: a command in the group's own name does not tell whose it is."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An alert that somebody has taken. `name` is "" for an administrator who stays anonymous."""

    user_id: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ToShow:
    """What the messages of an alert in a chat do not say yet; None: that it was given back."""

    chat_id: int
    alert_id: int
    taken: Taken | None


def take(db: Database, chat_id: int, alert_id: int, taken: Taken) -> Taken:
    """Take an alert if nobody has; who has it then."""
    db.execute(
        """INSERT INTO acknowledgements (chat_id, alert_id, user_id, name, at, shown)
           VALUES (?, ?, ?, ?, ?, 0)
           ON CONFLICT (chat_id, alert_id) DO UPDATE SET user_id = excluded.user_id, name = excluded.name,
               at = excluded.at, shown = 0, not_before = NULL
           WHERE acknowledgements.user_id IS NULL""",
        (chat_id, alert_id, taken.user_id, taken.name, to_ms(taken.at)),
    )
    return read_taken(db, chat_id, [alert_id])[alert_id]


def give_back(db: Database, chat_id: int, alert_id: int, user_id: int) -> bool:
    """Give back what one has taken; False where somebody else has it, or nobody."""
    given = db.execute(
        """UPDATE acknowledgements SET user_id = NULL, shown = 0, not_before = NULL
           WHERE (chat_id, alert_id, user_id) = (?, ?, ?)""",
        (chat_id, alert_id, user_id),
    )
    return bool(given)


def read_taken(db: Database, chat_id: int, alert_ids: Iterable[int]) -> dict[int, Taken]:
    """Who has which of some alerts in a chat."""
    found = {}
    for alert_id in alert_ids:
        record = db.record(
            "SELECT * FROM acknowledgements WHERE (chat_id, alert_id) = (?, ?)", (chat_id, alert_id)
        )
        if record and (taken := _taken(record)):
            found[alert_id] = taken
    return found


def last_taken(db: Database, chat_id: int, limit: int) -> dict[int, Taken]:
    """What is taken in a chat, the newest first."""
    records = db.records(
        """SELECT * FROM acknowledgements WHERE chat_id = ? AND user_id IS NOT NULL
           ORDER BY alert_id DESC LIMIT ?""",
        (chat_id, limit),
    )
    return {record["alert_id"]: taken for record in records if (taken := _taken(record))}


def read_to_show(db: Database) -> list[tuple[ToShow, datetime | None]]:
    """What messages do not say yet, in chats that can be written to, and before when not to try."""
    records = db.records(
        """SELECT acknowledgements.* FROM acknowledgements JOIN chats ON chats.id = chat_id
           WHERE shown = 0 AND chats.state = 'active' ORDER BY chat_id, alert_id"""
    )
    return [
        (
            ToShow(record["chat_id"], record["alert_id"], _taken(record)),
            from_ms(record["not_before"]) if record["not_before"] is not None else None,
        )
        for record in records
    ]


def note_shown(db: Database, shown: ToShow) -> None:
    """The messages say so now, unless it has changed once more meanwhile."""
    db.execute(
        """UPDATE acknowledgements SET shown = 1
           WHERE (chat_id, alert_id) = (?, ?) AND user_id IS NOT DISTINCT FROM ?""",
        (shown.chat_id, shown.alert_id, shown.taken.user_id if shown.taken else None),
    )


def hold(db: Database, shown: ToShow, until: datetime) -> None:
    """Do not try to edit the messages before a moment."""
    db.execute(
        "UPDATE acknowledgements SET not_before = ? WHERE (chat_id, alert_id) = (?, ?)",
        (to_ms(until), shown.chat_id, shown.alert_id),
    )


def _taken(record: Record) -> Taken | None:
    if record["user_id"] is None:
        return None
    return Taken(record["user_id"], record["name"], from_ms(record["at"]))
