"""Leverage, for people to look at: open interest and funding by venue, and how fast it is rebuilt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signals.episode import Episode
from signals.gauges import Measure
from signals.leverage import (
    COINS,
    VENUES,
    Funding,
    Interest,
    Totals,
    funding_at,
    interest_at,
    mean_funding,
    totals,
)
from signals.market import Market
from signals.moments import DAY_MS, from_ms, to_ms
from signals.readings import Quality, Source
from signals.rebuilt import Rebuild, rebuild
from signals.relever import ReleverRules


class Stance(StrEnum):
    """What leverage says of the fall."""

    HEALTHY = "healthy"
    """Slow, with funding flat or slightly negative."""
    BUILDING = "building"
    """Rebuilt quickly, or longs pay for it."""
    OPEN = "open"
    """Neither."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VenueLeverage:
    """What a venue says of a coin's perpetual: dollars of one side, a fraction per eight hours.

    The changes are shares: over a day, and since before the open shock; None where there was no number then.
    """

    venue: str
    open_interest_usd: float | None
    funding_8h: float | None
    day_change: float | None = None
    shock_change: float | None = None


@dataclass(frozen=True, slots=True)
class CoinLeverage:
    """A coin over all venues: `day` and `since_shock` compare totals of the same venues."""

    coin: str
    venues: tuple[VenueLeverage, ...]
    total_usd: float | None
    day: Totals | None
    since_shock: Totals | None
    funding: Funding | None


@dataclass(frozen=True, slots=True)
class LeverageReading:
    """Both coins; of BTC what a shock took and how much of it is back, in all and for each day since."""

    at: datetime
    quality: Quality
    sources: tuple[Source, ...]
    coins: tuple[CoinLeverage, ...]
    stance: Stance
    shock_open: bool = False
    rebuilt: Rebuild | None = None
    rebuilt_per_day: float | None = None


def read_leverage(
    market: Market, episode: Episode | None, now: datetime, rules: ReleverRules | None = None
) -> LeverageReading:
    """Leverage at a moment; `episode` is the open one."""
    rules, now_ms = rules or ReleverRules(), to_ms(now)
    coins = tuple(_coin(market, coin, episode, now_ms) for coin in COINS)
    rebuilt = rebuild(market, episode, COINS[0], now_ms)
    days = (now_ms - episode.low.at_ms) / DAY_MS if episode else 0
    per_day = rebuilt.regained / max(days, 1.0) if rebuilt and rebuilt.taken > 0 else None
    sources = _sources(market, now)
    known = any(coin.total_usd is not None or coin.funding for coin in coins)
    quality = Quality.OK if known else Quality.STALE if sources else Quality.MISSING
    return LeverageReading(
        at=now,
        quality=quality,
        sources=sources,
        coins=coins,
        stance=_stance(coins[0], rebuilt, per_day, rules, shock_open=episode is not None),
        shock_open=episode is not None,
        rebuilt=rebuilt,
        rebuilt_per_day=per_day,
    )


def _coin(market: Market, coin: str, episode: Episode | None, now_ms: int) -> CoinLeverage:
    interest, funding = interest_at(market, coin, now_ms), funding_at(market, coin, now_ms)
    day = _changes(interest_at(market, coin, now_ms - DAY_MS), interest)
    shock = _changes(interest_at(market, coin, episode.reference_ms), interest) if episode else {}
    return CoinLeverage(
        coin,
        tuple(VenueLeverage(v, interest.get(v), funding.get(v), day.get(v), shock.get(v)) for v in VENUES),
        sum(interest.values()) if interest else None,
        totals(market, coin, now_ms - DAY_MS, now_ms),
        totals(market, coin, episode.reference_ms, now_ms) if episode else None,
        mean_funding(market, coin, now_ms),
    )


def _changes(then: Interest, now: Interest) -> Interest:
    """By how much each venue's open interest grew, as a share, where it is known at both moments."""
    return {venue: now[venue] / then[venue] - 1 for venue in now if venue in then}


def _stance(
    btc: CoinLeverage,
    rebuilt: Rebuild | None,
    per_day: float | None,
    rules: ReleverRules,
    *,
    shock_open: bool,
) -> Stance:
    """Slow with flat or slightly negative funding is healthy; fast, or paid for by longs, is not."""
    if btc.funding is None or btc.day is None:
        return Stance.UNKNOWN
    measured = rebuilt is not None and rebuilt.taken >= rules.taken
    # As fast as would regain what the warning asks for in the time that it gives.
    by_then = (per_day or 0.0) * (rules.within / timedelta(days=1))
    # What a shock takes in a day at least is fast too where it comes back, or grows anew, in one.
    if (measured and by_then > rules.regained) or btc.day.change >= rules.taken:
        return Stance.BUILDING
    if btc.funding.rate > rules.funding and btc.day.change >= rules.rising:
        return Stance.BUILDING
    if shock_open and rebuilt is None:
        return Stance.UNKNOWN
    is_slow = measured or btc.day.change < rules.rising
    is_flat = -rules.funding <= btc.funding.rate <= rules.funding / 2
    return Stance.HEALTHY if is_slow and is_flat else Stance.OPEN


def _sources(market: Market, now: datetime) -> tuple[Source, ...]:
    found = []
    for venue in VENUES:
        lasts = [
            market.gauge(venue, COINS[0], measure).last_known(to_ms(now))
            for measure in (Measure.OPEN_INTEREST_USD, Measure.FUNDING_8H)
        ]
        known = [last[0] for last in lasts if last]
        if known:
            found.append(Source(venue, now - from_ms(max(known))))
    return tuple(found)
