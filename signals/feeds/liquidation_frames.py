"""What Binance, Bybit and OKX say of liquidations over their WebSockets, each in its own words.

Binance tells the side of the order: SELL closes a long. Bybit tells the side of the position: Buy was a long.
OKX tells the order's side and counts contracts. Binance and OKX tell at most one a second for each contract,
Bybit all of them; prices in a stablecoin are taken for dollars.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class Told(NamedTuple):
    """What a word said: liquidations, and how many more it had that could not be read.

    `confirms`: the venue will tell what it was asked for.
    """

    found: tuple[Liquidation, ...] = ()
    unreadable: int = 0
    confirms: bool = False


NOTHING = Told()


class RefusedError(ValueError):
    """The venue does not give what it was asked for."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A venue's stream of liquidations.

    `hello` asks for it, which the venue confirms within `ping_seconds`. `ping` is said every `ping_seconds`
    where the venue wants that besides the protocol's own pings. `read` finds the liquidations in a word; it
    raises ValueError, TypeError, LookupError or AttributeError for one that cannot be read, RefusedError for
    a refusal.
    """

    venue: str
    source: str
    url: str
    hello: tuple[str, ...]
    read: Callable[[str, Contracts], Told]
    ping: str | None = None
    ping_seconds: float = 20.0
    is_by_contract: bool = False


def of_binance(text: str, contracts: Contracts) -> Told:
    """A `forceOrder`: `ap` is the average price and `z` what was filled."""
    del contracts
    told = json.loads(text)
    if told.get("e") != "forceOrder":
        return NOTHING
    order = told["o"]
    coin = _coin(order["s"].partition("_")[0])
    if coin is None:
        return NOTHING
    coins = _positive(order["z"] if number(order["z"]) else order["q"])
    usd = _dollars(_positive(order["ap"]) * coins)
    return Told((Liquidation(coin, _side(order["S"], long="SELL", short="BUY"), usd),))


def of_bybit(text: str, contracts: Contracts) -> Told:
    """An `allLiquidation`: as many as there were in half a second; `p` is the bankruptcy price."""
    del contracts
    told = json.loads(text)
    if told.get("op") == "subscribe":
        if told["success"] is not True:
            raise RefusedError(told.get("ret_msg"))
        return Told(confirms=True)
    if not str(told.get("topic", "")).startswith("allLiquidation."):
        return NOTHING
    return _each(told["data"], _bybit_order)


def _bybit_order(order: Any) -> Liquidation | None:
    coin = _coin(order["s"])
    usd = _dollars(_positive(order["v"]) * _positive(order["p"]))
    return Liquidation(coin, _side(order["S"], long="Buy", short="Sell"), usd) if coin else None


def of_okx(text: str, contracts: Contracts) -> Told:
    """`liquidation-orders`: several details in a message. A contract of unknown size is left out."""
    if text == "pong":
        return NOTHING
    told = json.loads(text)
    match told.get("event"):
        case "error":
            raise RefusedError(f"{told.get('code')} {told.get('msg')}")
        case "subscribe":
            return Told(confirms=True)
        case None:
            return _each(_okx_orders(told["data"]), lambda order: _okx_order(order[0], order[1], contracts))
        case _:
            return NOTHING


def _okx_orders(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Contract and detail of each order; of a row of another shape nothing, which nobody can read."""
    for row in rows:
        match row:
            case {"instId": name, "details": [*details]}:
                yield from ((name, detail) for detail in details)
            case _:
                yield None, None


def _okx_order(name: Any, order: Any, contracts: Contracts) -> Liquidation | None:
    """Raises LookupError for a contract in dollars that is not among those that are known."""
    if not _is_in_dollars(name):
        return None
    contract = contracts[name]
    worth = contract.size * (1.0 if contract.is_inverse else _positive(order["bkPx"]))
    is_long = _side(order["side"], long="sell", short="buy")
    return Liquidation(contract.coin, is_long, _dollars(_positive(order["sz"]) * worth))


def _each(orders: Iterable[Any], read_one: Callable[[Any], Liquidation | None]) -> Told:
    """Every order that can be read: one that cannot takes nothing from those beside it."""
    found: list[Liquidation] = []
    unreadable = 0
    for order in orders:
        try:
            liquidation = read_one(order)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
            unreadable += 1
        else:
            found += [liquidation] if liquidation else []
    return Told(tuple(found), unreadable)


async def fetch_contracts(http: Http) -> Contracts:
    """The sizes of OKX's contracts. Raises FeedError."""
    answer = await http.get_json("okx", f"{OKX_HOST}/api/v5/public/instruments", {"instType": "SWAP"})
    return read("okx", lambda: dict(_contracts(answer)))


def _contracts(answer: Any) -> Iterator[tuple[str, Contract]]:
    for row in okx_data(answer):
        coin = row["instId"].partition("-")[0]
        size = number(row["ctVal"]) * number(row["ctMult"] or 1)
        if _is_in_dollars(row["instId"]):
            yield row["instId"], Contract(coin, size, row["ctType"] == "inverse")


def _coin(symbol: str) -> str | None:
    """The coin of a contract that is priced in dollars; None of any other."""
    for quote in _QUOTES:
        if symbol.endswith(quote):
            return symbol.removesuffix(quote)
    return None


def _is_in_dollars(contract: str) -> bool:
    """Whether OKX prices a contract in dollars: BTC-USDT-SWAP, and BTC-USD-SWAP, which is inverse."""
    return contract.split("-")[1] in (*_QUOTES, "USD")


def _positive(value: Any) -> float:
    """A number above zero. Raises ValueError where it is none."""
    if (found := number(value)) <= 0:
        raise ValueError(value)
    return found


def _dollars(value: float) -> float:
    """What a position was worth. Raises ValueError where it is more than there is: no sum would recover."""
    if not value <= _MOST_USD:
        raise ValueError(value)
    return value


_MOST_USD = 1e12
"""Some times the open interest of all coins on all exchanges."""


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
