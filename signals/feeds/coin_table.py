"""Feeds of the coins that people's own rules name: made anew for whatever is needed at the moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from signals.coins import Coin
from signals.facts import Fact
from signals.feeds.coins import by_venue, fetch_coins, step_of
from signals.feeds.connections import Connections
from signals.feeds.feed import Brings, Feed, Retry

POLLED_EVERY = timedelta(seconds=15)
BARS_EVERY = timedelta(minutes=15)
_COINS, _BARS = " coins", " bars of coins"
"""How the names of these feeds end."""


def is_coin_feed(name: str) -> bool:
    """Whether a feed of this name is one of these."""
    return name.endswith((_COINS, _BARS))


def coin_feeds(coins: Iterable[Coin]) -> list[Feed]:
    """A feed for each venue that has to be asked for some coins."""
    return [_coin_feed(venue, tuple(some)) for venue, some in by_venue(coins).items()]


def coin_bar_feeds(coins: Iterable[Coin]) -> list[Feed]:
    """A feed for each venue that has to be asked for the bars of some coins: quotes are kept for days."""
    return [_bar_feed(venue, tuple(some)) for venue, some in by_venue(coins).items()]


def _coin_feed(venue: str, coins: tuple[Coin, ...]) -> Feed:
    async def fetch(to: Connections, since: datetime) -> tuple[Fact, ...]:
        del since
        return await fetch_coins(to.exchanges, venue, coins)

    within = POLLED_EVERY * 0.8
    return Feed(f"{venue}{_COINS}", venue, Brings.QUOTES, fetch, POLLED_EVERY, within, Retry(attempts=1))


def _bar_feed(venue: str, coins: tuple[Coin, ...]) -> Feed:
    step = step_of(venue)

    async def fetch(to: Connections, since: datetime) -> tuple[Fact, ...]:
        bars = [
            await to.exchanges.fetch_candles(coin.instrument, step, since, market_id=coin.market_id)
            for coin in coins
        ]
        return tuple(bar for bars_of_one in bars for bar in bars_of_one)

    within = BARS_EVERY * 0.8
    return Feed(
        f"{venue}{_BARS}",
        venue,
        Brings.CANDLES,
        fetch,
        BARS_EVERY,
        within,
        Retry(attempts=2),
        look_back=2 * step,
    )
