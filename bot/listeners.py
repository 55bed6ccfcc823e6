"""Who listens: every thread of a chat, with what it wants to hear and what it heard of late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.settings import Settings
from signals.policy import Hearing, Hold, Reason, Sound
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
        held={topic: Hold(Reason(reason), until) for topic, (reason, until) in alike.held.items()},
    )


def listener_at(desk: Desk, place: Place, past: "Past | None" = None) -> Listener:
    """A thread of a chat that is known, with all that it hears of. `past` saves reading it for each.

    Raises:
        StorageError: it cannot be read.
    """
    chat_id, thread_id = place
    chat = read_chat(desk.db, chat_id)
    assert chat is not None
    topics = {
        topic: mode
        for topic, mode in read_subscriptions(desk.db, chat_id, thread_id=thread_id).items()
        if not is_muted(desk.db, place, topic, desk.now)
    }
    return (past or Past(desk)).listener(chat, thread_id, topics)


def cap_of(chat: ChatRow, settings: Settings) -> int:
    """How many alerts a day a chat gets at most; 0: no cap."""
    return settings.daily_cap if chat.daily_cap is None else chat.daily_cap


def quiet_hours_of(chat: ChatRow) -> QuietHours | None:
    """The quiet hours that a chat chose."""
    if chat.quiet_from is None or chat.quiet_until is None:
        return None
    return QuietHours(chat.quiet_from, chat.quiet_until)


def in_quiet_hours(chat: ChatRow, now: datetime) -> bool:
    """Whether it is quiet in a chat at a moment."""
    hours = quiet_hours_of(chat)
    return hours is not None and hours.end_of(now, ZoneInfo(chat.timezone)) is not None


def told_today(db: Database, chat: ChatRow, now: datetime) -> int:
    """How many alerts a chat has got on the day that it is there."""
    return count_alerts(db, day_start(now, ZoneInfo(chat.timezone))).get(chat.id, 0)


class Past:
    """What everybody was told of late and what is held back from them: read once for a thousand listeners."""

    def __init__(self, desk: Desk) -> None:
        db, now = desk.db, desk.now
        self._settings = desk.settings
        self._cooldown = timedelta(minutes=desk.settings.cooldown_minutes)
        self._told = last_told(db, now - self._cooldown)
        self._held = held_subjects(db)
        self._counts = cache(lambda since: count_alerts(db, since))
        self._hours = cache(lambda zone: (ZoneInfo(zone), day_start(now, ZoneInfo(zone))))

    def listener(self, chat: ChatRow, thread_id: int, topics: dict[str, Sound]) -> Listener:
        """A thread of a chat that hears of these topics."""
        place = chat.id, thread_id
        zone, today = self._hours(chat.timezone)
        held = self._held.get(place, {})
        return Listener(
            chat,
            thread_id,
            Hearing(
                topics,
                muted_until=chat.muted_until,
                quiet_hours=quiet_hours_of(chat),
                zone=zone,
                verdict_always=chat.verdict_always,
                cap=cap_of(chat, self._settings),
                told_today=self._counts(today).get(chat.id, 0),
                cooldown=self._cooldown,
                last_told=self._told.get(place, {}),
                held={subject: Hold(Reason(reason), until) for subject, (reason, until) in held.items()},
            ),
        )
