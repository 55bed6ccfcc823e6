"""`liquidations`: much was closed by force within 24 hours, as far as three venues told.

Two of them tell at most one a second for each contract, so every total is a lower bound; how long each could
be heard is said with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, SECOND_MS, length_ms
from signals.warnings import Backdrop, follow_warning

ALL = "ALL"
VENUES = ("binance", "bybit", "okx")


@dataclass(frozen=True, slots=True)
class LiquidationRules:
    """The thresholds."""

    total_usd: float = 500e6
    """Half of what the article's day saw over all exchanges: what three venues tell is a part of it."""
    one_sided: float = 0.75
    """The share from which on a side is named."""
    ends_at: float = 0.7
    """It ends below this share of the total."""
    stale_after: timedelta = timedelta(hours=1)
    """Where no venue was heard for so long, nothing is known."""


class Sides(NamedTuple):
    """What was liquidated in 24 hours, in dollars, and for how long that was heard."""

    long_usd: float
    short_usd: float
    heard_ms: float

    @property
    def total_usd(self) -> float:
        """Both sides."""
        return self.long_usd + self.short_usd


def sides_of(market: Market, venue: str, subject: str, moment_ms: int, span_ms: int = DAY_MS) -> Sides:
    """What a venue told of a coin, or of all, in the time before a moment."""
    long_usd, short_usd = (
        _sum(market.gauge(venue, subject, measure), moment_ms, span_ms)
        for measure in (Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD)
    )
    heard = market.gauge(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS)
    return Sides(long_usd, short_usd, _sum(heard, moment_ms, span_ms) * SECOND_MS)


def all_sides(market: Market, subject: str, moment_ms: int, span_ms: int = DAY_MS) -> Sides:
    """What all venues told together; heard for as long as the one that was heard longest."""
    found = [sides_of(market, venue, subject, moment_ms, span_ms) for venue in VENUES]
    return Sides(
        sum(sides.long_usd for sides in found),
        sum(sides.short_usd for sides in found),
        max(sides.heard_ms for sides in found),
    )


def _sum(rows: Gauges, moment_ms: int, span_ms: int) -> float:
    first, last = rows.at_ms.searchsorted((moment_ms - span_ms, moment_ms), "right")
    known = rows.known_ms[first:last] <= moment_ms
    return float(rows.value[first:last][known].sum())


@dataclass(frozen=True, slots=True)
class Liquidations:
    """The warning."""

    rules: LiquidationRules = LiquidationRules()
    id: str = "liquidations"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        points = self._points(Alarm(standing.settled), market, standing.judged_ms, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(self, alarm: Alarm, market: Market, after_ms: int, until_ms: int) -> Iterator[Point]:
        heard = [market.gauge(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS) for venue in VENUES]
        stale_ms = length_ms(self.rules.stale_after)
        moments: set[int] = set()
        for rows in heard:
            for later_ms in (0, stale_ms):
                first, last = rows.known_ms.searchsorted((after_ms - later_ms, until_ms - later_ms), "right")
                moments.update((rows.known_ms[first:last] + later_ms).tolist())
        for at_ms in sorted(moments):
            newest = [last[0] for rows in heard if (last := rows.last_known(at_ms))]
            if not newest or at_ms - max(newest) >= stale_ms:
                alarm = Alarm.NO_DATA
                yield Point(at_ms, alarm, alarm, "not_heard", {})
                continue
            sides = all_sides(market, ALL, at_ms)
            limit_usd = self.rules.total_usd * (self.rules.ends_at if alarm is Alarm.ON else 1)
            alarm = Alarm.ON if sides.total_usd >= limit_usd else Alarm.OFF
            yield Point(at_ms, alarm, alarm, self._reason(alarm, sides), _evidence(sides))

    def _reason(self, alarm: Alarm, sides: Sides) -> str:
        if alarm is Alarm.OFF:
            return "few"
        if sides.long_usd >= self.rules.one_sided * sides.total_usd:
            return "longs"
        return "shorts" if sides.short_usd >= self.rules.one_sided * sides.total_usd else "both"


def _evidence(sides: Sides) -> Evidence:
    return {
        "long_dollars": round(sides.long_usd),
        "short_dollars": round(sides.short_usd),
        "heard_hours": round(sides.heard_ms / HOUR_MS, 1),
    }
