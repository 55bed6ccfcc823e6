"""What Binance, Bybit and OKX say of liquidations over their WebSockets, each in its own words.

Binance tells the side of the order: SELL closes a long. Bybit tells the side of the position: Buy was a long.
OKX tells the order's side and counts contracts. Binance and OKX tell at most one a second for each contract,
Bybit all of them; prices in a stablecoin are taken for dollars.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from signals.feeds.http import Http
from signals.feeds.leverage import OKX_HOST, number, okx_data, read

_QUOTES = ("USDT", "USDC")
BYBIT_SYMBOLS = tuple(
    f"{coin}USDT" for coin in ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "ADA", "SUI", "LINK", "HYPE")
)
"""Bybit is asked for by the contract: the largest."""


class Liquidation(NamedTuple):
    """A position that was closed by force: its coin, its side, and what it was worth in dollars."""

    coin: str
    is_long: bool
    usd: float


class Contract(NamedTuple):
    """What one contract of OKX is: so many coins, or, where it is inverse, so many dollars."""

    coin: str
    size: float
    is_inverse: bool


Contracts = Mapping[str, Contract]
"""By OKX's name of the contract; empty for the other venues."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A venue's stream of liquidations.

    `ping` is said every `ping_seconds` where the venue wants that besides the protocol's own pings.
    `read` finds the liquidations in a word of the venue's; it raises ValueError, TypeError, LookupError or
    AttributeError for a word that cannot be read.
    """

    venue: str
    source: str
    url: str
    hello: tuple[str, ...]
    read: Callable[[str, Contracts], list[Liquidation]]
    ping: str | None = None
    ping_seconds: float = 20.0
    is_by_contract: bool = False


def of_binance(text: str, contracts: Contracts) -> list[Liquidation]:
    """A `forceOrder`: `ap` is the average price and `z` what was filled."""
    del contracts
    told = json.loads(text)
    if told.get("e") != "forceOrder":
        return []
    order = told["o"]
    coin = _coin(order["s"].partition("_")[0])
    if coin is None:
        return []
    usd = number(order["ap"]) * number(order["z"] if number(order["z"]) else order["q"])
    return [Liquidation(coin, _side(order["S"], long="SELL", short="BUY"), usd)]


def of_bybit(text: str, contracts: Contracts) -> list[Liquidation]:
    """An `allLiquidation`: as many as there were in half a second; `p` is the bankruptcy price."""
    del contracts
    told = json.loads(text)
    if not str(told.get("topic", "")).startswith("allLiquidation."):
        if told.get("success") is False:
            raise ValueError("refused")
        return []
    found = ((_coin(each["s"]), each) for each in told["data"])
    return [
        Liquidation(coin, _side(each["S"], long="Buy", short="Sell"), number(each["v"]) * number(each["p"]))
        for coin, each in found
        if coin
    ]


def of_okx(text: str, contracts: Contracts) -> list[Liquidation]:
    """`liquidation-orders`: several details in a message. A contract of unknown size is left out."""
    if text == "pong":
        return []
    told = json.loads(text)
    if told.get("event") == "error":
        raise ValueError("refused")
    return list(_of_okx(told, contracts)) if "data" in told else []


def _of_okx(told: Any, contracts: Contracts) -> Iterator[Liquidation]:
    for each in told["data"]:
        contract = contracts.get(each["instId"])
        if contract is None:
            continue
        for detail in each["details"]:
            worth = contract.size * (1.0 if contract.is_inverse else number(detail["bkPx"]))
            is_long = _side(detail["side"], long="sell", short="buy")
            yield Liquidation(contract.coin, is_long, number(detail["sz"]) * worth)


async def fetch_contracts(http: Http) -> Contracts:
    """The sizes of OKX's contracts. Raises FeedError."""
    answer = await http.get_json("okx", f"{OKX_HOST}/api/v5/public/instruments", {"instType": "SWAP"})
    return read("okx", lambda: dict(_contracts(answer)))


def _contracts(answer: Any) -> Iterator[tuple[str, Contract]]:
    for row in okx_data(answer):
        coin = row["instId"].partition("-")[0]
        size = number(row["ctVal"]) * number(row["ctMult"] or 1)
        if row["ctType"] == "inverse" or row["instId"].split("-")[1] in _QUOTES:
            yield row["instId"], Contract(coin, size, row["ctType"] == "inverse")


def _coin(symbol: str) -> str | None:
    """The coin of a contract that is priced in dollars; None of any other."""
    for quote in _QUOTES:
        if symbol.endswith(quote):
            return symbol.removesuffix(quote)
    return None


def _side(said: Any, *, long: str, short: str) -> bool:
    if said not in (long, short):
        raise ValueError(said)
    return bool(said == long)


STREAMS = (
    Stream(
        "binance",
        "binance_stream",
        # The addresses without /market were retired in April 2026.
        "https://fstream.binance.com/market/ws/!forceOrder@arr",
        (),
        of_binance,
    ),
    Stream(
        "bybit",
        "bybit_stream",
        "https://stream.bybit.com/v5/public/linear",
        (json.dumps({"op": "subscribe", "args": [f"allLiquidation.{symbol}" for symbol in BYBIT_SYMBOLS]}),),
        of_bybit,
        ping='{"op":"ping"}',
    ),
    Stream(
        "okx",
        "okx_stream",
        "https://ws.okx.com:8443/ws/v5/public",
        (json.dumps({"op": "subscribe", "args": [{"channel": "liquidation-orders", "instType": "SWAP"}]}),),
        of_okx,
        ping="ping",
        is_by_contract=True,
    ),
)
"""Whose liquidations are listened to. aiohttp opens WebSockets at http addresses as well."""
