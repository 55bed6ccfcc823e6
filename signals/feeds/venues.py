"""The exchanges we ask, and what has to be known about each before it can be asked."""

from dataclasses import dataclass
from typing import Any

from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_ETH,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_ETH,
    KRAKEN_USDT,
    Instrument,
)


@dataclass(frozen=True, slots=True)
class Venue:
    """An exchange: what we ask it for, and how.

    `market_ids` maps an instrument to the venue's own name of it. `page` is the most candles in one answer.
    `lists`: the ends of the paths that are answered with a JSON array; all others bring an object. ccxt makes
    an empty history of anything else. `gaps`: a bar without trades is left out, so there may be none at all.
    `keeps`: how many bars back its history reaches, where it does not reach all the way.
    `together`: the ccxt method that brings several quotes in one request, where the venue has one.
    `book`: the ccxt method that brings the best bid and ask of one instrument, where its ticker has neither.
    `api`: by which name ccxt knows the address of the venue's public API.
    `fallback`: the source name and address to use while the venue refuses our country.
    """

    id: str
    market_ids: dict[Instrument, str]
    page: int
    lists: tuple[str, ...] = ()
    gaps: bool = False
    keeps: int | None = None
    together: str | None = None
    book: str | None = None
    api: str = "public"
    fallback: tuple[str, str] | None = None


COINBASE = Venue(
    "coinbaseexchange",
    {COINBASE_BTC: "BTC-USD", COINBASE_USDT: "USDT-USD", COINBASE_ETH: "ETH-USD"},
    page=300,
    lists=("/candles",),
    gaps=True,
)
BINANCE = Venue(
    "binance",
    {BINANCE_BTC: "BTCUSDT", BINANCE_ETH: "ETHUSDT"},
    page=1000,
    lists=("/klines", "/bookTicker", "/ticker/price"),
    together="fetch_bids_asks",
    # Market data only, and answers from everywhere:
    # https://developers.binance.com/docs/binance-spot-api-docs/faqs/market_data_only
    fallback=("binance_vision", "https://data-api.binance.vision/api/v3"),
)
KRAKEN = Venue(
    "kraken",
    {KRAKEN_BTC: "XXBTZUSD", KRAKEN_USDT: "USDTZUSD", KRAKEN_ETH: "XETHZUSD"},
    page=720,
    keeps=720,
    # Kraken allows about one request a second, so all come in one.
    together="fetch_tickers",
)

# Asked only for coins that people's own rules name.
BINANCE_FUTURES = Venue(
    "binanceusdm",
    {},
    page=1000,
    lists=("/klines",),
    book="fapipublic_get_ticker_bookticker",
    api="fapiPublic",
)
OKX = Venue("okx", {}, page=100, api="rest")
BYBIT = Venue("bybit", {}, page=1000)

VENUES = {venue.id: venue for venue in (COINBASE, BINANCE, KRAKEN)}
"""Those whose prices every rule of ours rests on."""

ALL_VENUES = {**VENUES, **{venue.id: venue for venue in (BINANCE_FUTURES, OKX, BYBIT)}}


def preset_market(client: Any, instrument: Instrument, market_id: str) -> Any:
    """What ccxt would have learnt of an instrument from the venue; with a colon in its symbol a perpetual.

    Loading the real list costs megabytes and seconds, and fails as a whole where one market type is blocked.
    """
    pair, _, settle = instrument.symbol.partition(":")
    base, quote = pair.split("/")
    is_perpetual = bool(settle)
    return client.safe_market_structure(
        {
            "id": market_id,
            "lowercaseId": market_id.lower(),
            "symbol": instrument.symbol,
            "base": base,
            "quote": quote,
            "baseId": base,
            "quoteId": quote,
            "settle": settle or None,
            "settleId": settle or None,
            "type": "swap" if is_perpetual else "spot",
            "spot": not is_perpetual,
            "margin": False,
            "swap": is_perpetual,
            "future": False,
            "option": False,
            "contract": is_perpetual,
            "linear": True if is_perpetual else None,
            "inverse": False if is_perpetual else None,
            "contractSize": 1.0 if is_perpetual else None,
            "active": True,
            "precision": {"price": 0.01, "amount": 1e-8},
            "info": {},
        }
    )
