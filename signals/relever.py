"""`relever`: leverage is built up again while US spot still sells: a warning of another leg down.

Either open interest has regained much of what a shock took within two days of it, or longs pay for positions
that grow. Both count only while the US premium is negative: over the last hour for the warning to come on,
over the last six for it to stay. Both are of BTC, as shocks are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.leverage import (
    Funding,
    Totals,
    funding_along,
    interest_along,
    mean_along,
    turning_moments,
    venues_of,
)
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, length_ms
from signals.premium import premium_samples
from signals.rebuilt import Rebuild, rebuilt_along
from signals.rows import Ints
from signals.session_report import PERCENT
from signals.warnings import Backdrop, Episodes, follow_warning

COIN = "BTC"

_HOURS_TO_COME_ON, _HOURS_TO_STAY = 1, 6


@dataclass(frozen=True, slots=True)
class ReleverRules:
    """The thresholds; shares of one, funding as a fraction per eight hours."""

    regained: float = 0.4
    """More than this of what the shock took has to be back."""
    within: timedelta = timedelta(hours=48)
    """After a shock; later it is no longer called a rebuild."""
    taken: float = 0.03
    """A shock that took less than this share of open interest left nothing to rebuild."""
    funding: float = 0.0001
    """Funding has to be above it: it is what longs pay in a quiet market, where only interest is charged."""
    rising: float = 0.01
    """Open interest that grew by this share in a day rises."""
    ends_at: float = 0.75
    """It ends below this share of the thresholds, but for funding's: less than that is what is usual."""


class Figures(NamedTuple):
    """What is known of leverage at a moment."""

    at_ms: int
    rebuilt: Rebuild | None
    day: Totals | None
    funding: Funding | None

    @property
    def can_be_judged(self) -> bool:
        """Whether at least one of the two ways to be rebuilt is known."""
        return self.rebuilt is not None or (self.day is not None and self.funding is not None)


@dataclass(frozen=True, slots=True)
class Relever:
    """The warning."""

    rules: ReleverRules = ReleverRules()
    id: str = "relever"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        moments = turning_moments(market, COIN, standing.judged_ms, until_ms)
        points = self._points(Alarm(standing.settled), market, backdrop.episodes, moments)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(self, alarm: Alarm, market: Market, episodes: Episodes, moments_ms: Ints) -> Iterator[Point]:
        if not len(moments_ms):
            return
        premium = _Premium(market, int(moments_ms[0]))
        for figures in self._figures(market, episodes, moments_ms):
            before, (alarm, reason, evidence) = alarm, self._judged(alarm, figures, premium)
            if alarm is not before:
                yield Point(figures.at_ms, alarm, alarm, reason, evidence)

    def _figures(self, market: Market, episodes: Episodes, moments_ms: Ints) -> Iterator[Figures]:
        days = _days(market, moments_ms)
        rebuilt = self._rebuilt(market, episodes, moments_ms)
        interest, rates = (along(market, COIN, moments_ms) for along in (interest_along, funding_along))
        funding = mean_along(interest, rates)
        return map(Figures, moments_ms.tolist(), rebuilt, days, funding)

    def _rebuilt(self, market: Market, episodes: Episodes, moments_ms: Ints) -> list[Rebuild | None]:
        """For each moment of the time after a shock in which a rebuild is one."""
        found: list[Rebuild | None] = []
        opened = ((at_ms, episodes.at(at_ms)) for at_ms in moments_ms.tolist())
        for shock, along in groupby(
            opened, key=lambda each: each[1] and (each[1].opened_ms, each[1].reference_ms)
        ):
            moments = np.array([at_ms for at_ms, _ in along], np.int64)
            inside = 0
            if shock:
                opened_ms, reference_ms = shock
                inside = int(moments.searchsorted(opened_ms + length_ms(self.rules.within), side="right"))
                found += rebuilt_along(market, COIN, reference_ms, moments[:inside])
            found += [None] * (len(moments) - inside)
        return found

    def _judged(self, before: Alarm, figures: Figures, premium: "_Premium") -> tuple[Alarm, str, Evidence]:
        if not figures.can_be_judged:
            return Alarm.NO_DATA, "no_interest", {}
        is_on = before is Alarm.ON
        reason, evidence = self._reason(figures, self.rules.ends_at if is_on else 1.0)
        if not reason:
            return Alarm.OFF, "eased", {}
        mean = premium.mean(figures.at_ms, _HOURS_TO_STAY if is_on else _HOURS_TO_COME_ON)
        if mean is None:
            return Alarm.NO_DATA, "no_premium", evidence
        evidence = {**evidence, "mean_premium": round(mean * PERCENT, 4)}
        return (Alarm.ON, reason, evidence) if mean < 0 else (Alarm.OFF, "eased", evidence)

    def _reason(self, figures: Figures, share: float) -> tuple[str, Evidence]:
        """Why leverage counts as rebuilt, empty where it does not, and what shows it."""
        rules, (_, rebuilt, day, funding) = self.rules, figures
        if rebuilt and rebuilt.taken >= rules.taken and rebuilt.regained > rules.regained * share:
            return "rebuilt", {"regained_share": round(rebuilt.regained, 3), "venues": list(rebuilt.venues)}
        if funding and day and funding.rate > rules.funding and day.change >= rules.rising * share:
            rate = "funding_8h" if funding.is_weighted else "unweighted_funding_8h"
            change = {"interest_day_pct": round(day.change * PERCENT, 2), "venues": list(day.venues)}
            return "longs_pay_up", {rate: funding.rate, **change}
        return "", {}


def _days(market: Market, moments_ms: Ints) -> Iterator[Totals | None]:
    """Open interest a day before each moment and at it."""
    then, now = (interest_along(market, COIN, at_ms) for at_ms in (moments_ms - DAY_MS, moments_ms))
    both = ~np.isnan(then) & ~np.isnan(now)
    then_usd, now_usd = (np.where(both, usd, 0.0).sum(axis=0).tolist() for usd in (then, now))
    for mask, before, after in zip(both.T, then_usd, now_usd, strict=True):
        yield Totals(venues_of(mask), before, after) if before else None


class _Premium:
    """The mean of the US premium over hours, worked out only where somebody asks."""

    def __init__(self, market: Market, first_ms: int) -> None:
        self._market = market.since(first_ms - (_HOURS_TO_STAY + 1) * HOUR_MS)
        self._known_ms: Ints | None = None

    def mean(self, moment_ms: int, hours: int) -> float | None:
        """As a fraction; None where there are no samples."""
        if self._known_ms is None:
            samples = premium_samples(self._market)
            self._known_ms, self._value = samples.known_ms, samples.value
        first, last = self._known_ms.searchsorted((moment_ms - hours * HOUR_MS, moment_ms), side="right")
        return float(self._value[first:last].mean()) if first < last else None
