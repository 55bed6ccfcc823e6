"""Coins that rules of people name besides BTC and ETH: whose price is meant by each.

SOL · SOL/USDT · SOL/USDT:USDT, a perpetual · SOL@okx and SOL/USDT@okx, where a venue is named
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from signals.facts import Instrument

_NAME = re.compile(
    r"(?P<coin>[A-Z0-9]{2,15})(/(?P<quote>[A-Z0-9]{2,10})(:(?P<settle>[A-Z0-9]{2,10}))?)?"
    r"(@(?P<venue>[a-z]{2,20}))?"
)


class Coin(NamedTuple):
    """A coin as people write it (SOL, SOL/USDT@okx), and the instrument that stands for it.

    `market_id` is the venue's own name of the instrument.
    """

    name: str
    instrument: Instrument
    market_id: str


class Place(NamedTuple):
    """Where coins are traded: its name as people say it, the venue, its own names, and its usual dollar."""

    name: str
    venue: str
    market_id: str
    quote: str


SPOT = (
    Place("binance", "binance", "{}{}", "USDT"),
    Place("coinbase", "coinbaseexchange", "{}-{}", "USD"),
    Place("kraken", "kraken", "{}{}", "USD"),
    Place("okx", "okx", "{}-{}", "USDT"),
    Place("bybit", "bybit", "{}{}", "USDT"),
)
PERPETUALS = (
    Place("binance", "binanceusdm", "{}{}", "USDT"),
    Place("okx", "okx", "{}-{}-SWAP", "USDT"),
    Place("bybit", "bybit", "{}{}", "USDT"),
)


def candidates(name: str) -> tuple[Coin, ...]:
    """What a name may stand for, the likeliest first: a spot price, unless it says otherwise."""
    found = _NAME.fullmatch(name)
    return tuple(_candidates(name, found.groupdict())) if found else ()


def _candidates(name: str, said: Mapping[str, str | None]) -> Iterator[Coin]:
    coin, quote, settle, venue = said["coin"], said["quote"], said["settle"], said["venue"]
    for places, is_perpetual in ((SPOT, False), (PERPETUALS, True)):
        for place in places:
            dollar = quote or place.quote
            other_kind = is_perpetual != bool(settle) if quote else False
            if other_kind or (venue and venue != place.name) or (settle and settle != quote):
                continue
            symbol = f"{coin}/{dollar}:{dollar}" if is_perpetual else f"{coin}/{dollar}"
            yield Coin(name, Instrument(place.venue, symbol), place.market_id.format(coin, dollar))
