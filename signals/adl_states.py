"""What exchanges say of auto-deleveraging (ADL), as numbers of `Measure.ADL_RISK`, and what they amount to.

A state counts for as long as it is repeated. It is over only after it has been for a while: a state that
comes and goes by the minute is one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Self

from signals.gauges import Gauge, Gauges, Measure, Series
from signals.market import Market
from signals.moments import length_ms


class Risk(IntEnum):
    """How near ADL is: the values of `Measure.ADL_RISK`."""

    NONE = 0
    RAISED = 1
    HIGH = 2
    """High, or under way."""


VENUES = ("binance", "bybit", "okx")
"""The exchanges whose states and announcements are followed."""

COINS = ("BTC", "ETH")

STATES = tuple(Series(venue, coin, Measure.ADL_RISK) for coin in COINS for venue in VENUES)
"""Every series of states."""

REPEATED = timedelta(minutes=5)
"""A state that stays the same is written down so often."""


def state_of(venue: str, coin: str, risk: Risk, now: datetime) -> Gauge:
    """What a venue says of its perpetual of a coin at a moment."""
    return Gauge(Series(venue, coin, Measure.ADL_RISK), now, float(risk), known_at=now)


def worth_keeping(states: Iterable[Gauge], last: Mapping[Series, Gauge]) -> list[Gauge]:
    """Of states in order of time those that are another one than the last kept, or its next repetition."""
    before = dict(last)
    kept = []
    for state in states:
        told = before.get(state.series)
        if told is None or told.value != state.value or state.at - told.at >= REPEATED:
            before[state.series] = state
            kept.append(state)
    return kept


@dataclass(frozen=True, slots=True)
class Runs:
    """Stretches in which one venue said the same of one coin: from `start_ms` until before `end_ms`."""

    start_ms: list[int]
    end_ms: list[int]
    risk: list[int]

    @classmethod
    def of(cls, states: Gauges, stale_after: timedelta) -> Self:
        """A stretch ends with the next state, or where the last one has not been repeated for too long."""
        runs, stale_after_ms = cls([], [], []), length_ms(stale_after)
        told = sorted(zip(states.known_ms.tolist(), map(int, states.value.tolist()), strict=True))
        for known_ms, risk in told:
            goes_on = bool(runs.risk) and known_ms <= runs.end_ms[-1]
            if not goes_on or risk != runs.risk[-1]:
                if goes_on:
                    runs.end_ms[-1] = known_ms
                runs.start_ms.append(known_ms)
                runs.risk.append(risk)
                runs.end_ms.append(known_ms)
            runs.end_ms[-1] = known_ms + stale_after_ms
        return runs

    def at(self, moment_ms: int, over_after_ms: int) -> Risk | None:
        """The worst that was said lately; None where nothing is said at the moment."""
        row = bisect_right(self.start_ms, moment_ms) - 1
        if row < 0 or self.end_ms[row] <= moment_ms:
            return None
        worst = self.risk[row]
        while row > 0 and self.end_ms[row - 1] > moment_ms - over_after_ms:
            row -= 1
            worst = max(worst, self.risk[row])
        return Risk(worst)

    def turns_ms(self, over_after_ms: int) -> Iterable[int]:
        """Every moment at which the worst that was said lately may become another."""
        yield from self.start_ms
        yield from self.end_ms
        yield from (end_ms + over_after_ms for end_ms in self.end_ms)


LOOKS = tuple(Series(venue, "announcements", Measure.ANNOUNCEMENTS_SEEN) for venue in VENUES)
"""Every series of looks at announcements."""


def heard_since(market: Market, moment_ms: int, stale_after: timedelta) -> dict[str, Runs]:
    """The stretches in which the announcements of each venue could be read."""
    rows = {s.source: market.gauges[s].since(moment_ms) for s in LOOKS if s in market.gauges}
    looks = {venue: replace(each, value=each.value * 0) for venue, each in rows.items() if len(each)}
    return {venue: Runs.of(each, stale_after) for venue, each in looks.items()}


def runs_since(market: Market, moment_ms: int, stale_after: timedelta) -> dict[Series, Runs]:
    """The stretches of every series that has any, from the states about a moment or later."""
    rows = {s: market.gauges[s].since(moment_ms) for s in STATES if s in market.gauges}
    return {series: Runs.of(states, stale_after) for series, states in rows.items() if len(states)}
