"""Chats and what they want to hear, each topic of a forum (a *thread*) for itself.

A `thread_id` is Telegram's `message_thread_id`; 0 is the chat itself, which in a forum is its General topic.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from signals.moments import from_ms, to_ms
from storage.columns import moment_or_none, ms_or_null
from storage.database import Database, Record

ChatKind = Literal["private", "group", "supergroup", "channel"]
ChatState = Literal["active", "paused", "blocked"]
Mode = Literal["sound", "silent"]

DEFAULT_TIMEZONE = "UTC"

GENERAL = 1
"""The number of a forum's General topic. Nothing is stored under it: General is the chat itself, 0."""

_ACTIVITY_PRECISION_MS = 600_000

_CHAT = "SELECT * FROM chats WHERE id = ?"

_STOPPED = "stopped; "
"""Before the reason why a chat is blocked: it had asked to hear nothing, and that holds when it is back."""


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One chat. `not_before`: Telegram asked us to wait; `reason`: why it is paused or blocked.

    Between `quiet_from` and `quiet_until`, times of day in its zone, nothing is told. `daily_cap`: so many
    alerts a day, 0 for no cap, None for the bot's usual one. `verdict_always`: the verdict is never held.

    `app_language` is what the app of whoever speaks there says, for as long as no `language` is chosen.
    `blocked_at` is since when it cannot be written to, `welcomed_at` when the bot introduced itself.
    """

    id: int
    kind: ChatKind
    title: str
    language: str | None
    timezone: str
    state: ChatState
    muted_until: datetime | None
    not_before: datetime | None
    created_at: datetime
    reason: str | None
    app_language: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    daily_cap: int | None = None
    verdict_always: bool = False
    blocked_at: datetime | None = None
    welcomed_at: datetime | None = None


def is_group(chat: ChatRow) -> bool:
    """Whether several people hear and answer in a chat."""
    return chat.kind in {"group", "supergroup"}


def ensure_chat(db: Database, chat_id: int, kind: ChatKind, title: str, now: datetime) -> ChatRow:
    """The chat that speaks, stored if it is new; kind and title are what they are today, its choices stay.

    That it was active is written down anew after ten minutes: most of what is said costs no write.
    """
    db.execute(
        """INSERT INTO chats (id, kind, title, timezone, state, created_at, active_at)
           VALUES (:id, :kind, :title, :timezone, 'active', :now, :now)
           ON CONFLICT (id) DO UPDATE
           SET kind = excluded.kind, title = excluded.title, active_at = excluded.active_at
           WHERE (chats.kind, chats.title) <> (excluded.kind, excluded.title)
              OR chats.active_at <= :now - :precision""",
        {
            "id": chat_id,
            "kind": kind,
            "title": title,
            "timezone": DEFAULT_TIMEZONE,
            "now": to_ms(now),
            "precision": _ACTIVITY_PRECISION_MS,
        },
    )
    return chat_of(db.records(_CHAT, (chat_id,))[0])


def read_chat(db: Database, chat_id: int) -> ChatRow | None:
    """The chat, or None where it is not known."""
    record = db.record(_CHAT, (chat_id,))
    return chat_of(record) if record else None


def set_language(db: Database, chat_id: int, language: str | None) -> None:
    """Choose the language of a chat; None leaves it to what Telegram says about its people."""
    db.execute("UPDATE chats SET language = ? WHERE id = ?", (language, chat_id))


def note_app_language(db: Database, chat_id: int, code: str | None) -> None:
    """Remember the language that the app of a chat's people says, an IETF tag such as `zh-hans`."""
    db.execute(
        "UPDATE chats SET app_language = :code WHERE id = :id AND app_language IS DISTINCT FROM :code",
        {"code": code, "id": chat_id},
    )


def set_timezone(db: Database, chat_id: int, timezone: str) -> None:
    """Choose the time zone of a chat by its IANA name."""
    db.execute("UPDATE chats SET timezone = ? WHERE id = ?", (timezone, chat_id))


def mute(db: Database, chat_id: int, until: datetime | None) -> None:
    """Silence a chat until a moment; None ends it."""
    db.execute("UPDATE chats SET muted_until = ? WHERE id = ?", (ms_or_null(until), chat_id))


def set_quiet_hours(db: Database, chat_id: int, hours: tuple[time, time] | None) -> None:
    """Let nothing sound in a chat between two times of day in its zone; None ends it."""
    ends = (None, None) if hours is None else tuple(f"{each:%H:%M}" for each in hours)
    db.execute("UPDATE chats SET (quiet_from, quiet_until) = (?, ?) WHERE id = ?", (*ends, chat_id))


def set_verdict_always(db: Database, chat_id: int, always: bool) -> None:  # noqa: FBT001  # it is the value
    """Choose whether the verdict is told whatever holds the rest."""
    db.execute("UPDATE chats SET verdict_always = ? WHERE id = ?", (int(always), chat_id))


def set_daily_cap(db: Database, chat_id: int, cap: int | None) -> None:
    """Choose how many alerts a day a chat gets at most: 0 for no cap, None for the bot's usual one."""
    db.execute("UPDATE chats SET daily_cap = ? WHERE id = ?", (cap, chat_id))


def pause(db: Database, chat_id: int, reason: str) -> None:
    """The chat asked to hear nothing; what is queued for it waits."""
    db.execute("UPDATE chats SET state = 'paused', reason = ? WHERE id = ?", (reason, chat_id))


def block(db: Database, chat_id: int, reason: str, at: datetime | None = None) -> None:
    """The chat cannot be written to any more, since `at`; what is queued for it waits, or expires."""
    db.execute(
        """UPDATE chats
           SET state = 'blocked', blocked_at = coalesce(blocked_at, :at),
               reason = CASE WHEN state = 'paused' OR reason LIKE :stopped THEN :both ELSE :reason END
           WHERE id = :id""",
        {
            "id": chat_id,
            "at": ms_or_null(at),
            "reason": reason,
            "both": f"{_STOPPED}{reason}",
            "stopped": f"{_STOPPED}%",
        },
    )


def resume(db: Database, chat_id: int) -> None:
    """The chat wants to hear us again, after a pause or a block."""
    db.execute("UPDATE chats SET state = 'active', reason = NULL, blocked_at = NULL WHERE id = ?", (chat_id,))


def unblock(db: Database, chat_id: int) -> None:
    """The chat can be written to again. One that asked to hear nothing stays paused until it says more."""
    db.execute(
        """UPDATE chats
           SET state = CASE WHEN reason LIKE :stopped THEN 'paused' ELSE 'active' END,
               reason = CASE WHEN reason LIKE :stopped THEN '/stop' END, blocked_at = NULL
           WHERE id = :id AND state = 'blocked'""",
        {"id": chat_id, "stopped": f"{_STOPPED}%"},
    )


def subscribe(db: Database, chat_id: int, topic: str, mode: Mode, *, thread_id: int = 0) -> None:
    """Let a chat hear a topic in one of its threads, or change how it hears it there."""
    db.execute(
        """INSERT INTO subscriptions (chat_id, thread_id, topic, mode) VALUES (?, ?, ?, ?)
           ON CONFLICT (chat_id, thread_id, topic) DO UPDATE SET mode = excluded.mode""",
        (chat_id, thread_id, topic, mode),
    )


def unsubscribe(db: Database, chat_id: int, topic: str, *, thread_id: int = 0) -> None:
    """Let a thread of a chat hear a topic no more."""
    db.execute(
        "DELETE FROM subscriptions WHERE (chat_id, thread_id, topic) = (?, ?, ?)", (chat_id, thread_id, topic)
    )


def read_subscriptions(db: Database, chat_id: int, *, thread_id: int = 0) -> dict[str, Mode]:
    """What a thread of a chat hears, and how."""
    return dict(
        db.rows(
            "SELECT topic, mode FROM subscriptions WHERE (chat_id, thread_id) = (?, ?) ORDER BY topic",
            (chat_id, thread_id),
        )
    )


def chat_of(record: Record) -> ChatRow:
    """The chat of a row."""
    return ChatRow(
        id=record["id"],
        kind=record["kind"],
        title=record["title"],
        language=record["language"],
        timezone=record["timezone"],
        state=record["state"],
        muted_until=moment_or_none(record["muted_until"]),
        not_before=moment_or_none(record["not_before"]),
        created_at=from_ms(record["created_at"]),
        reason=record["reason"],
        app_language=record["app_language"],
        quiet_from=_time_or_none(record["quiet_from"]),
        quiet_until=_time_or_none(record["quiet_until"]),
        daily_cap=record["daily_cap"],
        verdict_always=bool(record["verdict_always"]),
        blocked_at=moment_or_none(record["blocked_at"]),
        welcomed_at=moment_or_none(record["welcomed_at"]),
    )


def _time_or_none(column: str | None) -> time | None:
    return None if column is None else time.fromisoformat(column)
