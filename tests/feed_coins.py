"""Other coins than BTC and ETH in the formats of six venues, for the sources on loopback."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

_STEPS = {"15m": 15, "1h": 60, "15": 15, "60": 60, "1H": 60, "900": 15, "3600": 60}
"""Minutes, as each venue names a timeframe; Coinbase in seconds."""
_OURS = {"BTCUSDT", "ETHUSDT", "BTC-USD", "ETH-USD", "USDT-USD", "XXBTZUSD", "XETHZUSD", "USDTZUSD"}
"""What the bot asks for by itself is answered elsewhere."""


@dataclass
class CoinSide:
    """The coins that tests list, each with its price, and how that was before."""

    listed: dict[tuple[str, str], float] = field(default_factory=dict)
    """By source and the venue's own name."""
    past: Callable[[float, datetime], float] = lambda price, at: price  # noqa: ARG005
    since: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    """Nothing was traded before."""

    def trade(self, source: str, market_id: str, price: float) -> None:
        """Let a venue trade a coin."""
        self.listed[source, market_id] = price

    def answer(self, source: str, request: web.Request, now: datetime) -> web.Response | None:
        """The answer to a request, None where it is about something else."""
        find = {
            ("binance", "/api/v3/ticker/bookTicker"): self._binance_books,
            ("binance", "/api/v3/ticker/price"): self._binance_names,
            ("binance", "/api/v3/klines"): self._binance_bars,
            ("binanceusdm", "/fapi/v1/ticker/bookTicker"): self._futures_book,
            ("binanceusdm", "/fapi/v1/klines"): self._binance_bars,
            ("kraken", "/0/public/Ticker"): self._kraken_books,
            ("kraken", "/0/public/OHLC"): self._kraken_bars,
            ("okx", "/api/v5/market/ticker"): self._okx_book,
            ("okx", "/api/v5/market/candles"): self._okx_bars,
            ("okx", "/api/v5/market/history-candles"): self._okx_bars,
            ("bybit", "/v5/market/tickers"): self._bybit_book,
            ("bybit", "/v5/market/kline"): self._bybit_bars,
        }.get((source, request.path))
        if source == "coinbaseexchange" and request.path.startswith("/products/"):
            find = self._coinbase
        return find(source, request, now) if find else None

    def _price(self, source: str, market_id: str) -> float | None:
        return self.listed.get((source, market_id))

    def _bars(  # noqa: PLR0917  # where, and when
        self, source: str, market_id: str, first: datetime, last: datetime, minutes: int, now: datetime
    ) -> list[tuple[int, float]]:
        """(opened ms, price) of the bars that opened in a stretch, the open one among them."""
        step, price = timedelta(minutes=minutes), self.listed[source, market_id]
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        opens = max(first, self.since) + (-(max(first, self.since) - epoch) % step)
        rows = []
        while opens <= min(last, now):
            rows.append((int(opens.timestamp() * 1000), self.past(price, opens + step)))
            opens += step
        return rows

    # Binance, spot and futures

    def _binance_books(self, source: str, request: web.Request, _: datetime) -> web.Response | None:
        symbols = json.loads(request.query["symbols"])
        if set(symbols) <= _OURS:
            return None
        prices = [self._price(source, symbol) for symbol in symbols]
        if None in prices:
            return _json({"code": -1121, "msg": "Invalid symbol."}, 400)
        return _json([_book(symbol, price or 0) for symbol, price in zip(symbols, prices, strict=True)])

    def _binance_names(self, source: str, _request: web.Request, _: datetime) -> web.Response:
        names = [market_id for where, market_id in self.listed if where == source]
        return _json([{"symbol": name, "price": "1.0"} for name in ("BTCUSDT", "ETHBTC", *names)])

    def _futures_book(self, source: str, request: web.Request, _: datetime) -> web.Response:
        price = self._price(source, request.query["symbol"])
        if price is None:
            return _json({"code": -1121, "msg": "Invalid symbol."}, 400)
        return _json({**_book(request.query["symbol"], price), "time": 1589437530011})

    def _binance_bars(self, source: str, request: web.Request, now: datetime) -> web.Response | None:
        symbol, minutes = request.query["symbol"], _STEPS.get(request.query["interval"], 5)
        if symbol in _OURS:
            return None
        first = _moment(request.query["startTime"])
        last = first + (int(request.query["limit"]) - 1) * timedelta(minutes=minutes)
        rows = self._bars(source, symbol, first, last, minutes, now)
        return _json([[at, *[str(p)] * 4, "1", at + 1, "1", 1, "1", "1", "0"] for at, p in rows])

    # Coinbase

    def _coinbase(self, source: str, request: web.Request, now: datetime) -> web.Response | None:
        _, _, product, what = request.path.split("/")
        if product in _OURS:
            return None
        price = self._price(source, product)
        if price is None:
            return _json({"message": "NotFound"}, 404)
        if what == "ticker":
            more = {"volume": "1", "trade_id": 1, "price": str(price), "time": "2026-11-20T12:00:00Z"}
            return _json({"ask": str(price), "bid": str(price), **more})
        first, last = (datetime.fromisoformat(request.query[name]) for name in ("start", "end"))
        rows = self._bars(source, product, first, last, _STEPS[request.query["granularity"]], now)
        return _json([[at // 1000, p, p, p, p, 1.0] for at, p in rows[::-1]])

    # Kraken

    def _kraken_books(self, source: str, request: web.Request, _: datetime) -> web.Response | None:
        pairs = request.query["pair"].split(",")
        if set(pairs) <= _OURS:
            return None
        if any(self._price(source, pair) is None for pair in pairs):
            return _json({"error": ["EQuery:Unknown asset pair"]})
        return _json({"error": [], "result": {pair: self._kraken_book(source, pair) for pair in pairs}})

    def _kraken_book(self, source: str, pair: str) -> dict[str, Any]:
        p = str(self.listed[source, pair])
        sides = {"a": [p, "1", "1.000"], "b": [p, "1", "1.000"], "c": [p, "0.1"], "v": ["1", "2"]}
        return {**sides, "p": [p, p], "t": [1, 2], "l": [p, p], "h": [p, p], "o": p}

    def _kraken_bars(self, source: str, request: web.Request, now: datetime) -> web.Response | None:
        pair, minutes = request.query["pair"], int(request.query["interval"])
        if pair in _OURS:
            return None
        since = datetime.fromtimestamp(int(request.query["since"]), UTC)
        first = max(since, now - 720 * timedelta(minutes=minutes))
        rows = self._bars(source, pair, first, now, minutes, now)
        told = [[at // 1000, *[str(p)] * 5, "1", 1] for at, p in rows]
        return _json({"error": [], "result": {pair: told, "last": int(now.timestamp())}})

    # OKX

    def _okx_book(self, source: str, request: web.Request, _: datetime) -> web.Response:
        price = self._price(source, request.query["instId"])
        if price is None:
            return _json({"code": "51001", "data": [], "msg": "Instrument ID doesn't exist."})
        told = {"instType": "SWAP", "instId": request.query["instId"], "last": str(price)}
        book = {"askPx": str(price), "bidPx": str(price), "ts": "1621440583784"}
        return _json({"code": "0", "msg": "", "data": [{**told, **book}]})

    def _okx_bars(self, source: str, request: web.Request, now: datetime) -> web.Response:
        query, minutes = request.query, _STEPS[request.query["bar"]]
        first, last = _moment(query["before"]), _moment(query["after"])
        rows = self._bars(source, query["instId"], first, last, minutes, now)[: int(query["limit"])]
        told = [[str(at), *[str(p)] * 4, "1", "1", "1", "1"] for at, p in rows[::-1]]
        return _json({"code": "0", "msg": "", "data": told})

    # Bybit

    def _bybit_book(self, source: str, request: web.Request, _: datetime) -> web.Response | None:
        symbol = request.query["symbol"]
        if symbol in _OURS:
            return None
        price = self._price(source, symbol)
        if price is None:
            return _json({"retCode": 10001, "retMsg": "params error: symbol invalid", "result": {}})
        book = {"symbol": symbol, "lastPrice": str(price), "bid1Price": str(price), "ask1Price": str(price)}
        return _json({"retCode": 0, "retMsg": "OK", "result": {"category": "linear", "list": [book]}})

    def _bybit_bars(self, source: str, request: web.Request, now: datetime) -> web.Response | None:
        symbol, minutes = request.query["symbol"], _STEPS.get(request.query["interval"], 5)
        if symbol in _OURS:
            return None
        first = _moment(request.query["start"])
        last = first + (int(request.query["limit"]) - 1) * timedelta(minutes=minutes)
        rows = self._bars(source, symbol, first, last, minutes, now)
        told = [[str(at), *[str(p)] * 4, "1", "1"] for at, p in rows[::-1]]
        result = {"symbol": symbol, "category": "linear", "list": told}
        return _json({"retCode": 0, "retMsg": "OK", "result": result})


def _book(symbol: str, price: float) -> dict[str, str]:
    return {
        "symbol": symbol, "bidPrice": str(price), "bidQty": "1", "askPrice": str(price), "askQty": "1",
    }  # fmt: skip


def _moment(column: str) -> datetime:
    return datetime.fromtimestamp(int(column) / 1000, UTC)


def _json(data: Any, status: int = 200) -> web.Response:
    return web.json_response(data, status=status)
