"""`rally_zone`: BTC comes into the rally zone while the verdict is fragile.

Until US demand is back, a rally to there is a place where shorts come back rather than accumulation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from signals.conditions import Alarm, Evidence, Judged, Point, Standing, Verdict
from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.pairs import prices_of
from signals.silence import newest_known
from signals.warnings import Backdrop, Verdicts, follow_warning, recent
from signals.zones import Glance, Place, Span, ZoneRules, glances

BELOW, ABOVE = "below", "above"
"""What the warning remembers while BTC is outside the zone."""


@dataclass(frozen=True, slots=True)
class RallyZone:
    """The warning. It remembers whether BTC is in the zone, or on which side of it, whatever the verdict."""

    rules: ZoneRules = field(default_factory=ZoneRules)
    id: str = "rally_zone"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        verdicts = backdrop.verdicts
        prices = prices_of(recent(market, standing, self.rules.back_ms), BINANCE_BTC)
        span = Span.of(standing, until_ms, self.rules)
        seen = glances(market.levels, prices, attrgetter("rally"), span, verdicts.from_ms)
        points = _points(standing.settled, seen, verdicts)
        seen_ms = newest_known(prices.known_ms, until_ms, standing.seen_ms)
        return follow_warning(self.id, standing, points, until_ms, seen_ms)


def _points(settled: str, seen: Iterable[Glance], verdicts: Verdicts) -> Iterator[Point]:
    for glance in seen:
        before, settled = settled, _where(settled, glance)
        state, reason = _state(before, settled, verdicts.at(glance.at_ms))
        if glance.levels is None:
            reason = "no_levels"
        yield Point(glance.at_ms, state, settled, reason, _evidence(glance))


def _where(before: str, glance: Glance) -> str:
    """Whether BTC is in the zone (`on`), below or above it, from where it was."""
    match glance.place:
        case Place.UNSEEN:
            return Alarm.NO_DATA
        case Place.INSIDE:
            return Alarm.ON
        case Place.JUST_BELOW | Place.JUST_ABOVE if before == Alarm.ON and not glance.anew:
            return Alarm.ON
        case place:
            return BELOW if place < Place.INSIDE else ABOVE


def _state(before: str, now: str, verdict: str) -> tuple[Alarm, str]:
    """From where BTC was and is, and the verdict, to (state, reason)."""
    match now, verdict:
        case Alarm.NO_DATA, _:
            return Alarm.NO_DATA, "no_price"
        case Alarm.ON, Verdict.FRAGILE:
            return Alarm.ON, _CAME.get(before, "entered")
        case Alarm.ON, Verdict.UNKNOWN:
            return Alarm.NO_DATA, "verdict_unknown"
        case Alarm.ON, _:
            return Alarm.OFF, "verdict_broken"
        case _:
            return Alarm.OFF, "left"


_CAME = {ABOVE: "fell_into", Alarm.ON: "verdict_fragile"}
"""How BTC came to be in the zone of a fragile market, by where it was before; else it rose into it."""


def _evidence(glance: Glance) -> Evidence:
    if glance.levels is None or glance.place is Place.UNSEEN:
        return {}
    low_usd, high_usd = glance.levels.rally
    return {"price_usd": glance.price_usd, "zone_low_usd": low_usd, "zone_high_usd": high_usd}
