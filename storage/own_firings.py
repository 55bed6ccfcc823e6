"""What own alerts did, and who has not been told of it yet.

    fired -> waits to be told -> told

What waits stands with its rule from the moment at which that fired. It goes in the transaction that puts its
message into the outbox: whatever happens in between, it is told, and once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple

from signals.moments import to_ms
from storage.columns import json_text, moment_or_none
from storage.database import Database, Row
from storage.own_alerts import Held, OwnAlert, in_parts, own_of


class Fired(NamedTuple):
    """What a rule did in one look: when last, how often, whether that was the end of it, and what to tell."""

    at: datetime
    times: int
    is_done: bool
    held: Held | None
    """None: it is too long ago to be told."""


class Silence(NamedTuple):
    """What keeps a chat from hearing anything; see `storage.chats`."""

    timezone: str
    muted_until: datetime | None
    quiet_from: time | None
    quiet_until: time | None


def note_fired(db: Database, fired: Mapping[Fired, Sequence[int]]) -> None:
    """Rules fired, those that did the same together; one that fires once is done.

    What is to be told of them waits, in the place of what waits already; see `release`.
    """
    change = """last_fired_at = ?, fired = fired + ?, held = coalesce(?, held),
                state = CASE WHEN ? = 1 AND state = 'armed' THEN 'done' ELSE state END"""
    for each, ids in fired.items():
        values = to_ms(each.at), each.times, _column(each.held), int(each.is_done)
        _update(db, change, values, ids)


def waiting_chats(db: Database) -> list[tuple[Silence, list[int]]]:
    """The chats that have not been told of a firing yet, those that are silent alike together."""
    rows = db.rows(
        """SELECT id, timezone, muted_until, quiet_from, quiet_until FROM chats
           WHERE id IN (SELECT chat_id FROM own_alerts WHERE held IS NOT NULL) ORDER BY id"""
    )
    alike: dict[Row, list[int]] = {}
    for chat_id, *silence in rows:
        alike.setdefault(tuple(silence), []).append(chat_id)
    return [(_silence(columns), ids) for columns, ids in alike.items()]


def held_back(db: Database, chat_id: int) -> list[OwnAlert]:
    """The rules of a chat with a firing that waits to be told."""
    records = db.records(
        "SELECT * FROM own_alerts WHERE chat_id = ? AND held IS NOT NULL ORDER BY id", (chat_id,)
    )
    return [own_of(record) for record in records]


def release(db: Database, ids: Sequence[int]) -> None:
    """What waited of these rules is told."""
    _update(db, "held = NULL", (), ids)


def _update(db: Database, change: str, values: Sequence[Any], ids: Sequence[int]) -> None:
    """One change to many rules."""
    for some, marks in in_parts(ids):
        db.execute(f"UPDATE own_alerts SET {change} WHERE id IN ({marks})", (*values, *some))  # noqa: S608  # ours


def _column(held: Held | None) -> str | None:
    return None if held is None else json_text({"at": to_ms(held.at), "values": held.values})


def _silence(columns: Row) -> Silence:
    timezone, muted_ms, *hours = columns
    ends = (None if each is None else time.fromisoformat(each) for each in hours)
    return Silence(timezone, moment_or_none(muted_ms), *ends)
