"""Liquidations of 24 hours, for people to look at: by venue and coin, and how much of the day was heard."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from operator import itemgetter

from signals.gauges import Measure
from signals.liquidations import ALL, VENUES, LiquidationRules, Sides, all_sides, sides_of
from signals.market import Market
from signals.moments import DAY_MS, from_ms, to_ms
from signals.readings import Quality, Source

COINS = ("BTC", "ETH")


@dataclass(frozen=True, slots=True)
class VenueLiquidations:
    """A venue: what it told of all contracts, and how much of the 24 hours it could be heard."""

    venue: str
    sides: Sides

    @property
    def heard(self) -> timedelta:
        """For how long it was heard."""
        return timedelta(milliseconds=self.sides.heard_ms)


@dataclass(frozen=True, slots=True)
class LiquidationsReading:
    """The last 24 hours, and the five minutes in which most was liquidated.

    `everywhere`: dollars of longs and of shorts over all exchanges, as CoinGlass adds them up, where known.
    """

    at: datetime
    quality: Quality
    sources: tuple[Source, ...]
    total: Sides
    coins: tuple[tuple[str, Sides], ...]
    venues: tuple[VenueLiquidations, ...]
    burst_usd: float = 0.0
    burst_at: datetime | None = None
    everywhere: tuple[float, float] | None = None


def read_liquidations(
    market: Market, now: datetime, rules: LiquidationRules | None = None
) -> LiquidationsReading:
    """What was liquidated in the 24 hours before a moment, as far as it was told."""
    rules, now_ms = rules or LiquidationRules(), to_ms(now)
    sources = tuple(_sources(market, now))
    burst_usd, burst_at = _burst(market, now_ms)
    return LiquidationsReading(
        at=now,
        quality=_quality(sources, rules),
        sources=sources,
        total=all_sides(market, ALL, now_ms),
        coins=tuple((coin, all_sides(market, coin, now_ms)) for coin in COINS),
        venues=tuple(VenueLiquidations(venue, sides_of(market, venue, ALL, now_ms)) for venue in VENUES),
        burst_usd=burst_usd,
        burst_at=burst_at,
        everywhere=_everywhere(market, now, rules),
    )


def _sources(market: Market, now: datetime) -> Iterator[Source]:
    """Who could be heard, each with the age of what it said last."""
    for venue in VENUES:
        last = market.gauge(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS).last_known(to_ms(now))
        if last:
            yield Source(venue, now - from_ms(last[0]))


def _quality(sources: tuple[Source, ...], rules: LiquidationRules) -> Quality:
    if not sources:
        return Quality.MISSING
    fresh = any(source.age is not None and source.age <= rules.stale_after for source in sources)
    return Quality.OK if fresh else Quality.STALE


def _burst(market: Market, now_ms: int) -> tuple[float, datetime | None]:
    """The five minutes of the day in which most was liquidated."""
    found: dict[int, float] = defaultdict(float)
    for venue, measure in product(VENUES, (Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD)):
        rows = market.gauge(venue, ALL, measure).since(now_ms - DAY_MS).known_by(now_ms)
        for at_ms, usd in zip(rows.at_ms.tolist(), rows.value.tolist(), strict=True):
            found[at_ms] += usd
    if not found:
        return 0.0, None
    at_ms, usd = max(found.items(), key=itemgetter(1))
    return usd, from_ms(at_ms)


def _everywhere(market: Market, now: datetime, rules: LiquidationRules) -> tuple[float, float] | None:
    lasts = [
        market.gauge("coinglass", ALL, measure).last_known(to_ms(now))
        for measure in (Measure.LIQUIDATED_24H_LONG_USD, Measure.LIQUIDATED_24H_SHORT_USD)
    ]
    fresh = [last[1] for last in lasts if last and now - from_ms(last[0]) <= rules.stale_after]
    return (fresh[0], fresh[1]) if len(fresh) == len(lasts) else None
