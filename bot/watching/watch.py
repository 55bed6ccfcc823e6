"""The alert path, once around for every new fact.

    facts -> market -> judge -> changes -> news? -> alert -> decide per chat -> compose -> outbox

Changes, standings and deliveries are one transaction: killed at any moment, all of it happened or none did,
and the same facts lead to it again. The sender is woken after the commit.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import groupby

from bot.desk import Desk
from bot.reading import read_beside
from bot.telling.alerts import ALERT_LIFETIME, Compose, News, Telling
from signals.conditions import Change
from signals.engine import Standings, first_standings
from signals.facts import Fact
from signals.moments import from_ms, to_ms
from signals.policy import Reason, is_news, is_worth_telling
from signals.reread import caught_up
from signals.verdict import VERDICT
from storage.alerts import raise_alert, save_changes
from storage.market import load_market
from storage.standings import read_standings, save_standings

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=6)
"""How much of the market before ETH/BTC's window is looked at: enough for its oldest hour to have a value."""

RELOAD_EVERY = timedelta(days=1)
"""So often the market is read anew: what storage has thrown away leaves memory too."""

MARKET_SPAN = timedelta(days=60)
"""How much of the market is held in memory: charts reach back 30 days, the first look wants more."""


class Watch:
    """Judges the market whenever there are new facts, and puts what is worth telling into the outbox."""

    def __init__(
        self,
        desk: Desk,
        compose: Compose,
        wake: Callable[[], None],
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        self._desk = desk
        self._telling = Telling(desk, compose)
        self._wake = wake
        self._looked = looked
        self._first_look = False
        self._clock_is_behind = False

    def load(self) -> None:
        """Take up where the last run ended: the market and the standings from storage.

        Raises:
            StorageError: the database cannot be read.
        """
        self._desk.market = load_market(self._desk.db, since=self._desk.now - MARKET_SPAN)
        self.resume()

    async def load_beside(self) -> None:
        """The same, and everybody else goes on meanwhile.

        Raises:
            StorageError: the database cannot be read.
        """
        await self.reload_market()
        self.resume()

    def resume(self) -> None:
        """Take the standings from storage; without any, all that the next look finds is history, not news."""
        stored = read_standings(self._desk.db)
        self._first_look = not stored
        rules = self._desk.rules
        # A rule that came with a new version is watched from now on: what it finds before is history.
        judged_ms = stored[VERDICT].judged_ms if VERDICT in stored else 0
        first = first_standings(rules.conditions, rules.warnings, judged_ms)
        self._desk.standings = {**first, **stored}

    async def reload_market(self) -> None:
        """Read the market anew, after facts were stored or thrown away behind the desk's back.

        It takes seconds, and goes on beside the event loop. What comes to the market meanwhile stays.

        Raises:
            StorageError: the database cannot be read; the market is the one that it was.
        """
        desk = self._desk
        before, since = desk.market, desk.now - MARKET_SPAN
        read = await read_beside(desk.db, lambda db: load_market(db, since))
        desk.market = caught_up(read, before, desk.market)

    def see(self, facts: Iterable[Fact]) -> tuple[Change, ...]:
        """Take in facts that have been stored, and judge."""
        self._desk.market = self._desk.market.add(facts)
        return self.judge()

    def judge(self) -> tuple[Change, ...]:
        """Judge everything up to now; the changes that came of it.

        Raises:
            StorageError: nothing was stored; the next call judges the same stretch again.
        """
        desk = self._desk
        self._check_clock(to_ms(desk.now))
        market = desk.market if self._first_look else desk.market.since(self._look_back_ms())
        outcome = desk.judged(market, desk.now)
        with desk.db.transaction():
            standings, news = desk.standings, []
            for _, together in groupby(outcome.changes, key=lambda change: change.at_ms):
                changes = list(together)
                before, standings = standings, after_changes(standings, changes)
                if alert := self._record(changes, before, standings):
                    news.append(alert)
            self._telling.tell(news)
            save_standings(desk.db, outcome.standings)
        desk.standings = outcome.standings
        self._first_look = False
        if outcome.changes:
            self._wake()
        self._looked()
        return outcome.changes

    def _check_clock(self, now_ms: int) -> None:
        """Say once that the clock was set back, for nothing is judged until it has caught up."""
        judged_ms = max(standing.judged_ms for standing in self._desk.standings.values())
        if now_ms < judged_ms and not self._clock_is_behind:
            log.warning("the clock was set back: nothing is judged before %s", from_ms(judged_ms))
        self._clock_is_behind = now_ms < judged_ms

    def _look_back_ms(self) -> int:
        judged_ms = min(standing.judged_ms for standing in self._desk.standings.values())
        window = timedelta(hours=self._desk.rules.eth_btc.window_hours) + LOOK_BACK
        return judged_ms - to_ms(from_ms(0) + window)

    def _record(self, changes: Sequence[Change], before: Standings, after: Standings) -> News | None:
        """Store the changes of one moment, and their alert where they are news."""
        desk = self._desk
        reason = is_news(changes, desk.now, ALERT_LIFETIME, first_look=self._first_look)
        if reason is not Reason.SUBSCRIBED:
            save_changes(desk.db, changes)
            return None
        save_changes(desk.db, [change for change in changes if not is_worth_telling(change)])
        changes = [change for change in changes if is_worth_telling(change)]
        alert_id = raise_alert(desk.db, from_ms(changes[0].at_ms), desk.now, changes)
        log.info(
            "alert A-%d: %s", alert_id, ", ".join(f"{c.id} {c.from_state} -> {c.to_state}" for c in changes)
        )
        return News(alert_id, changes, before, after)


def after_changes(standings: Standings, changes: Iterable[Change]) -> Standings:
    """Where everything stands once these changes have happened."""
    after = dict(standings)
    for change in changes:
        after[change.id] = after[change.id].after(change)
    return after
