"""Totals of liquidations: what was heard in each stretch of five minutes of our own clock, and for how long.

Silence on a line that is alive means none, a line that is down means not knowing. A stretch is given out once
it is over. What there is of the last one when the program ends is handed over by `rest` and `resume`, so that
a restart neither loses it nor counts it twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from signals.feeds.liquidation_frames import Liquidation
from signals.gauges import Gauge, Measure, Series
from signals.moments import SECOND_MS, from_ms, length_ms, to_ms

STRETCH = timedelta(minutes=5)
_STRETCH_MS = length_ms(STRETCH)
ALL, COINS = "ALL", ("BTC", "ETH")
_HEARD = Measure.LIQUIDATIONS_HEARD_SECONDS
MEASURES = frozenset((_HEARD, Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD))
"""What totals are told in."""

_LONGEST_GAP_MS = 90 * SECOND_MS
"""An open line is looked at every twenty seconds. After a longer gap the machine slept, or the clock was set:
nobody can say that the venue was heard all along."""


class Tally:
    """What was heard in each stretch, and for how long."""

    def __init__(self) -> None:
        self._usd: dict[tuple[int, str, Measure], float] = defaultdict(float)
        self._heard_ms: dict[int, float] = defaultdict(float)
        self._since_ms: int | None = None

    def add(self, found: Liquidation, now: datetime) -> None:
        """Count a liquidation."""
        ends_ms = _end_of(to_ms(now))
        measure = Measure.LIQUIDATED_LONG_USD if found.is_long else Measure.LIQUIDATED_SHORT_USD
        self._usd[ends_ms, ALL, measure] += found.usd
        if found.coin in COINS:
            self._usd[ends_ms, found.coin, measure] += found.usd

    def hears(self, now: datetime) -> None:
        """The line is alive at a moment: the time since the last one was heard."""
        now_ms = to_ms(now)
        first_ms = now_ms if self._since_ms is None else self._since_ms
        if now_ms - first_ms > _LONGEST_GAP_MS:
            first_ms = now_ms
        while first_ms < now_ms:
            last_ms = min(_end_of(first_ms), now_ms)
            self._heard_ms[_end_of(first_ms)] += last_ms - first_ms
            first_ms = last_ms
        self._since_ms = now_ms

    def deaf(self) -> None:
        """The line broke: what comes after is not heard until it is alive again."""
        self._since_ms = None

    def take(self, venue: str, now: datetime) -> tuple[Gauge, ...]:
        """The totals of the stretches that are over; they are not given out again."""
        over = {ends_ms for ends_ms in self._stretches() if ends_ms <= to_ms(now)}
        found = self._totals(venue, over, now)
        for ends_ms in over:
            self._heard_ms.pop(ends_ms, None)
        for key in [key for key in self._usd if key[0] in over]:
            del self._usd[key]
        return found

    def rest(self, venue: str, now: datetime) -> tuple[Gauge, ...]:
        """All totals that were not given out, even of a stretch that is not over: it is known at its end."""
        return self._totals(venue, self._stretches(), now)

    def resume(self, totals: Iterable[Gauge]) -> None:
        """Go on from the totals of a stretch that is not over."""
        for gauge in totals:
            _, subject, measure = gauge.series
            if measure is _HEARD:
                self._heard_ms[to_ms(gauge.at)] += gauge.value * SECOND_MS
            else:
                self._usd[to_ms(gauge.at), subject, measure] += gauge.value

    def _stretches(self) -> set[int]:
        return {*self._heard_ms, *(ends_ms for ends_ms, _, _ in self._usd)}

    def _totals(self, venue: str, stretches: Collection[int], now: datetime) -> tuple[Gauge, ...]:
        # Where the clock was set back, the same minutes were heard twice.
        heard = {
            (ends_ms, ALL, _HEARD): min(self._heard_ms.get(ends_ms, 0), _STRETCH_MS) / SECOND_MS
            for ends_ms in sorted(stretches)
        }
        usd = {key: value for key, value in self._usd.items() if key[0] in stretches}
        return tuple(
            Gauge(Series(venue, subject, measure), from_ms(ends_ms), value, max(now, from_ms(ends_ms)))
            for (ends_ms, subject, measure), value in {**heard, **usd}.items()
        )


def _end_of(moment_ms: int) -> int:
    """When the stretch ends that a moment lies in; a stretch begins with its first moment."""
    return (moment_ms // _STRETCH_MS + 1) * _STRETCH_MS
