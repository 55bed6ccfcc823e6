"""`relever`: leverage is built up again while US spot still sells: a warning of another leg down.

Either open interest has regained much of what a shock took within two days of it, or longs pay for positions
that grow. Both count only while the US premium is negative: over the last hour for the warning to come on,
over the last six for it to stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.episode import Episode
from signals.funding import COIN, moments
from signals.leverage import Totals, lowest_since, mean_funding, totals
from signals.market import Market, step_ms
from signals.moments import DAY_MS, HOUR_MS
from signals.premium import premium_samples
from signals.warnings import Backdrop, follow_warning

_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class ReleverRules:
    """The thresholds; shares of one, funding as a fraction per eight hours."""

    regained: float = 0.4
    """How much of what the shock took has to be back."""
    within: timedelta = _WITHIN
    """After a shock; later it is no longer called a rebuild."""
    taken: float = 0.03
    """A shock that took less than this share of open interest left nothing to rebuild."""
    funding: float = 0.0001
    rising: float = 0.01
    """Open interest that grew by this share in a day rises."""
    ends_at: float = 0.75
    """It ends below this share of the thresholds."""


class Rebuild(NamedTuple):
    """What of open interest was taken, as a share of what was before, and how much of that is back."""

    taken: float
    regained: float
    venues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relever:
    """The warning."""

    rules: ReleverRules = ReleverRules()
    id: str = "relever"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        points = self._points(Alarm(standing.settled), market, backdrop, standing.judged_ms, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(
        self, alarm: Alarm, market: Market, backdrop: Backdrop, after_ms: int, until_ms: int
    ) -> Iterator[Point]:
        for at_ms in moments(market, after_ms, until_ms):
            share = self.rules.ends_at if alarm is Alarm.ON else 1.0
            day = totals(market, COIN, at_ms - DAY_MS, at_ms)
            rebuilt = rebuild(market, backdrop.episodes.at(at_ms), at_ms)
            if day is None and rebuilt is None:
                alarm = Alarm.NO_DATA
                yield Point(at_ms, alarm, alarm, "no_interest", {})
                continue
            reason, evidence = self._reason(market, rebuilt, day, at_ms, share)
            hours = 6 if alarm is Alarm.ON else 1
            premium = mean_premium(market, at_ms, hours) if reason else None
            alarm = Alarm.ON if reason and premium is not None and premium < 0 else Alarm.OFF
            if premium is not None:
                evidence = {**evidence, "mean_premium": round(premium * 100, 4)}
            yield Point(at_ms, alarm, alarm, reason if alarm is Alarm.ON else "eased", evidence)

    def _reason(
        self, market: Market, rebuilt: Rebuild | None, day: Totals | None, at_ms: int, share: float
    ) -> tuple[str, Evidence]:
        """Why leverage counts as rebuilt, empty where it does not, and what shows it."""
        rules = self.rules
        if rebuilt and rebuilt.taken >= rules.taken and rebuilt.regained >= rules.regained * share:
            return "rebuilt", {"regained_share": round(rebuilt.regained, 3), "venues": list(rebuilt.venues)}
        funding = mean_funding(market, COIN, at_ms)
        if funding and day and funding.rate >= rules.funding * share and day.change >= rules.rising * share:
            change = {"interest_day_pct": round(day.change * 100, 2), "venues": list(day.venues)}
            return "longs_pay_up", {"funding_8h": funding.rate, **change}
        return "", {}


def rebuild(
    market: Market, episode: Episode | None, moment_ms: int, within: timedelta | None = _WITHIN
) -> Rebuild | None:
    """How much of what a shock took of open interest is back; None without a shock, or a number before it."""
    if episode is None or (within and moment_ms - episode.opened_ms > step_ms(within)):
        return None
    since = totals(market, COIN, episode.reference_ms, moment_ms)
    if since is None:
        return None
    low_usd = lowest_since(market, COIN, since.venues, episode.reference_ms, moment_ms)
    taken_usd = since.then_usd - low_usd
    if taken_usd <= 0:
        return Rebuild(0.0, 0.0, since.venues)
    return Rebuild(taken_usd / since.then_usd, (since.now_usd - low_usd) / taken_usd, since.venues)


def mean_premium(market: Market, moment_ms: int, hours: int) -> float | None:
    """The mean of the US premium over the last hours, as a fraction; None where there are no samples."""
    samples = premium_samples(market.since(moment_ms - (hours + 1) * HOUR_MS))
    inside = (samples.known_ms <= moment_ms) & (samples.known_ms > moment_ms - hours * HOUR_MS)
    return float(samples.value[inside].mean()) if inside.any() else None
