"""Who hears of a look, gathered by how they hear: of a hundred thousand places most hear alike.

    subscriptions, chats, what was told, what is held -> `hearers`, a row a place -> the hearings there are

All that a decision and its words depend on stands in one text a place, its *hearing*. Places with the same
hearing are decided for once; `storage.fanout` then writes the rows of all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

from signals.moments import from_ms, to_ms
from storage.chats import ChatKind, ChatRow, Mode
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Look:
    """What a look is about, and what of the past and of the settings counts for it.

    `told_after`: what was told up to then is long ago. `days`: when the day began, by time zone. `daily_cap`:
    of the chats that chose none.
    """

    topics: Sequence[str]
    now: datetime
    told_after: datetime
    days: Mapping[str, datetime]
    daily_cap: int


@dataclass(frozen=True, slots=True)
class Alike:
    """Places that hear alike. `chat` stands for theirs: its id and title are nobody's.

    Of a muted place neither what it was told nor what is held from it counts, and its chat's `muted_until` is
    not that of the others. `told_today` is exact where the cap is reached or next, else 0.
    """

    hearing: str
    chat: ChatRow
    wants: Mapping[str, Mode]
    told: Mapping[str, datetime]
    held: Mapping[str, tuple[str, datetime]]
    """By topic of the look: why, and until when."""
    has_held: bool
    """Whether anything is held, of whatever topic."""
    cap: int
    told_today: int


_MODES: tuple[Mode, ...] = ("sound", "silent")
_BITS = len(_MODES)
_FIELDS = 14
_LATER = timedelta(milliseconds=1)
_MOST_TOPICS = 31
"""So many pairs of bits fit into a column."""


def zones_in_use(db: Database) -> list[str]:
    """The time zones of all chats that can be written to."""
    return [zone for (zone,) in db.rows("SELECT DISTINCT timezone FROM chats WHERE state = 'active'")]


def gather(db: Database, look: Look) -> list[Alike]:
    """Gather who hears of a look, into the table `hearers`, and say how they hear; until `let_go`.

    Belongs into the transaction of the look: what is gathered is true for as long as that lasts.
    """
    assert len(look.topics) <= _MOST_TOPICS
    db.execute(
        """CREATE TEMPORARY TABLE hearers (
               chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL, muted_until BIGINT, hearing TEXT NOT NULL,
               PRIMARY KEY (chat_id, thread_id))"""
    )
    if look.days:
        db.execute(_gathering(look), _values(look))
    return [_alike(hearing, look) for (hearing,) in db.rows("SELECT DISTINCT hearing FROM hearers")]


def let_go(db: Database) -> None:
    """Forget who heard of the look."""
    db.execute("DROP TABLE hearers")


_DAYS = "days (timezone, since) AS (VALUES {days})"

_WANTED = """
    wanted AS (
        SELECT chat_id, thread_id,
               sum(CASE topic {weights} END * CASE mode WHEN 'sound' THEN 1 ELSE 2 END) AS wants
        FROM subscriptions
        WHERE topic IN ({topics})
          AND NOT EXISTS (SELECT 1 FROM topic_mutes AS hushed
                          WHERE hushed.topic = subscriptions.topic AND hushed.until > :now
                            AND hushed.chat_id = subscriptions.chat_id
                            AND hushed.thread_id = subscriptions.thread_id)
        GROUP BY chat_id, thread_id)"""

_RECENT = """
    recent AS (
        SELECT chat_id, thread_id, {told} AS told
        FROM outbox JOIN told ON told.delivery_id = outbox.id
             JOIN changes ON changes.alert_id = told.alert_id
        WHERE outbox.kind IN ('alert', 'digest') AND outbox.created_at > :told_after
          AND changes.subject IN ({topics})
        GROUP BY chat_id, thread_id)"""

_WAITING = """
    waiting AS (
        SELECT chat_id, thread_id, {held} AS held
        FROM held JOIN changes ON changes.alert_id = held.alert_id
        WHERE outcome IS NULL GROUP BY chat_id, thread_id)"""

_COUNTED = """
    counted AS (
        SELECT chats.id, coalesce(daily_cap, :daily_cap) AS cap,
               CASE WHEN coalesce(daily_cap, :daily_cap) = 0 THEN 0
                    ELSE (SELECT count(*) FROM outbox
                          WHERE outbox.chat_id = chats.id AND outbox.kind = 'alert'
                            AND outbox.alert_id IS NOT NULL AND outbox.created_at >= days.since)
               END AS told_today
        FROM chats JOIN days ON days.timezone = chats.timezone WHERE state = 'active')"""

# What decides, in the order of `_alike`. The only text in it that others choose is the last one.
_HEARING = """
    CAST(wants AS TEXT)
    || '|' || CASE WHEN muted_until > :now THEN '' ELSE coalesce(told, '') END
    || '|' || CASE WHEN muted_until > :now THEN '' ELSE coalesce(held, '') END
    || '|' || CASE WHEN held IS NULL THEN '' ELSE 'held' END
    || '|' || CASE WHEN muted_until > :now THEN 'muted' ELSE '' END
    || '|' || CAST(cap AS TEXT)
    || '|' || CAST(CASE WHEN told_today >= cap THEN cap WHEN told_today + 1 = cap THEN told_today ELSE 0 END
                   AS TEXT)
    || '|' || CAST(verdict_always AS TEXT)
    || '|' || coalesce(quiet_from, '') || '|' || coalesce(quiet_until, '')
    || '|' || CASE WHEN kind = 'group' THEN 'supergroup' ELSE kind END
    || '|' || timezone || '|' || coalesce(language, '') || '|' || coalesce(app_language, '')"""

_GATHERING = f"""
    WITH {_DAYS}, {_WANTED}, {_RECENT}, {_WAITING}, {_COUNTED}
    INSERT INTO hearers (chat_id, thread_id, muted_until, hearing)
    SELECT wanted.chat_id, wanted.thread_id, muted_until, {_HEARING}
    FROM wanted JOIN chats ON chats.id = wanted.chat_id JOIN counted ON counted.id = chats.id
         LEFT JOIN recent ON recent.chat_id = wanted.chat_id AND recent.thread_id = wanted.thread_id
         LEFT JOIN waiting ON waiting.chat_id = wanted.chat_id AND waiting.thread_id = wanted.thread_id
    WHERE chats.state = 'active'
    ORDER BY wanted.chat_id, wanted.thread_id"""  # noqa: S608  # of the texts above


def _gathering(look: Look) -> str:
    """The statement that fills `hearers`. Whatever comes from outside is among its values."""
    topics = range(len(look.topics))
    return _GATHERING.format(
        days=", ".join(f"(:zone{n}, CAST(:day{n} AS BIGINT))" for n in range(len(look.days))),
        topics=", ".join(f":topic{n}" for n in topics),
        weights=" ".join(f"WHEN :topic{n} THEN {1 << _BITS * n}" for n in topics),
        told=_by_topic(look, "CAST(outbox.created_at AS TEXT)"),
        held=_by_topic(look, "CAST(held.until AS TEXT) || ' ' || held.reason"),
    )


def _by_topic(look: Look, value: str) -> str:
    """The latest of a text that begins with a moment, of each topic, with commas between."""
    latest = (
        f"coalesce(max(CASE changes.subject WHEN :topic{n} THEN {value} END), '')"
        for n in range(len(look.topics))
    )
    return " || ',' || ".join(latest)


def _values(look: Look) -> dict[str, object]:
    return {
        "now": to_ms(look.now),
        "told_after": to_ms(look.told_after),
        "daily_cap": look.daily_cap,
        **{f"topic{n}": topic for n, topic in enumerate(look.topics)},
        **{f"zone{n}": zone for n, zone in enumerate(look.days)},
        **{f"day{n}": to_ms(day) for n, day in enumerate(look.days.values())},
    }


def _alike(hearing: str, look: Look) -> Alike:
    fields = hearing.split("|", _FIELDS - 1)
    wants, told, held, has_held, muted, cap, told_today, always, *choices = fields
    quiet_from, quiet_until, kind, timezone, language, app_language = choices
    chat = ChatRow(
        id=0,
        kind=cast("ChatKind", kind),
        title="",
        language=language or None,
        timezone=timezone,
        state="active",
        muted_until=look.now + _LATER if muted else None,
        not_before=None,
        created_at=look.now,
        reason=None,
        app_language=app_language or None,
        quiet_from=time.fromisoformat(quiet_from) if quiet_from else None,
        quiet_until=time.fromisoformat(quiet_until) if quiet_until else None,
        verdict_always=always == "1",
    )
    return Alike(
        hearing,
        chat,
        wants=_wants(int(wants), look.topics),
        told={topic: from_ms(int(text)) for topic, text in _of_topics(told, look)},
        held={topic: _hold(text) for topic, text in _of_topics(held, look)},
        has_held=bool(has_held),
        cap=int(cap),
        told_today=int(told_today),
    )


def _wants(bits: int, topics: Sequence[str]) -> dict[str, Mode]:
    modes = {topic: bits >> _BITS * n & 3 for n, topic in enumerate(topics)}
    return {topic: _MODES[mode - 1] for topic, mode in modes.items() if mode}


def _of_topics(texts: str, look: Look) -> Iterator[tuple[str, str]]:
    """What `_by_topic` wrote, without the topics of which there is nothing."""
    pairs = zip(look.topics, texts.split(","), strict=False)
    return ((topic, text) for topic, text in pairs if text)


def _hold(text: str) -> tuple[str, datetime]:
    until_ms, _, reason = text.partition(" ")
    return reason, from_ms(int(until_ms))
