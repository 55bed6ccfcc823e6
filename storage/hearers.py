"""Who hears of a look, gathered by how they hear: of a hundred thousand places most hear alike.

    subscriptions, chats, what was told, what is held -> `hearers`, a row a place -> the hearings there are

All that a decision and its words depend on stands in one text a place, its *hearing*. Places with the same
hearing are decided for once; `storage.fanout` then writes the rows of all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from signals.moments import from_ms, to_ms
from storage.chats import ChatKind, ChatRow, Mode
from storage.database import Database
from storage.outbox import ACTIVE_AT
from storage.told_late import forget_told_late, latest_by_topic, note_told_late


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
    not that of the others. `cap` is 0 where it is far away, and what it is where the next alert reaches it.
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
_KINDS: tuple[ChatKind, ...] = ("private", "channel", "supergroup")
_FIELDS = 8
_LATER = timedelta(milliseconds=1)
_MOST_TOPICS = 28
"""So many pairs of bits fit into a number beside what else is in it."""


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
               chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL, muted_until BIGINT,
               active_at BIGINT NOT NULL, hearing TEXT NOT NULL)"""
    )
    db.execute("CREATE TEMPORARY TABLE days (timezone TEXT PRIMARY KEY, since BIGINT NOT NULL)")
    days = [(zone, to_ms(day)) for zone, day in look.days.items()]
    db.execute_many("INSERT INTO days VALUES (?, ?)", days)
    is_told_late = note_told_late(db, look.topics, look.told_after)
    looks, first_id = _looks_since(db, min(look.days.values(), default=look.now))
    is_held = _note_held(db, look.topics)
    sql = _gathering(look, is_told_late=is_told_late, is_held=is_held, looks=looks)
    told_at_most = looks * _most_threads_of_a_person(db)
    with db.wholesale():
        db.execute(sql, {**_values(look), "told_at_most": told_at_most, "first_today": first_id})
    for table in ("days", "held_now"):
        db.execute(f"DROP TABLE {table}")
    forget_told_late(db)
    return [_alike(hearing, look) for (hearing,) in db.rows("SELECT DISTINCT hearing FROM hearers")]


def find_by_place(db: Database) -> None:
    """Let hearers be found by chat and thread fast: it costs a while, and many a look has no need of it."""
    db.execute("CREATE UNIQUE INDEX hearers_by_place ON hearers (chat_id, thread_id)")


def let_go(db: Database) -> None:
    """Forget who heard of the look."""
    db.execute("DROP TABLE hearers")


_WANTED = """
    wanted AS (
        SELECT chat_id, thread_id,
               sum(CASE topic {weights} END * CASE mode WHEN 'sound' THEN 1 ELSE 2 END) AS wants
        FROM subscriptions
        WHERE topic IN ({topics})
          AND (chat_id, thread_id, topic) NOT IN (SELECT chat_id, thread_id, topic FROM topic_mutes
                                                  WHERE topic IN ({topics}) AND until > :now)
        GROUP BY chat_id, thread_id)"""

_TOLD = "CASE WHEN chats.muted_until > :now THEN '' ELSE coalesce(told_late.told, '') END"
_JOINED_TO_TOLD = """LEFT JOIN told_late ON told_late.chat_id = wanted.chat_id
                                        AND told_late.thread_id = wanted.thread_id"""

_HELD = """
    CASE WHEN held_now.held IS NULL THEN '' WHEN chats.muted_until > :now THEN 'held'
         ELSE 'held' || held_now.held END"""
_JOINED_TO_HELD = """LEFT JOIN held_now ON held_now.chat_id = wanted.chat_id
                                       AND held_now.thread_id = wanted.thread_id"""

_CAP = """
    CASE WHEN coalesce(chats.daily_cap, :daily_cap) = 0
              OR (chats.kind = 'private' AND coalesce(chats.daily_cap, :daily_cap) > :told_at_most + 1)
         THEN ''
         ELSE
        (SELECT CASE WHEN count(*) >= coalesce(chats.daily_cap, :daily_cap) THEN 'reached'
                     WHEN count(*) + 1 = coalesce(chats.daily_cap, :daily_cap) THEN CAST(count(*) + 1 AS TEXT)
                     ELSE '' END
         FROM outbox
         WHERE outbox.chat_id = wanted.chat_id AND outbox.id >= :first_today
           AND (SELECT count(*) FROM letters WHERE letters.id = outbox.letter_id
                  AND letters.created_at >= days.since AND letters.kind = 'alert') = 1) END"""

# Where nobody was told anything today.
_CAP_OF_NONE = "CASE coalesce(chats.daily_cap, :daily_cap) WHEN 1 THEN '1' ELSE '' END"

# What decides, in the order of `_alike`, and in as few words as it takes: it is written for every place, and
# the numbers and texts of it cost more than finding them. The only text that others choose is the last one.
_GATHERING = f"""
    WITH {_WANTED}
    INSERT INTO hearers (chat_id, thread_id, muted_until, active_at, hearing)
    SELECT wanted.chat_id, wanted.thread_id, chats.muted_until, {ACTIVE_AT},
           CAST(wants * 16 + CASE chats.kind WHEN 'private' THEN 0 WHEN 'channel' THEN 4 ELSE 8 END
                + chats.verdict_always * 2 + CASE WHEN chats.muted_until > :now THEN 1 ELSE 0 END AS TEXT)
           || '|' || {{told_of}} || '|' || {{held_of}} || '|' || {{cap_of}}
           || CASE WHEN chats.quiet_from IS NULL THEN '|'
                   ELSE '|' || chats.quiet_from || '-' || chats.quiet_until END
           || '|' || chats.timezone
           || '|' || coalesce(chats.language, '') || '|' || coalesce(chats.app_language, '')
    FROM wanted CROSS JOIN chats LEFT JOIN days ON days.timezone = chats.timezone
         {{joined_to_told}} {{joined_to_held}}
    WHERE chats.id = wanted.chat_id AND chats.state = 'active'
    ORDER BY wanted.chat_id, wanted.thread_id"""  # noqa: S608  # of the texts above


def _gathering(look: Look, *, is_told_late: bool, is_held: bool, looks: int) -> str:
    """The statement that fills `hearers`. Whatever comes from outside is among its values.

    Where nobody was told of it of late, or nothing is held from anybody, no place is asked for it.
    """
    names = {
        "topics": ", ".join(f":topic{n}" for n in range(len(look.topics))),
        "weights": " ".join(f"WHEN :topic{n} THEN {1 << _BITS * n}" for n in range(len(look.topics))),
    }
    asked = {
        "told_of": _TOLD if is_told_late else "''",
        "joined_to_told": _JOINED_TO_TOLD if is_told_late else "",
        "held_of": _HELD if is_held else "''",
        "joined_to_held": _JOINED_TO_HELD if is_held else "",
        "cap_of": _CAP if looks else _CAP_OF_NONE,
    }
    return _GATHERING.format(**{name: text.format_map(names) for name, text in asked.items()}, **names)


def _looks_since(db: Database, since: datetime) -> tuple[int, int]:
    """How many times chats were told alerts, and the number from which on those deliveries are.

    No thread was told more often, for each look is one message.
    """
    [(looks, first_id)] = db.rows(
        """SELECT count(DISTINCT first_id), coalesce(min(first_id), 0) FROM letters
           WHERE created_at >= ? AND kind = 'alert'""",
        (to_ms(since),),
    )
    return looks, first_id


def _most_threads_of_a_person(db: Database) -> int:
    """In how many threads of a private chat alerts are heard, at most; a person has a number above 0."""
    [(most,)] = db.rows(
        """SELECT coalesce(max(threads), 0)
           FROM (SELECT count(DISTINCT thread_id) AS threads FROM subscriptions
                 WHERE thread_id <> 0 AND chat_id > 0 GROUP BY chat_id) AS by_chat"""
    )
    return 1 + int(most)


def _note_held(db: Database, topics: Sequence[str]) -> bool:
    """What is held back from each place of these topics, into `held_now`; whether anything is."""
    db.execute(
        """CREATE TEMPORARY TABLE held_now (
               chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL, held TEXT NOT NULL,
               PRIMARY KEY (chat_id, thread_id))"""
    )
    if db.row("SELECT 1 FROM held WHERE outcome IS NULL AND until > 0 LIMIT 1") is None:
        return False
    held = latest_by_topic(len(topics), "changes.subject", "CAST(held.until AS TEXT) || ' ' || held.reason")
    with db.wholesale():
        # A cross join is a join in this order: from what is held to what that is about.
        db.execute(
            f"""INSERT INTO held_now (chat_id, thread_id, held)
                SELECT held.chat_id, held.thread_id, {held}
                FROM held CROSS JOIN changes
                WHERE held.outcome IS NULL AND changes.alert_id = held.alert_id
                GROUP BY held.chat_id, held.thread_id""",  # noqa: S608  # names from here
            {f"topic{n}": topic for n, topic in enumerate(topics)},
        )
    return True


def _values(look: Look) -> dict[str, object]:
    return {
        "now": to_ms(look.now),
        "told_after": to_ms(look.told_after),
        "daily_cap": look.daily_cap,
        **{f"topic{n}": topic for n, topic in enumerate(look.topics)},
    }


def _alike(hearing: str, look: Look) -> Alike:
    number, told, held, near, quiet, timezone, language, app_language = hearing.split("|", _FIELDS - 1)
    wants, choices = divmod(int(number), 16)
    quiet_from, _, quiet_until = quiet.partition("-")
    chat = ChatRow(
        id=0,
        kind=_KINDS[choices >> 2],
        title="",
        language=language or None,
        timezone=timezone,
        state="active",
        muted_until=look.now + _LATER if choices & 1 else None,
        not_before=None,
        created_at=look.now,
        reason=None,
        app_language=app_language or None,
        quiet_from=time.fromisoformat(quiet_from) if quiet_from else None,
        quiet_until=time.fromisoformat(quiet_until) if quiet_until else None,
        verdict_always=bool(choices & 2),
    )
    return Alike(
        hearing,
        chat,
        wants=_wants(wants, look.topics),
        told={topic: from_ms(int(text)) for topic, text in _of_topics(told, look)},
        held={topic: _hold(text) for topic, text in _of_topics(held.removeprefix("held"), look)},
        has_held=bool(held),
        **_cap(near),
    )


def _cap(near: str) -> dict[str, int]:
    """A cap that is far away says nothing, and one that is reached holds, however high it is."""
    if not near:
        return {"cap": 0, "told_today": 0}
    return (
        {"cap": 1, "told_today": 1} if near == "reached" else {"cap": int(near), "told_today": int(near) - 1}
    )


def _wants(bits: int, topics: Sequence[str]) -> dict[str, Mode]:
    modes = {topic: bits >> _BITS * n & 3 for n, topic in enumerate(topics)}
    return {topic: _MODES[mode - 1] for topic, mode in modes.items() if mode}


def _of_topics(texts: str, look: Look) -> Iterator[tuple[str, str]]:
    """What `latest_by_topic` wrote, without the topics of which there is nothing."""
    pairs = zip(look.topics, texts.split(","), strict=False)
    return ((topic, text) for topic, text in pairs if text)


def _hold(text: str) -> tuple[str, datetime]:
    until_ms, _, reason = text.partition(" ")
    return reason, from_ms(int(until_ms))
