"""Telling: from alerts to deliveries, decided once for all who hear alike, however many they are.

news -> who hears of it, and how -> decide -> held | compose -> one message for all who hear alike

What one look found is one message for a thread, the most urgent first. What is held back is stored at once,
so all of this belongs into the transaction of the changes; `bot.telling.digests` tells it later.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from bot.desk import Desk
from bot.telling.answering import turns_of
from bot.telling.listeners import Listeners, listeners_of
from bot.words.merged import merged
from bot.words.texts import Html
from bot.words.wording import spoken_in, wording_for
from signals.conditions import Change
from signals.engine import Standings
from signals.policy import Decision, Hearing, Hold, decide, is_worth_telling, loudness, urgency
from signals.summing import Sum, Told, sum_up, untangled
from storage.alerts import read_alert
from storage.chats import DEFAULT_TIMEZONE, ChatRow, is_group
from storage.fanout import Message, Withheld, fold_up, held_alerts, lay_out, settle_held, spread, withhold
from storage.hearers import find_by_place, let_go
from storage.kinds import KINDS
from storage.letters import Buttons
from storage.turns import forget_turns, note_turns

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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What all that hear alike are told of a look, if anything, and what is held back from them."""

    message: Message | None
    withheld: Sequence[Withheld]


class Telling:
    """Tells every chat of the news that it wants to hear."""

    def __init__(self, desk: Desk, compose: Compose) -> None:
        self._desk = desk
        self._compose = compose

    def tell(self, news: Sequence[News]) -> int:
        """Queue what is to be sent for alerts that were raised in one look, and hold back the rest; how many.

        Raises:
            StorageError: who hears of it cannot be read, or what comes of it cannot be stored.
        """
        if not news:
            return 0
        with self._desk.db.roomy():
            return self._tell(news)

    def _tell(self, news: Sequence[News]) -> int:
        db, now = self._desk.db, self._desk.now
        # A hundred thousand chats hear in some dozens of ways, and are spoken to in fewer: each is worked out
        # once, for finding words is the slowest step of all.
        words = _Words(self._compose)
        topics = {change.id for each in news for change in each.changes}
        outcomes = [self._outcome(each, news, words) for each in listeners_of(self._desk, topics)]
        withhold(db, chain.from_iterable(each.withheld for each in outcomes), now)
        messages = [each.message for each in outcomes if each.message is not None]
        turns = turns_of(db, [(each.alert_id, each.changes) for each in news]) if messages else []
        if turns or any(each.has_held for each in messages):
            find_by_place(db)
        lay_out(db, messages, now)
        note_turns(db, turns)
        self._settle_outdone(messages, news)
        made = spread(db, answering=bool(turns))
        for forget in (fold_up, forget_turns, let_go):
            forget(db)
        return made

    def _outcome(self, listeners: Listeners, news: Sequence[News], words: "_Words") -> _Outcome:
        """At most one message: what all that hear alike are told now."""
        ready, held = self._decided(listeners, news)
        total = untangled(sum_up([Told(n.alert_id, n.changes) for n in ready], listeners.hearing.topics))
        by_id = {each.alert_id: each for each in ready}
        chosen = dict.fromkeys(course.alert_ids[-1] for course in total.news)
        composed = {id_: words.of(listeners.chat, by_id[id_]) for id_ in chosen}
        said = {id_: each for id_, each in composed.items() if each is not None}
        held += [
            self._not_told(listeners, id_, _why_not(id_, composed, total)) for id_ in by_id if id_ not in said
        ]
        return _Outcome(self._message(listeners, said, total) if said else None, held)

    def _message(self, listeners: Listeners, said: Mapping[int, tuple[str, Buttons]], total: Sum) -> Message:
        """Alerts in words, the most urgent first, as one message."""
        first = next(iter(said))
        silent, _ = loudness([course.last for course in total.news], listeners.hearing.topics)
        note = cap_note(listeners.chat, listeners.hearing, self._desk)
        return Message(
            listeners.alike,
            alert_ids=tuple(said),
            urgency=urgency(total.news[0].last),
            text=merged([*(Html(text) for text, _ in said.values()), *note]),
            buttons=said[first][1],
            silent=silent,
            has_held=listeners.has_held,
        )

    def _decided(self, listeners: Listeners, news: Sequence[News]) -> tuple[list[News], list[Withheld]]:
        """What those that hear alike may be told now, and what is held back from them."""
        ready: list[News] = []
        held: list[Withheld] = []
        hearing = listeners.hearing
        for each in news:
            decision = decide(each.changes, hearing, self._desk.now)
            if decision.tell:
                ready.append(each)
            elif decision.until is not None:
                held.append(Withheld(listeners.alike, each.alert_id, str(decision.reason), decision.until))
                hearing = replace(hearing, held={**hearing.held, **_holds(each, decision)})
            else:
                log.debug("alert A-%d: not told to %s: %s", each.alert_id, listeners.alike, decision.reason)
        return ready, held

    def _not_told(self, listeners: Listeners, alert_id: int, why: str) -> Withheld:
        return Withheld(listeners.alike, alert_id, why, self._desk.now, outcome=why)

    def _settle_outdone(self, messages: Iterable[Message], news: Sequence[News]) -> None:
        """What was held of the very subjects that are told now is not told again."""
        db = self._desk.db
        told_by = {tuple(message.alert_ids) for message in messages if message.has_held}
        for alert_id in held_alerts(db) if told_by else ():
            alert = read_alert(db, alert_id)
            changes = [change for change in alert.changes if is_worth_telling(change)] if alert else []
            for told in told_by:
                newest = {c.id: each.alert_id for each in news if each.alert_id in told for c in each.changes}
                beside = {change.id for change in changes if newest.get(change.id, 0) <= alert_id}
                settle_held(db, alert_id, told, beside, SUPERSEDED)


class _Words:
    """Alerts in words, each once for all chats that are spoken to alike."""

    def __init__(self, compose: Compose) -> None:
        self._compose = compose
        self._written: dict[Hashable, tuple[str, Buttons] | None] = {}

    def of(self, chat: ChatRow, news: News) -> tuple[str, Buttons] | None:
        """The text and buttons of an alert for a chat; None where no words are found at all."""
        language = spoken_in(chat.language, chat.app_language)
        voice = language, chat.timezone, is_group(chat), news.alert_id
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


def cap_note(chat: ChatRow, hearing: Hearing, desk: Desk) -> list[Html]:
    """That the daily cap is reached, where the next alert is the last one that fits below it."""
    if hearing.cap == 0 or hearing.told_today + 1 != hearing.cap:
        return []
    return [wording_for(chat, desk.now)("cap.reached", n=hearing.cap)]


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
