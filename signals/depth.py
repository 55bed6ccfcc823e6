"""The depth of the books, for people to look at: near the price, against a week, against open interest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import from_ms, to_ms
from signals.readings import Quality, Source
from signals.thin_book import COIN, VENUES, ThinBookRules, depths, usual_at

_INTEREST_FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class VenueDepth:
    """A venue's book at its last look: bids and asks in dollars.

    What stands within 1 or 2 % is None where the book did not reach that far; `seen_usd` is what was seen,
    `covered_pct` how far. `ratio` is the 1 % against its median of a week.
    """

    venue: str
    age: timedelta
    is_stale: bool
    covered_pct: float
    seen_usd: float
    within_1pct_usd: float | None = None
    within_2pct_usd: float | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class DepthReading:
    """Every venue that was ever seen, and open interest for each dollar within 1 %.

    `interest_venues` and `depth_venues` say whose numbers went into that figure.
    """

    at: datetime
    quality: Quality
    sources: tuple[Source, ...]
    venues: tuple[VenueDepth, ...] = ()
    interest_over_depth: float | None = None
    interest_venues: tuple[str, ...] = ()
    depth_venues: tuple[str, ...] = ()


def read_depth(market: Market, now: datetime, rules: ThinBookRules | None = None) -> DepthReading:
    """The depth at a moment."""
    rules = rules or ThinBookRules()
    found = (_venue(market, venue, now, rules) for venue in VENUES)
    venues = tuple(venue for venue in found if venue)
    fresh = [venue for venue in venues if not venue.is_stale]
    interest = _interest(market, now)
    whole = {v.venue: v.within_1pct_usd for v in fresh if v.within_1pct_usd}
    over = sum(interest.values()) / sum(whole.values()) if interest and whole else None
    quality = Quality.OK if fresh else Quality.STALE if venues else Quality.MISSING
    return DepthReading(
        at=now,
        quality=quality,
        sources=tuple(Source(venue.venue, venue.age) for venue in venues),
        venues=venues,
        interest_over_depth=over,
        interest_venues=tuple(interest) if over else (),
        depth_venues=tuple(whole) if over else (),
    )


def _venue(market: Market, venue: str, now: datetime, rules: ThinBookRules) -> VenueDepth | None:
    now_ms = to_ms(now)
    covered = market.gauge(venue, COIN, Measure.DEPTH_COVERED_PCT).last_known(now_ms)
    if covered is None:
        return None
    at_ms, covered_pct = covered

    def then(measure: Measure) -> float | None:
        return _at(market.gauge(venue, COIN, measure), at_ms)

    books = depths(market).get(venue)
    usual = usual_at(books, now_ms, rules) if books is not None else None
    age = now - from_ms(at_ms)
    return VenueDepth(
        venue=venue,
        age=age,
        is_stale=age >= rules.stale_after,
        covered_pct=covered_pct,
        seen_usd=then(Measure.DEPTH_SEEN_USD) or 0.0,
        within_1pct_usd=then(Measure.DEPTH_1PCT_USD),
        within_2pct_usd=then(Measure.DEPTH_2PCT_USD),
        ratio=usual.ratio if usual and usual.at_ms == at_ms else None,
    )


def _at(rows: Gauges, at_ms: int) -> float | None:
    """The number about exactly this moment."""
    row = int(rows.at_ms.searchsorted(at_ms))
    return float(rows.value[row]) if row < len(rows) and rows.at_ms[row] == at_ms else None


def _interest(market: Market, now: datetime) -> dict[str, float]:
    """Open interest of each venue that says it now."""
    found = {}
    for venue in market.sources_of(COIN, Measure.OPEN_INTEREST_USD):
        last = market.gauge(venue, COIN, Measure.OPEN_INTEREST_USD).last_known(to_ms(now))
        if last and now - from_ms(last[0]) <= _INTEREST_FRESH:
            found[venue] = last[1]
    return found
