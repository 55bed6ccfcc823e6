"""Telling: from alerts to deliveries, each chat decided for itself.

news -> who hears of it -> decide -> compose, once a language and time zone -> deliveries
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.answering import answered_alerts
from bot.desk import Desk
from signals.conditions import Change
from signals.engine import Standings
from signals.policy import Hearing, decide
from storage.chats import DEFAULT_TIMEZONE, ChatRow, is_group, subscribers
from storage.outbox import Buttons, Delivery
from storage.topic_mutes import places_without

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Changes of one moment that are worth an alert, and where everything stood before and after."""

    alert_id: int
    changes: Sequence[Change]
    before: Standings
    after: Standings


Compose = Callable[[ChatRow, News], tuple[str, Buttons]]
"""The text and buttons of an alert, in a chat's language and time zone, and as its being a group asks."""

ALERT_LIFETIME = timedelta(hours=24)
"""An alert that could not be delivered for so long is not news any more."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """A thread of a chat that hears of some of the news."""

    chat: ChatRow
    thread_id: int
    hearing: Hearing


class Telling:
    """Tells every chat of the news that it wants to hear."""

    def __init__(self, desk: Desk, compose: Compose) -> None:
        self._desk = desk
        self._compose = compose

    def deliveries(self, news: Iterable[News]) -> Iterator[Delivery]:
        """What is to be sent, for alerts that were raised in one look.

        Raises:
            StorageError: who hears of it cannot be read.
        """
        for each in news:
            yield from self._deliveries(each)

    def _deliveries(self, news: News) -> Iterator[Delivery]:
        now = self._desk.now
        # A thousand chats are spoken to in a handful of ways, and finding words is the slowest step of all.
        written: dict[Hashable, tuple[str, Buttons] | None] = {}
        answered = answered_alerts(self._desk.db, news.changes)
        for listener in self._listeners({change.id for change in news.changes}):
            chat = listener.chat
            decision = decide(news.changes, listener.hearing, now)
            if not decision.tell:
                log.debug("alert A-%d: chat %d is not told: %s", news.alert_id, chat.id, decision.reason)
                continue
            voice = chat.language, chat.app_language, chat.timezone, is_group(chat)
            if voice not in written:
                written[voice] = self._written(chat, news)
            if (words := written[voice]) is None:
                continue
            text, buttons = words
            yield Delivery(
                chat_id=chat.id,
                thread_id=listener.thread_id,
                alert_id=news.alert_id,
                kind="alert",
                text=text,
                buttons=buttons,
                silent=decision.silent,
                created_at=now,
                expires_at=now + ALERT_LIFETIME,
                answers_alert=answered.get((chat.id, listener.thread_id)),
            )

    def _written(self, chat: ChatRow, news: News) -> tuple[str, Buttons] | None:
        """An alert in the words of a chat, else in the usual ones: better those than to hear nothing."""
        usual = replace(chat, language=None, app_language=None, timezone=DEFAULT_TIMEZONE)
        for reader in (chat, usual):
            try:
                return self._compose(reader, news)
            except Exception:
                # The last resort: a bug in the words of one chat must neither silence the others nor, by
                # undoing the whole look, keep the bot from ever getting past this change.
                log.exception("Bug: alert A-%d cannot be put into words for chat %d", news.alert_id, chat.id)
        return None

    def _listeners(self, topics: Iterable[str]) -> Iterable[_Listener]:
        found: dict[tuple[int, int], _Listener] = {}
        for topic in topics:
            muted = places_without(self._desk.db, topic, self._desk.now)
            for chat, thread_id, mode in subscribers(self._desk.db, topic):
                place = chat.id, thread_id
                if place in muted:
                    log.debug("chat %d is not told of %s: it muted this topic", chat.id, topic)
                    continue
                listener = found.setdefault(place, _Listener(chat, thread_id, Hearing({}, chat.muted_until)))
                listener.hearing.topics[topic] = mode
        return found.values()
