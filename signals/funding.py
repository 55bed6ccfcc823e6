"""`funding`: what longs pay shorts, or shorts longs, for BTC's perpetuals goes to an extreme."""

from collections.abc import Iterator
from dataclasses import dataclass

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.gauges import Measure
from signals.leverage import INTEREST_FRESH, VENUES, Funding, mean_funding
from signals.market import Market, step_ms
from signals.moments import HOUR_MS
from signals.warnings import Backdrop, follow_warning

COIN = "BTC"
HIGH, LOW = "high", "low"
"""What it remembers while it is on: at which end."""
_LATER_MS = (0, HOUR_MS + 1, step_ms(INTEREST_FRESH) + 1, 9 * HOUR_MS + 1)
"""When a number counts, and when it may just have become too old: polled ones, hourly ones, settled ones."""


@dataclass(frozen=True, slots=True)
class FundingRules:
    """The thresholds, as fractions per eight hours."""

    high: float = 0.0005
    low: float = -0.0002
    ends_at: float = 0.5
    """It ends below this share of the threshold."""


@dataclass(frozen=True, slots=True)
class FundingWarning:
    """The warning."""

    rules: FundingRules = FundingRules()
    id: str = "funding"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        points = self._points(standing.settled, market, standing.judged_ms, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(self, settled: str, market: Market, after_ms: int, until_ms: int) -> Iterator[Point]:
        for at_ms in moments(market, after_ms, until_ms):
            found = mean_funding(market, COIN, at_ms)
            before, settled = settled, _at(settled, found, self.rules)
            state = Alarm.ON if settled in {HIGH, LOW} else Alarm(settled)
            worse = state is Alarm.ON and before in {HIGH, LOW} and before != settled
            yield Point(at_ms, state, settled, _REASONS[settled], _evidence(found), worse=worse)


def moments(market: Market, after_ms: int, until_ms: int) -> list[int]:
    """When funding or its weights became known, and when they may have become too old."""
    found: set[int] = set()
    for venue in VENUES:
        for measure in (Measure.FUNDING_8H, Measure.OPEN_INTEREST_USD):
            rows = market.gauge(venue, COIN, measure)
            for later_ms in _LATER_MS:
                first, last = rows.known_ms.searchsorted((after_ms - later_ms, until_ms - later_ms), "right")
                found.update((rows.known_ms[first:last] + later_ms).tolist())
    return sorted(found)


def _at(before: str, found: Funding | None, rules: FundingRules) -> str:
    if found is None:
        return Alarm.NO_DATA
    high = rules.high * (rules.ends_at if before == HIGH else 1)
    low = rules.low * (rules.ends_at if before == LOW else 1)
    if found.rate >= high:
        return HIGH
    return LOW if found.rate <= low else Alarm.OFF


_REASONS = {HIGH: "longs_pay", LOW: "shorts_pay", Alarm.OFF: "calm", Alarm.NO_DATA: "no_funding"}


def _evidence(found: Funding | None) -> Evidence:
    if found is None:
        return {}
    venues = "weighted_venues" if found.is_weighted else "mean_venues"
    return {"funding_8h": found.rate, venues: list(found.venues)}
