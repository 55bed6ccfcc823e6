"""Letters: what is said, once for all chats that are told the same, and which deliveries each went out as.

No index leads from a letter to its deliveries, for keeping one takes longer than all else of a fan-out. The
deliveries of letters that are made together are numbered one after the other, and that range is enough.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signals.moments import to_ms
from storage.columns import json_text
from storage.database import Database

Buttons = Sequence[Sequence[Mapping[str, str]]]
"""Rows of buttons, each with its `text` and `data`."""

_NEAR = 100
"""Walking over so many deliveries costs less than another stretch."""
_MOST_STRETCHES = 20

SINCE = "outbox.id >= (SELECT min(first_id) FROM letters WHERE created_at >= :since)"
"""The condition that a delivery is not older than `:since`, as far as its number tells: a lower bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is said. `text` is Telegram HTML; `alert_ids`: what it tells of, the most urgent first."""

    kind: str
    text: str
    buttons: Buttons = ()
    chart: str | None = None
    alert_ids: tuple[int, ...] = ()
    broadcast_id: int | None = None
    created_at: datetime
    expires_at: datetime


def write_letters(db: Database, letters: Iterable[Letter]) -> list[int]:
    """Write letters; their ids. Their deliveries come next, in this transaction, up to `note_deliveries`."""
    [(first_id,)] = db.rows("SELECT coalesce(max(id), 0) + 1 FROM outbox")
    return [_write(db, letter, first_id) for letter in letters]


def _write(db: Database, letter: Letter, first_id: int) -> int:
    [(letter_id,)] = db.rows(
        """INSERT INTO letters (alert_id, broadcast_id, kind, text, buttons, chart, created_at, expires_at,
                                is_over, first_id, last_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING id""",
        (
            letter.alert_ids[0] if letter.alert_ids else None,
            letter.broadcast_id,
            letter.kind,
            letter.text,
            json_text([[dict(button) for button in row] for row in letter.buttons]),
            letter.chart,
            to_ms(letter.created_at),
            to_ms(letter.expires_at),
            first_id,
            first_id - 1,
        ),
    )
    for alert_id in dict.fromkeys(letter.alert_ids):
        db.execute("INSERT INTO told (alert_id, letter_id) VALUES (?, ?)", (alert_id, letter_id))
    return int(letter_id)


def note_deliveries(db: Database, letter_ids: Collection[int]) -> None:
    """All deliveries of these letters, which were written together, are made."""
    if letter_ids:
        db.execute(
            "UPDATE letters SET last_id = (SELECT coalesce(max(id), 0) FROM outbox) WHERE id BETWEEN ? AND ?",
            (min(letter_ids), max(letter_ids)),
        )


def deliveries_of(db: Database, which: str, values: Mapping[str, Any]) -> str:
    """The deliveries of letters for which a condition holds, as it stands behind a FROM, WHERE included.

    Where they are is read first: asked for in the same statement, a PostgreSQL that knows little of the
    tables walks through all that is queued, or through each pair of a letter and a delivery.
    """
    ranges = db.rows(f"SELECT DISTINCT first_id, last_id FROM letters WHERE {which}", values)  # noqa: S608  # conditions of ours
    return f"""outbox WHERE {numbered(ranges)}
               AND outbox.letter_id IN (SELECT id FROM letters WHERE {which})"""  # noqa: S608  # conditions of ours


def numbered(ranges: Iterable[tuple[Any, ...]]) -> str:
    """The condition that a delivery is numbered within one of some ranges, or not far from one."""
    found = (f"outbox.id BETWEEN {first:d} AND {last:d}" for first, last in stretches(ranges))
    return f"({' OR '.join(found) or 'false'})"


def stretches(ranges: Iterable[tuple[Any, ...]]) -> list[tuple[int, int]]:
    """Ranges of numbers, both ends included: those near each other as one, so that they are few."""
    found = sorted((first, last) for first, last in ranges if first <= last)
    near = _NEAR
    while len(found := _joined(found, near)) > _MOST_STRETCHES:
        near *= 2
    return found


def _joined(ranges: Iterable[tuple[int, int]], near: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        if found and first <= found[-1][1] + near:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


_MOST_AT_ONCE = 500


def end_overdue(db: Database, now: datetime) -> int:
    """Give up what waited until it was not worth sending; how many deliveries."""
    ended = 0
    while overdue := db.rows(
        """SELECT id, first_id, last_id FROM letters WHERE is_over = 0 AND expires_at <= ?
           ORDER BY expires_at LIMIT ?""",
        (to_ms(now), _MOST_AT_ONCE),
    ):
        ids = [letter_id for letter_id, *_ in overdue]
        marks = ", ".join("?" * len(ids))
        with db.transaction():
            # One by one: a claim keeps to indexes, and along one of them there is one stretch at a time.
            ended += sum(
                db.execute(
                    f"""UPDATE outbox SET state = 'expired'
                        WHERE state = 'queued' AND id BETWEEN ? AND ? AND letter_id IN ({marks})""",  # noqa: S608  # marks
                    (*stretch, *ids),
                )
                for stretch in stretches((first, last) for _, first, last in overdue)
            )
            db.execute(f"UPDATE letters SET is_over = 1 WHERE id IN ({marks})", ids)  # noqa: S608  # marks
    return ended


_MANY = 2_000


def drop_unread(db: Database, letter_ids: Iterable[int]) -> None:
    """Forget those of these letters that no delivery is left of.

    One that was made together with thousands of deliveries stays until its time is over: to find out whether
    anybody else was told it takes a while, and it says nothing of whom it went to.
    """
    for letter_id in letter_ids:
        db.execute(
            f"DELETE FROM letters WHERE id = ? AND last_id - first_id < ? AND {UNREAD}",  # noqa: S608  # from below
            (letter_id, _MANY),
        )


UNREAD = """NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id BETWEEN letters.first_id AND letters.last_id
                                               AND outbox.letter_id = letters.id)"""
"""The condition that no delivery of a letter is left."""
