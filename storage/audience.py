"""Whom a message to everybody reaches: counted without reading every chat, and queued by one statement."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from signals.moments import to_ms
from storage.chats import ChatKind
from storage.database import Database
from storage.kinds import KINDS, rank_of, turn_of
from storage.letters import Letter, note_deliveries, write_letters
from storage.outbox import ACTIVE_AT

KIND = "broadcast"
"""The kind of the deliveries that this makes."""

Tongue = tuple[str | None, str | None]
"""The language that a chat chose, and what the app of its people says."""


class Crowd(NamedTuple):
    """Chats of one kind with the same languages that can be written to."""

    kind: ChatKind
    tongue: Tongue
    chats: int


def count_crowds(db: Database) -> list[Crowd]:
    """All chats that can be written to and want to hear us."""
    rows = db.rows(
        """SELECT kind, language, app_language, count(*) FROM chats WHERE state = 'active'
           GROUP BY kind, language, app_language"""
    )
    return [Crowd(kind, (language, app_language), chats) for kind, language, app_language, chats in rows]


def queue_broadcast(
    db: Database,
    broadcast_id: int,
    kinds: Collection[ChatKind],
    tongues: Collection[Tongue] | None,
    now: datetime,
) -> int:
    """Queue a broadcast for all chats of these kinds and languages (None: of every language); how many.

    A muted chat gets it, without a sound.
    """
    values: dict[str, str] = {f"kind{n}": kind for n, kind in enumerate(sorted(kinds))}
    spoken = "" if tongues is None else _spoken(tongues, values)
    if not kinds or (tongues is not None and not tongues):
        return 0
    [(text,)] = db.rows("SELECT text FROM broadcasts WHERE id = ?", (broadcast_id,))
    lifetime = KINDS[KIND].lifetime
    [letter_id] = write_letters(
        db,
        [Letter(kind=KIND, text=text, broadcast_id=broadcast_id, created_at=now, expires_at=now + lifetime)],
    )
    made = db.execute(
        f"""INSERT INTO outbox (chat_id, thread_id, letter_id, turn, rank, active_at, silent, state, attempts,
                                unsure)
            SELECT chats.id, 0, :letter, :turn, :rank, {ACTIVE_AT},
                   CASE WHEN broadcasts.silent = 1 OR chats.muted_until > :now THEN 1 ELSE 0 END,
                   'queued', 0, 0
            FROM broadcasts CROSS JOIN chats
            WHERE broadcasts.id = :id AND chats.state = 'active'
              AND chats.kind IN ({", ".join(f":kind{n}" for n in range(len(kinds)))}) {spoken}
            ORDER BY chats.id""",  # noqa: S608  # names from here
        {
            "id": broadcast_id,
            "letter": letter_id,
            "turn": turn_of(KIND),
            "rank": rank_of(KIND),
            "now": to_ms(now),
            **values,
        },
    )
    note_deliveries(db, [letter_id])
    return made


def _spoken(tongues: Collection[Tongue], values: dict[str, str]) -> str:
    """The condition that a chat has one of these languages; what it compares with joins the values."""
    pairs = []
    for n, (language, app_language) in enumerate(tongues):
        values |= {f"language{n}": language or "", f"app{n}": app_language or ""}
        pairs.append(f"(:language{n}, :app{n})")
    return (
        f"AND (coalesce(chats.language, ''), coalesce(chats.app_language, '')) IN (VALUES {', '.join(pairs)})"
    )
