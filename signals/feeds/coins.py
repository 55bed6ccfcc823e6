"""Coins that people's own rules name: who trades one, its last month, and the quotes of all of them.

No list of markets is loaded, which would cost megabytes: each venue in turn is asked for the price of the
coin, and refuses one that it does not know.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches

from signals.coins import SPOT, Coin, candidates
from signals.facts import Candle, Instrument, Quote
from signals.feeds.exchange import Exchanges
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.venues import ALL_VENUES

HISTORY = timedelta(days=30)
"""How much of a coin's past a preview shows."""

_FINE, _COARSE = timedelta(minutes=15), timedelta(hours=1)
_NAMES_LAST = timedelta(hours=1)
_UNKNOWN = ("HTTP 400", "HTTP 404", "BadSymbol", "BadRequest")
"""How venues say that they do not know an instrument, as it stands in the failure's text."""
_QUOTED_IN = "USDT"


class UnknownCoinError(Exception):
    """No venue trades it. `near`: names that are close, the closest first."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(name)
        self.near = near


@dataclass
class CoinFeed:
    """Asks the venues about coins. Lives in one event loop."""

    exchanges: Exchanges
    _names: tuple[str, ...] = ()
    _named_at: datetime | None = field(default=None)

    async def find(self, name: str) -> Coin:
        """Who trades a coin: the first venue that does.

        Raises:
            UnknownCoinError: every venue was asked, and none does.
            FeedError: no venue that answered does, and not all of them did.
        """
        failed: FeedError | None = None
        for coin in candidates(name):
            ours = ALL_VENUES[coin.instrument.venue].market_ids
            coin = coin._replace(market_id=ours.get(coin.instrument, coin.market_id))  # noqa: PLW2901
            try:
                await self.exchanges.fetch_quotes(coin.instrument.venue, {coin.instrument: coin.market_id})
            except FeedError as error:
                failed = failed if _is_unknown(error) else error
            else:
                return coin
        if failed:
            raise failed
        raise UnknownCoinError(name, await self._near(name))

    async def history(self, coin: Coin, now: datetime) -> tuple[Candle, ...]:
        """The bars of a coin's last month, or of as much as the venue keeps.

        Raises:
            FeedError: whatever went wrong.
        """
        step = step_of(coin.instrument.venue)
        return await self.exchanges.fetch_candles(
            coin.instrument, step, now - HISTORY, market_id=coin.market_id
        )

    async def _near(self, name: str) -> tuple[str, ...]:
        """Names that are close to one; none where they cannot be had."""
        now = self.exchanges.context.clock()
        if self._named_at is None or now - self._named_at > _NAMES_LAST:
            try:
                self._names = await self.exchanges.fetch_names(SPOT[0].venue, _QUOTED_IN)
            except FeedError:
                return ()
            self._named_at = now
        return tuple(get_close_matches(name, self._names, n=3))


async def fetch_coins(exchanges: Exchanges, venue_id: str, coins: Iterable[Coin]) -> tuple[Quote, ...]:
    """The quotes of coins at one venue, in one go; where one is refused, those of the others.

    Raises:
        FeedError: whatever went wrong.
    """
    asked = {coin.instrument: coin.market_id for coin in coins}
    try:
        return await exchanges.fetch_quotes(venue_id, asked)
    except FeedError as error:
        # A coin that was taken off the venue must not silence all others.
        if not _is_unknown(error) or len(asked) == 1:
            raise
    return await _one_by_one(exchanges, venue_id, asked)


async def _one_by_one(exchanges: Exchanges, venue_id: str, asked: dict[Instrument, str]) -> tuple[Quote, ...]:
    quotes: list[Quote] = []
    for instrument, market_id in asked.items():
        try:
            quotes += await exchanges.fetch_quotes(venue_id, {instrument: market_id})
        except FeedError as error:
            if not _is_unknown(error):
                raise
    return tuple(quotes)


def step_of(venue_id: str) -> timedelta:
    """The bars of coins: quarters of an hour, hours where a venue keeps too few of them for a month."""
    keeps = ALL_VENUES[venue_id].keeps
    return _FINE if keeps is None or keeps * _FINE >= HISTORY else _COARSE


def by_venue(coins: Iterable[Coin]) -> dict[str, list[Coin]]:
    """Coins by the venue that has to be asked for them."""
    found: dict[str, list[Coin]] = defaultdict(list)
    for coin in coins:
        found[coin.instrument.venue].append(coin)
    return found


def _is_unknown(error: FeedError) -> bool:
    """Whether a venue said that it has no such instrument, rather than that something went wrong.

    One that brings no price at all for it says the same.
    """
    if error.kind is FailureKind.MALFORMED:
        return "no bid and ask" in str(error)
    return error.kind is FailureKind.PERMANENT and any(mark in str(error) for mark in _UNKNOWN)
