"""`support`: BTC comes down into the support zone; then a day or a US session closes below it.

The warning stays on until BTC is back above the zone. A close below it is told as something worse: it opens
the break level.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from signals.closes import Close, CloseRules, closes
from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.moments import iso
from signals.pairs import prices_of
from signals.silence import newest_known
from signals.warnings import Backdrop, follow_warning, recent
from signals.zones import Glance, Place, Span, ZoneRules, glances

CLOSED_BELOW = "closed_below"
"""What the warning remembers once a day or session has closed below the zone."""


@dataclass(frozen=True, slots=True)
class Support:
    """The warning."""

    rules: ZoneRules = field(default_factory=ZoneRules)
    close: CloseRules = field(default_factory=CloseRules)
    id: str = "support"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        prices = prices_of(recent(market, standing, self.rules.back_ms), BINANCE_BTC)
        ended = {c.known_ms: c for c in closes(prices, standing.judged_ms, until_ms, self.close)}
        span = Span.of(standing, until_ms, self.rules)
        seen = glances(market.levels, prices, attrgetter("support"), span, ended)
        seen_ms = newest_known(prices.known_ms, until_ms, standing.seen_ms)
        return follow_warning(self.id, standing, _points(standing.settled, seen, ended), until_ms, seen_ms)


def _points(settled: str, seen: Iterable[Glance], ended: Mapping[int, Close]) -> Iterator[Point]:
    for glance in seen:
        settled = _at(settled, glance)
        yield Point(glance.at_ms, _state(settled), settled, _reason(settled, glance), _evidence(glance))
        close = ended.get(glance.at_ms)
        if settled == Alarm.ON and close and _is_below(close, glance):
            settled, evidence = CLOSED_BELOW, _close_evidence(close, glance)
            yield Point(glance.at_ms, Alarm.ON, settled, CLOSED_BELOW, evidence, worse=True)


def _at(before: str, glance: Glance) -> str:
    """What the warning remembers, from what it did."""
    if glance.place is Place.UNSEEN:
        return Alarm.NO_DATA
    was_on = before in {Alarm.ON, CLOSED_BELOW} and not glance.anew
    if glance.place is Place.ABOVE or (glance.place is Place.JUST_ABOVE and not was_on):
        return Alarm.OFF
    return before if was_on else Alarm.ON


def _is_below(close: Close, glance: Glance) -> bool:
    return glance.levels is not None and close.price_usd < glance.levels.support.low_usd


def _state(settled: str) -> str:
    return Alarm.ON if settled == CLOSED_BELOW else settled


def _reason(settled: str, glance: Glance) -> str:
    match settled:
        case Alarm.NO_DATA:
            return "no_levels" if glance.levels is None else "no_price"
        case Alarm.OFF:
            return "recovered"
        case _:
            return "entered" if glance.place >= Place.INSIDE else "below"


def _evidence(glance: Glance) -> Evidence:
    if glance.levels is None or glance.place is Place.UNSEEN:
        return {}
    levels = glance.levels
    break_level = _BREAK_LEVEL[glance.price_usd <= levels.break_usd]
    return {
        "price_usd": glance.price_usd,
        "zone_low_usd": levels.support.low_usd,
        "zone_high_usd": levels.support.high_usd,
        break_level: levels.break_usd,
    }


def _close_evidence(close: Close, glance: Glance) -> Evidence:
    """The close first, and what it opens: that is the news."""
    seen = _evidence(glance)
    news = {name: seen[name] for name in seen if name in _BREAK_LEVEL}
    return {f"{close.of}_close_usd": close.price_usd, **news, **seen, "closed_at": iso(close.at_ms)}


_BREAK_LEVEL = ("next_usd", "passed_usd")
"""By which name the break level goes: ahead of BTC, or passed."""
