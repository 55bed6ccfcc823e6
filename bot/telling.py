"""Telling: from alerts to deliveries, each chat decided for itself.

news -> who hears of it -> decide -> held | compose, once a language and time zone -> one delivery

What one look found is one message for a thread, the most urgent first. What is held back is stored at once,
so all of this belongs into the transaction of the changes; `bot.digests` tells it later.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answering import answered_alerts
from bot.desk import Desk
from bot.listeners import Listener, listeners
from bot.words.merged import merged
from bot.words.texts import Html
from bot.words.wording import wording_for
from signals.conditions import Change
from signals.engine import Standings
from signals.policy import Decision, Hold, decide, heard, loudness, urgency
from signals.summing import Sum, Told, sum_up, untangled
from storage.alerts import read_alert
from storage.chats import DEFAULT_TIMEZONE, ChatRow, is_group, read_subscriptions
from storage.held import HeldRow, Place, hold, read_open, settle
from storage.kinds import KINDS
from storage.outbox import Buttons, Delivery

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

ALERT_LIFETIME = KINDS["alert"].lifetime
"""An alert that could not be delivered for so long is not news any more."""

SUPERSEDED, FLAPPED, UNSPEAKABLE = "superseded", "flapped", "unspeakable"
"""What becomes of an alert that is not told: a newer one says more, it went to and fro, it has no words."""


class Telling:
    """Tells every chat of the news that it wants to hear."""

    def __init__(self, desk: Desk, compose: Compose) -> None:
        self._desk = desk
        self._compose = compose

    def deliveries(self, news: Iterable[News]) -> Iterator[Delivery]:
        """What is to be sent, for alerts that were raised in one look. What is held back is stored.

        Raises:
            StorageError: who hears of it cannot be read, or what is held cannot be stored.
        """
        news = list(news)
        # A thousand chats are spoken to in a handful of ways, and finding words is the slowest step of all.
        words = _Words(self._compose)
        answered = {each.alert_id: answered_alerts(self._desk.db, each.changes) for each in news}
        topics = {change.id for each in news for change in each.changes}
        for listener in listeners(self._desk, topics) if news else ():
            yield from (_answering(d, answered) for d in self._to(listener, news, words))

    def _to(self, listener: Listener, news: Sequence[News], words: "_Words") -> Iterator[Delivery]:
        """At most one delivery: what one thread is told now."""
        ready, held = self._decided(listener, news)
        alerts = [Told(each.alert_id, each.changes) for each in ready]
        total = untangled(sum_up(alerts, listener.hearing.topics))
        by_id = {each.alert_id: each for each in ready}
        chosen = dict.fromkeys(course.alert_ids[-1] for course in total.news)
        composed = {id_: words.of(listener.chat, by_id[id_]) for id_ in chosen}
        said = {id_: each for id_, each in composed.items() if each is not None}
        held += [
            self._not_told(listener, id_, _why_not(id_, composed, total)) for id_ in by_id if id_ not in said
        ]
        if held:
            hold(self._desk.db, held)
        if said:
            self._settle_outdone(listener, [by_id[id_] for id_ in said])
            yield self._delivery(listener, said, total)

    def _delivery(self, listener: Listener, said: Mapping[int, tuple[str, Buttons]], total: Sum) -> Delivery:
        """Alerts in words, the most urgent first, as one message."""
        now, (first, *others) = self._desk.now, said
        silent, _ = loudness([course.last for course in total.news], listener.hearing.topics)
        return Delivery(
            chat_id=listener.chat.id,
            thread_id=listener.thread_id,
            alert_id=first,
            more_alerts=tuple(others),
            kind="alert",
            urgency=urgency(total.news[0].last),
            text=merged([*(Html(text) for text, _ in said.values()), *cap_note(listener, self._desk)]),
            buttons=said[first][1],
            silent=silent,
            created_at=now,
        )

    def _decided(self, listener: Listener, news: Sequence[News]) -> tuple[list[News], list[HeldRow]]:
        """What a thread may be told now, and what is held back from it."""
        ready: list[News] = []
        held: list[HeldRow] = []
        hearing = listener.hearing
        for each in news:
            decision = decide(each.changes, hearing, self._desk.now)
            if decision.tell:
                ready.append(each)
            elif decision.until is not None:
                held.append(self._held(listener, each.alert_id, decision.reason, decision.until))
                hearing = replace(hearing, held={**hearing.held, **_holds(each, decision)})
            else:
                log.debug(
                    "alert A-%d: chat %d is not told: %s", each.alert_id, listener.chat.id, decision.reason
                )
        return ready, held

    def _held(self, listener: Listener, alert_id: int, reason: str, until: datetime) -> HeldRow:
        chat_id, thread_id = listener.place
        return HeldRow(
            chat_id=chat_id,
            thread_id=thread_id,
            alert_id=alert_id,
            reason=reason,
            held_at=self._desk.now,
            until=until,
        )

    def _not_told(self, listener: Listener, alert_id: int, why: str) -> HeldRow:
        return replace(self._held(listener, alert_id, why, self._desk.now), outcome=why)

    def _settle_outdone(self, listener: Listener, told: Sequence[News]) -> None:
        """What was held of the very subjects that are told now is not told again."""
        if not listener.hearing.held:
            return
        db, (chat_id, thread_id) = self._desk.db, listener.place
        newest = {change.id: each.alert_id for each in told for change in each.changes}
        # Of the topics of this look alone the listener knows; what is held may be about others.
        topics = read_subscriptions(db, chat_id, thread_id=thread_id)
        for row in read_open(db, listener.place):
            alert = read_alert(db, row.alert_id)
            mine = heard(alert.changes, topics) if alert else []
            if all(newest.get(change.id, 0) > row.alert_id for change in mine):
                settle(db, row, SUPERSEDED)


class _Words:
    """Alerts in words, each once for all chats that are spoken to alike."""

    def __init__(self, compose: Compose) -> None:
        self._compose = compose
        self._written: dict[Hashable, tuple[str, Buttons] | None] = {}

    def of(self, chat: ChatRow, news: News) -> tuple[str, Buttons] | None:
        """The text and buttons of an alert for a chat; None where no words are found at all."""
        voice = chat.language, chat.app_language, chat.timezone, is_group(chat), news.alert_id
        if voice not in self._written:
            self._written[voice] = self._write(chat, news)
        return self._written[voice]

    def _write(self, chat: ChatRow, news: News) -> tuple[str, Buttons] | None:
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


def _answering(delivery: Delivery, answered: Mapping[int, Mapping[Place, int]]) -> Delivery:
    """With the alert that it takes back: of several the one that the most urgent one does."""
    place, alert_ids = (delivery.chat_id, delivery.thread_id), (delivery.alert_id or 0, *delivery.more_alerts)
    taken_back = (answered[alert_id].get(place) for alert_id in alert_ids)
    return replace(delivery, answers_alert=next(filter(None, taken_back), None))


def cap_note(listener: Listener, desk: Desk) -> list[Html]:
    """That the daily cap is reached, where the next alert is the last one that fits below it."""
    hearing = listener.hearing
    if hearing.cap == 0 or hearing.told_today + 1 != hearing.cap:
        return []
    return [wording_for(listener.chat, desk.now)("cap.reached", n=hearing.cap)]


def _why_not(alert_id: int, composed: Mapping[int, object], total: Sum) -> str:
    """Why an alert that nothing holds is not told all the same."""
    if alert_id in composed:
        return UNSPEAKABLE
    went_back = any(alert_id in course.alert_ids for course in total.back)
    return FLAPPED if went_back else SUPERSEDED


def _holds(news: News, decision: Decision) -> dict[str, Hold]:
    """What is held of each subject from now on: what follows in this look is held with it."""
    assert decision.until is not None
    return {change.id: Hold(decision.reason, decision.until) for change in news.changes}
