"""What chats are still to be told of their own rules: a few at a time, for everybody else waits meanwhile.

    fired and not told yet | over | cannot be judged -> the next few -> deliveries, and that they were told

Thousands of rules stand on the same round number. Nothing of what waits lives in memory alone: that a firing
was not told stands with its rule, and what is over or blind is found again by the next look.
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.own.kept import is_over, rule_of
from bot.own.telling import OwnTelling, Told, home_of
from bot.telling.listeners import quiet_hours
from bot.words.own_news import Blind, Fired
from signals.own.misread import Misread
from signals.own.rule import Rule
from signals.policy import Hearing, hush
from storage import own_alerts, own_firings
from storage.outbox import enqueue
from storage.own_alerts import OwnAlert
from storage.own_firings import Silence

log = logging.getLogger(__name__)

MOST_AT_ONCE = 25
"""So many rules in one go, which takes a fiftieth of a second."""

_T = TypeVar("_T", Blind, tuple[int, Rule])


class Done(NamedTuple):
    """What was done in one go: messages queued, and the rules that were said to be over or blind."""

    queued: int
    over: list[int]
    blind: list[int]


class OwnBacklog:
    """Tells it, the oldest chats first."""

    def __init__(self, desk: Desk, telling: OwnTelling) -> None:
        self._desk = desk
        self._telling = telling
        self.clear()

    def __len__(self) -> int:
        return len(self._fired) + len(self._over) + len(self._blind)

    def clear(self) -> None:
        """Forget what waits: it is found again."""
        self._fired: deque[int] = deque()
        self._over: deque[Told[tuple[int, Rule]]] = deque()
        self._blind: deque[Told[Blind]] = deque()
        self._rules: dict[int, Rule] = {}

    def fill(
        self,
        fired: Mapping[int, Rule],
        over: Iterable[Told[tuple[int, Rule]]],
        blind: Iterable[Told[Blind]],
    ) -> None:
        """After a look: all that waits now. `fired` are rules that need not be read from their text again."""
        waiting = own_firings.waiting_chats(self._desk.db)
        now = self._desk.now
        free = chain.from_iterable(ids for silence, ids in waiting if not _is_silent(silence, now))
        self._fired = deque(sorted(free))
        self._over = deque(sorted(over, key=itemgetter(0)))
        self._blind = deque(sorted(blind, key=itemgetter(0)))
        self._rules = {**self._rules, **fired} if self._fired else {}

    def tell_some(self) -> Done:
        """The next few of it, in one transaction.

        Raises:
            StorageError: nothing was stored.
        """
        db = self._desk.db
        with db.transaction():
            fired = self._take_fired()
            over = self._take_over(MOST_AT_ONCE - len(fired))
            for _, (id_, _rule) in over:
                own_alerts.set_state(db, id_, "done")
            blind = self._take_blind(MOST_AT_ONCE - len(fired) - len(over))
            told = self._telling.fired(fired), self._telling.over(over), self._telling.blind(blind)
            queued = enqueue(db, list(chain(*told)))
        return Done(queued, [id_ for _, (id_, _) in over], [each.id for _, each in blind])

    def _take_fired(self) -> list[Told[Fired]]:
        """All that waits in the next few chats: what fired in one of them is one message."""
        db, rules = self._desk.db, list[OwnAlert]()
        while self._fired and len(rules) < MOST_AT_ONCE:
            chat_id = self._fired.popleft()
            # It may have been muted since the look.
            if not self._telling.is_hushed(chat_id):
                rules += own_firings.held_back(db, chat_id)
        own_firings.release(db, [own.id for own in rules])
        return [
            (home_of(own), Fired(own.id, rule, own.held.at, own.held.values, own.fired))
            for own in rules
            if own.held is not None and (rule := self._rule(own)) is not None
        ]

    def _take_over(self, most: int) -> list[Told[tuple[int, Rule]]]:
        """Some whose time is up. One that was given more of it, paused or deleted since the look is none."""
        some = dict(news for _, news in _taken(self._over, most))
        return [
            (home_of(own), (own.id, rule))
            for own in own_alerts.read_rules(self._desk.db, some)
            if own.state == "armed" and is_over(rule := rule_of(own), self._desk.now)
        ]

    def _take_blind(self, most: int) -> list[Told[Blind]]:
        """Some that rest, and are still armed; who is muted hears of it later, if it is still so."""
        db = self._desk.db
        some = {blind.id: blind for _, blind in _taken(self._blind, most)}
        owned = own_alerts.read_rules(db, some)
        news = [own for own in owned if own.state == "armed" and not self._telling.is_hushed(own.chat_id)]
        own_alerts.note_blind(db, [own.id for own in news], self._desk.now)
        return [(home_of(own), some[own.id]) for own in news]

    def _rule(self, own: OwnAlert) -> Rule | None:
        try:
            return self._rules.pop(own.id, None) or rule_of(own)
        except Misread:
            log.exception("Bug: rule R-%d fired and cannot be read: %s", own.id, own.text)
            return None


def _is_silent(silence: Silence, now: datetime) -> bool:
    hours = quiet_hours(silence.quiet_from, silence.quiet_until)
    hearing = Hearing({}, silence.muted_until, quiet_hours=hours, zone=ZoneInfo(silence.timezone))
    return hush(hearing, now) is not None


def _taken(waiting: deque[Told[_T]], most: int) -> list[Told[_T]]:
    """The next few, and the rest of what belongs to the last one's thread: it is one message."""
    some: list[Told[_T]] = []
    while waiting and (len(some) < most or (some and waiting[0][0] == some[-1][0])):
        some.append(waiting.popleft())
    return some
