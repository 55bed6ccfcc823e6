"""Who listens: every thread of a chat, with what it wants to hear and what it heard of late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.settings import Settings
from signals.policy import Hearing, Hold, Reason
from signals.quiet_hours import QuietHours, day_start
from storage.chats import ChatRow, read_chat, read_subscriptions
from storage.database import Database
from storage.hearers import Alike, Look, gather, zones_in_use
from storage.held import Place, held_subjects
from storage.told import count_alerts, last_told
from storage.topic_mutes import is_muted


@dataclass(frozen=True, slots=True)
class Listener:
    """A thread of a chat, and how it hears."""

    chat: ChatRow
    thread_id: int
    hearing: Hearing

    @property
    def place(self) -> Place:
        """By what storage knows it."""
        return self.chat.id, self.thread_id


@dataclass(frozen=True, slots=True)
class Listeners:
    """All threads of chats that hear alike: told the same in the same words, or held back for the same.

    `chat` stands for theirs. `alike` is what storage knows them by.
    """

    chat: ChatRow
    hearing: Hearing
    alike: str
    has_held: bool


def listeners_of(desk: Desk, topics: Iterable[str]) -> list[Listeners]:
    """Everybody who hears of any of these topics; of what else they hear is not known to their hearing.

    Raises:
        StorageError: who that is cannot be read.
    """
    now, cooldown = desk.now, timedelta(minutes=desk.settings.cooldown_minutes)
    look = Look(
        topics=sorted(topics),
        now=now,
        told_after=now - cooldown,
        days={zone: day_start(now, ZoneInfo(zone)) for zone in zones_in_use(desk.db)},
        daily_cap=desk.settings.daily_cap,
    )
    return [Listeners(a.chat, _hearing(a, cooldown), a.hearing, a.has_held) for a in gather(desk.db, look)]


def _hearing(alike: Alike, cooldown: timedelta) -> Hearing:
    return Hearing(
        dict(alike.wants),
        muted_until=alike.chat.muted_until,
        quiet_hours=quiet_hours_of(alike.chat),
        zone=ZoneInfo(alike.chat.timezone),
        verdict_always=alike.chat.verdict_always,
        cap=alike.cap,
        told_today=alike.told_today,
        cooldown=cooldown,
        last_told=alike.told,
        held=_holds(alike.held),
    )


def listener_at(desk: Desk, place: Place) -> Listener:
    """A thread of a chat that is known, with all that it hears of.

    Raises:
        StorageError: it cannot be read.
    """
    (chat_id, thread_id), db, now = place, desk.db, desk.now
    chat = read_chat(db, chat_id)
    assert chat is not None
    topics = {
        topic: mode
        for topic, mode in read_subscriptions(db, chat_id, thread_id=thread_id).items()
        if not is_muted(db, place, topic, now)
    }
    cooldown = timedelta(minutes=desk.settings.cooldown_minutes)
    hearing = Hearing(
        dict(topics),
        muted_until=chat.muted_until,
        quiet_hours=quiet_hours_of(chat),
        zone=ZoneInfo(chat.timezone),
        verdict_always=chat.verdict_always,
        cap=cap_of(chat, desk.settings),
        told_today=told_today(db, chat, now),
        cooldown=cooldown,
        last_told=last_told(db, place, now - cooldown),
        held=_holds(held_subjects(db, place)),
    )
    return Listener(chat, thread_id, hearing)


def _holds(held: Mapping[str, tuple[str, datetime]]) -> dict[str, Hold]:
    return {subject: Hold(Reason(reason), until) for subject, (reason, until) in held.items()}


def cap_of(chat: ChatRow, settings: Settings) -> int:
    """How many alerts a day a chat gets at most; 0: no cap."""
    return settings.daily_cap if chat.daily_cap is None else chat.daily_cap


def quiet_hours_of(chat: ChatRow) -> QuietHours | None:
    """The quiet hours that a chat chose."""
    return quiet_hours(chat.quiet_from, chat.quiet_until)


def quiet_hours(begin: time | None, end: time | None) -> QuietHours | None:
    """The hours between two times of day; None where there are none."""
    return None if begin is None or end is None else QuietHours(begin, end)


def in_quiet_hours(chat: ChatRow, now: datetime) -> bool:
    """Whether it is quiet in a chat at a moment."""
    hours = quiet_hours_of(chat)
    return hours is not None and hours.end_of(now, ZoneInfo(chat.timezone)) is not None


def told_today(db: Database, chat: ChatRow, now: datetime) -> int:
    """How many alerts a chat has got on the day that it is there."""
    return count_alerts(db, chat.id, day_start(now, ZoneInfo(chat.timezone)))
