"""`thin_book`: the books of most venues hold far less near the price than they used to.

Each venue is held against its own median of the week before, for venues differ more from each other than from
themselves; a venue counts once it has been seen for a while. Only books that reached 1 % are compared: a part
of a book is not the whole of a smaller one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import length_ms
from signals.warnings import Backdrop, follow_warning

COIN = "BTC"
VENUES = ("coinbaseexchange", "binance", "binanceusdm", "okx", "bybit")
"""Whose books are looked at: two spot markets, then three perpetuals."""


@dataclass(frozen=True, slots=True)
class ThinBookRules:
    """The thresholds."""

    below: float = 0.5
    """A book is thin below this share of its median."""
    ends_above: float = 0.6
    """And no longer thin above this one."""
    window: timedelta = timedelta(days=7)
    """The time before, whose median counts."""
    seen_for: timedelta = timedelta(days=2)
    """A venue counts once its books go back so far."""
    stale_after: timedelta = timedelta(hours=1)
    """A book older than this says nothing any more."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A venue's depth within 1 % at its last look, and the median of the week before it, in dollars."""

    at_ms: int
    now_usd: float
    median_usd: float

    @property
    def ratio(self) -> float:
        """How much there is for each dollar that used to be."""
        return self.now_usd / self.median_usd


@dataclass(frozen=True, slots=True)
class ThinBook:
    """The warning."""

    rules: ThinBookRules = ThinBookRules()
    id: str = "thin_book"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        books = depths(market)
        points = self._points(Alarm(standing.settled), books, standing.judged_ms, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(
        self, alarm: Alarm, books: Mapping[str, Gauges], after_ms: int, until_ms: int
    ) -> Iterator[Point]:
        for at_ms in self._moments(books, after_ms, until_ms):
            usual = {venue: usual_at(rows, at_ms, self.rules) for venue, rows in books.items()}
            ratios = {venue: found.ratio for venue, found in usual.items() if found}
            alarm = self._alarm(alarm, ratios)
            yield Point(at_ms, alarm, alarm, _REASONS[alarm], _evidence(ratios, self.rules))

    def _moments(self, books: Mapping[str, Gauges], after_ms: int, until_ms: int) -> list[int]:
        """When books became known, and when they had become too old."""
        silent_ms = length_ms(self.rules.stale_after)
        moments = {
            int(at_ms)
            for rows in books.values()
            for known_ms in (rows.known_ms, rows.known_ms + silent_ms)
            for at_ms in known_ms[known_ms.searchsorted(after_ms, "right") :]
        }
        return sorted(at_ms for at_ms in moments if after_ms < at_ms <= until_ms)

    def _alarm(self, before: Alarm, ratios: Mapping[str, float]) -> Alarm:
        if not ratios:
            return Alarm.NO_DATA
        limit = self.rules.ends_above if before is Alarm.ON else self.rules.below
        thin = sum(ratio < limit for ratio in ratios.values())
        return Alarm.ON if thin > len(ratios) / 2 else Alarm.OFF


def depths(market: Market) -> dict[str, Gauges]:
    """The depth within 1 % of every venue that has any."""
    found = {venue: market.gauge(venue, COIN, Measure.DEPTH_1PCT_USD) for venue in VENUES}
    return {venue: rows for venue, rows in found.items() if len(rows)}


def usual_at(rows: Gauges, moment_ms: int, rules: ThinBookRules) -> Usual | None:
    """What a venue's book held at a moment beside what it used to; None where too little was seen of it."""
    # Looks follow each other, so what is known later is about a later moment.
    row = int(rows.known_ms.searchsorted(moment_ms, "right")) - 1
    if row < 0 or moment_ms - rows.known_ms[row] >= length_ms(rules.stale_after):
        return None
    at_ms = int(rows.at_ms[row])
    first = int(rows.at_ms.searchsorted(at_ms - length_ms(rules.window)))
    if first == row or at_ms - rows.at_ms[first] < length_ms(rules.seen_for):
        return None
    median_usd = float(np.median(rows.value[first:row]))
    return Usual(at_ms, float(rows.value[row]), median_usd) if median_usd > 0 else None


_REASONS = {Alarm.NO_DATA: "no_books", Alarm.OFF: "filled", Alarm.ON: "thin"}


def _evidence(ratios: Mapping[str, float], rules: ThinBookRules) -> Evidence:
    if not ratios:
        return {}
    limit = rules.below
    return {
        "median_share": round(float(np.median(list(ratios.values()))), 3),
        "thin_venues": sorted(venue for venue, ratio in ratios.items() if ratio < limit),
        "judged": len(ratios),
    }
