"""The shock, for people to look at: the open or last episode, and what the last 24 hours show."""

from dataclasses import dataclass
from datetime import datetime
from math import isnan

from signals.conditions import Standing
from signals.deleveraging import INSTRUMENT, DeleveragingRules, fall_before, read_signs
from signals.episode import Episode, ShockState
from signals.facts import BINANCE_ETH
from signals.freshness import source_of
from signals.market import Market
from signals.moments import DAY_MS, from_ms, to_ms
from signals.readings import Source


@dataclass(frozen=True, slots=True)
class ShockReading:
    """The open episode, or the last one; shares are fractions of one.

    `fall_24h` is how far BTC's newest bar went below the high of the 24 hours before it; `volume_24h` is how
    much more was traded than in the 24 hours before.
    """

    is_open: bool
    sources: tuple[Source, ...]
    episode: Episode | None = None
    closed_at: datetime | None = None
    regained: float | None = None
    btc_usd: float | None = None
    fall_24h: float | None = None
    volume_24h: float | None = None


def read_shock(
    standing: Standing, market: Market, now: datetime, rules: DeleveragingRules | None = None
) -> ShockReading:
    """What is known of the shock at a moment, from where it stands."""
    now_ms, episode = to_ms(now), Episode.of(standing.evidence)
    is_open = standing.state == ShockState.OPEN
    price = market.last_price(INSTRUMENT, now_ms)
    fall, volume = _last_day(market, now_ms, rules or DeleveragingRules())
    return ShockReading(
        is_open=is_open,
        sources=tuple(source_of(market, instrument, now_ms) for instrument in (INSTRUMENT, BINANCE_ETH)),
        episode=episode,
        closed_at=from_ms(standing.since_ms) if standing.since_ms and not is_open else None,
        regained=episode.regained(price[1]) if episode and price else None,
        btc_usd=price[1] if price else None,
        fall_24h=fall,
        volume_24h=volume,
    )


def _last_day(market: Market, now_ms: int, rules: DeleveragingRules) -> tuple[float | None, float | None]:
    """The fall and the change of volume at the newest bar; None where there are too few bars to say."""
    signs = read_signs(market, now_ms - DAY_MS // 12, now_ms, rules)
    if not len(signs.forced):
        return None, None
    _, fall = fall_before(signs.bars, len(signs.bars) - 1)
    volume = float(signs.volume_change[-1])
    return (None, None) if isnan(volume) else (fall, volume)
