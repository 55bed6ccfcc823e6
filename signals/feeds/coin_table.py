"""Feeds of the coins that people's own rules name: made anew for whatever is needed at the moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from signals.coins import Coin
from signals.feeds.coins import by_venue, fetch_coins
from signals.feeds.table import Brings, Connections, Feed, Retry
from signals.market import Fact

POLLED_EVERY = timedelta(seconds=15)
_COINS = " coins"
"""The end of the name of every such feed."""


def is_coin_feed(name: str) -> bool:
    """Whether a feed of this name is one of these."""
    return name.endswith(_COINS)


def coin_feeds(coins: Iterable[Coin]) -> list[Feed]:
    """A feed for each venue that has to be asked for some coins."""
    return [_coin_feed(venue, tuple(some)) for venue, some in by_venue(coins).items()]


def _coin_feed(venue: str, coins: tuple[Coin, ...]) -> Feed:
    async def fetch(to: Connections, since: datetime) -> tuple[Fact, ...]:
        del since
        return await fetch_coins(to.exchanges, venue, coins)

    within = POLLED_EVERY * 0.8
    return Feed(f"{venue}{_COINS}", venue, Brings.QUOTES, fetch, POLLED_EVERY, within, Retry(attempts=1))
