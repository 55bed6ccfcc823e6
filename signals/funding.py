"""`funding`: what longs pay shorts, or shorts longs, for BTC's perpetuals goes to an extreme."""

from collections.abc import Iterator
from dataclasses import dataclass

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.leverage import Funding, funding_along, interest_along, mean_along, turning_moments
from signals.market import Market
from signals.warnings import Backdrop, follow_warning

COIN = "BTC"
HIGH, LOW = "high", "low"
"""What it remembers while it is on: at which end."""


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
        moments_ms = turning_moments(market, COIN, after_ms, until_ms)
        if not len(moments_ms):
            return
        interest, rates = (along(market, COIN, moments_ms) for along in (interest_along, funding_along))
        for at_ms, found in zip(moments_ms.tolist(), mean_along(interest, rates), strict=True):
            before, settled = settled, _at(settled, found, self.rules)
            if settled != before:
                state = Alarm.ON if settled in {HIGH, LOW} else Alarm(settled)
                # From one end to the other it goes on to be on, and is told.
                worse = before in {HIGH, LOW} and state is Alarm.ON
                yield Point(at_ms, state, settled, _REASONS[settled], _evidence(found), worse=worse)


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
