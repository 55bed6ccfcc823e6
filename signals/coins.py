"""Coins that rules of people name besides BTC and ETH: whose price is meant by each."""

import re
from typing import NamedTuple

from signals.market import Instrument

_NAME = re.compile(r"[A-Z0-9]{2,15}(-PERP)?")
_PERPETUAL = "-PERP"


class Coin(NamedTuple):
    """A coin as people write it, in capitals (SOL, SOL-PERP), and the instrument that stands for it.

    `market_id` is the venue's own name of the instrument.
    """

    name: str
    instrument: Instrument
    market_id: str


class Place(NamedTuple):
    """Where coins are traded, and how the instrument and the venue's name of it are made of a coin's."""

    venue: str
    symbol: str
    market_id: str

    def coin(self, name: str) -> Coin:
        """What a coin would be here, if it is traded here at all."""
        bare = name.removesuffix(_PERPETUAL)
        return Coin(name, Instrument(self.venue, self.symbol.format(bare)), self.market_id.format(bare))


SPOT = (
    Place("binance", "{}/USDT", "{}USDT"),
    Place("coinbaseexchange", "{}/USD", "{}-USD"),
    Place("kraken", "{}/USD", "{}USD"),
)
PERPETUALS = (
    Place("binanceusdm", "{}/USDT:USDT", "{}USDT"),
    Place("okx", "{}/USDT:USDT", "{}-USDT-SWAP"),
    Place("bybit", "{}/USDT:USDT", "{}USDT"),
)


def candidates(name: str) -> tuple[Coin, ...]:
    """What a name may stand for, the likeliest first: a spot price unless a perpetual is asked for."""
    if not _NAME.fullmatch(name):
        return ()
    places = PERPETUALS if name.endswith(_PERPETUAL) else (*SPOT, *PERPETUALS)
    return tuple(place.coin(name) for place in places)
