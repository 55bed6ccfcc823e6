"""Own alerts: the rules that chats made for themselves, and how far each of them has got.

    draft -> armed <-> paused
             armed -> done (it fired once, or its time is over) -> armed again

A draft is what its maker was shown and has not saved. The number of a rule (R-<id>) is never given twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text, moment_or_none, ms_or_null
from storage.database import Database, Record

OwnState = Literal["draft", "armed", "paused", "done"]

_MOST_MARKS = 500


class Held(NamedTuple):
    """A firing that its chat has not been told of yet: when, and with which values."""

    at: datetime
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """One rule of one thread of a chat.

    `text` is the rule in its own grammar; `progress` is what the engine needs to go on where it was, `None`
    before its first look. `blind_at`: since when its chat knows that it cannot be judged.
    """

    id: int
    chat_id: int
    thread_id: int
    text: str
    made_by: int | None
    state: OwnState
    progress: Any
    created_at: datetime
    expires_at: datetime | None
    last_fired_at: datetime | None
    fired: int
    blind_at: datetime | None
    held: Held | None = None


def draft(
    db: Database, chat_id: int, thread_id: int, text: str, expires_at: datetime | None, *,
    made_by: int | None, now: datetime,
) -> int:  # fmt: skip
    """Keep a rule that is shown and not saved yet; its number."""
    [(id_,)] = db.rows(
        """INSERT INTO own_alerts (chat_id, thread_id, text, made_by, state, created_at, expires_at, fired)
           VALUES (?, ?, ?, ?, 'draft', ?, ?, 0) RETURNING id""",
        (chat_id, thread_id, text, made_by, to_ms(now), ms_or_null(expires_at)),
    )
    return int(id_)


def forget_drafts(db: Database, before: datetime) -> int:
    """Throw away what was shown before a moment and never saved; how many."""
    return db.execute("DELETE FROM own_alerts WHERE state = 'draft' AND created_at < ?", (to_ms(before),))


def read_own(db: Database, chat_id: int, id_: int) -> OwnAlert | None:
    """A chat's rule of a number, drafts among them; None where it has no such rule."""
    record = db.record("SELECT * FROM own_alerts WHERE (chat_id, id) = (?, ?)", (chat_id, id_))
    return own_of(record) if record else None


def list_own(db: Database, chat_id: int, *, thread_id: int = 0) -> list[OwnAlert]:
    """What a thread of a chat has saved, the oldest first."""
    records = db.records(
        """SELECT * FROM own_alerts WHERE (chat_id, thread_id) = (?, ?) AND state <> 'draft' ORDER BY id""",
        (chat_id, thread_id),
    )
    return [own_of(record) for record in records]


def count_saved(db: Database, chat_id: int) -> int:
    """How many rules a chat has saved, in all of its threads."""
    [(count,)] = db.rows("SELECT count(*) FROM own_alerts WHERE chat_id = ? AND state <> 'draft'", (chat_id,))
    return int(count)


def count_armed(db: Database) -> int:
    """How many rules are armed, of all chats."""
    [(count,)] = db.rows("SELECT count(*) FROM own_alerts WHERE state = 'armed'")
    return int(count)


def armed(db: Database) -> list[OwnAlert]:
    """Every armed rule of all chats, the oldest first."""
    return [own_of(r) for r in db.records("SELECT * FROM own_alerts WHERE state = 'armed' ORDER BY id")]


def read_rules(db: Database, ids: Iterable[int]) -> list[OwnAlert]:
    """The rules of these numbers that there are, of whatever chat; in the order of the numbers."""
    return [
        own_of(record)
        for some, marks in in_parts(sorted(ids))
        for record in db.records(f"SELECT * FROM own_alerts WHERE id IN ({marks}) ORDER BY id", some)  # noqa: S608  # question marks
    ]


def reword(db: Database, id_: int, text: str, expires_at: datetime | None) -> None:
    """Another rule under the same number; how far the old one had got says nothing about it."""
    with db.transaction():
        db.execute(
            """UPDATE own_alerts SET text = ?, expires_at = ?, progress = NULL, blind_at = NULL, held = NULL
               WHERE id = ?""",
            (text, ms_or_null(expires_at), id_),
        )
        _note_changed(db, id_)


def set_state(db: Database, id_: int, state: OwnState) -> None:
    """Arm, pause or end a rule. One that is armed begins anew: what it saw before it was paused is old."""
    with db.transaction():
        db.execute(
            "UPDATE own_alerts SET state = ?, progress = NULL, blind_at = NULL WHERE id = ?", (state, id_)
        )
        _note_changed(db, id_)


def delete_own(db: Database, chat_id: int, id_: int) -> bool:
    """Delete a chat's rule; whether there was one."""
    with db.transaction():
        was_there = db.execute("DELETE FROM own_alerts WHERE (chat_id, id) = (?, ?)", (chat_id, id_)) > 0
        if was_there:
            _note_changed(db, id_)
    return was_there


def note_all_changed(db: Database, chat_id: int) -> None:
    """All rules of a chat are about to change, or to go: the watch has to take them in anew."""
    db.execute(
        """INSERT INTO changed_rules (rule_id) SELECT id FROM own_alerts WHERE chat_id = ?
           ON CONFLICT (rule_id) DO UPDATE SET rule_id = excluded.rule_id""",
        (chat_id,),
    )


def _note_changed(db: Database, id_: int) -> None:
    # Written even where it is there: whoever takes it at this moment waits until the change can be read.
    db.execute(
        """INSERT INTO changed_rules (rule_id) VALUES (?)
           ON CONFLICT (rule_id) DO UPDATE SET rule_id = excluded.rule_id""",
        (id_,),
    )


def take_changed(db: Database) -> set[int]:
    """The rules that were armed, reworded, paused or deleted since this was last asked."""
    return {id_ for (id_,) in db.rows("DELETE FROM changed_rules RETURNING rule_id")}


def changed_since(db: Database) -> set[int]:
    """The rules that were changed since they were last taken; they stay to be taken."""
    return {id_ for (id_,) in db.rows("SELECT rule_id FROM changed_rules")}


def save_progress(db: Database, progress: Iterable[tuple[Any, Sequence[int]]]) -> None:
    """How far rules have got, each with the numbers of those that have got so far."""
    for state, ids in progress:
        for some, marks in in_parts(ids):
            db.execute(
                f"UPDATE own_alerts SET progress = ? WHERE id IN ({marks})",  # noqa: S608  # question marks
                (json_text(state), *some),
            )


def note_blind(db: Database, ids: Sequence[int], at: datetime | None) -> None:
    """Their chats know that these rules cannot be judged; None: they can be again."""
    for some, marks in in_parts(ids):
        db.execute(
            f"UPDATE own_alerts SET blind_at = ? WHERE id IN ({marks})",  # noqa: S608  # question marks
            (ms_or_null(at), *some),
        )


def read_looked(db: Database) -> datetime | None:
    """Until when the rules were judged; None before the first look."""
    row = db.row("SELECT looked_at FROM own_looks WHERE id = 1")
    return from_ms(row[0]) if row else None


def save_looked(db: Database, at: datetime) -> None:
    """The rules were judged by what was known until a moment."""
    db.execute(
        """INSERT INTO own_looks (id, looked_at) VALUES (1, ?)
           ON CONFLICT (id) DO UPDATE SET looked_at = excluded.looked_at""",
        (to_ms(at),),
    )


def in_parts(ids: Sequence[int]) -> Iterator[tuple[Sequence[int], str]]:
    """Numbers as engines take them in one statement, with a mark for each."""
    for begin in range(0, len(ids), _MOST_MARKS):
        some = ids[begin : begin + _MOST_MARKS]
        yield some, ", ".join("?" * len(some))


def own_of(record: Record) -> OwnAlert:
    """The rule of a row."""
    return OwnAlert(
        id=record["id"],
        chat_id=record["chat_id"],
        thread_id=record["thread_id"],
        text=record["text"],
        made_by=record["made_by"],
        state=record["state"],
        progress=from_json(record["progress"]) if record["progress"] else None,
        created_at=from_ms(record["created_at"]),
        expires_at=moment_or_none(record["expires_at"]),
        last_fired_at=moment_or_none(record["last_fired_at"]),
        fired=record["fired"],
        blind_at=moment_or_none(record["blind_at"]),
        held=_held(record["held"]),
    )


def _held(column: str | None) -> Held | None:
    if column is None:
        return None
    kept = from_json(column)
    return Held(from_ms(kept["at"]), tuple(kept["values"]))
