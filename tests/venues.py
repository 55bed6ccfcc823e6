"""Every source on loopback, each on a port of its own and answering in its own format, whole or broken.

async with Venues() as venues:
    venues.price(BINANCE_BTC, 106_900.0, 106_901.0)
    venues["kraken"].fault = Fault.GEO_BLOCKED
    ... FeedContext(clock, base_urls=venues.base_urls()), or AFTERSHOCK_BASE_URLS for a real process
"""

import asyncio
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import pytest
from aiohttp import web

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
from signals.moments import length_ms
from tests import feed_adl, feed_books, feed_coins, feed_contagion, feed_leverage, feed_liquidations
from tests.flow_formats import Funds, farside_page, points, sosovalue_chart, sosovalue_metrics

Bar = tuple[float, float, float, float, float]
"""Open, high, low, close, volume."""

_IDS = {
    "BTC-USD": COINBASE_BTC,
    "USDT-USD": COINBASE_USDT,
    "BTCUSDT": BINANCE_BTC,
    "ETHUSDT": BINANCE_ETH,
    "ETH-USD": COINBASE_ETH,
    "XXBTZUSD": KRAKEN_BTC,
    "XETHZUSD": KRAKEN_ETH,
    "USDTZUSD": KRAKEN_USDT,
}
_FIRST_BIDS = {
    COINBASE_BTC: 106_900.0,
    BINANCE_BTC: 106_950.0,
    KRAKEN_BTC: 106_920.0,
    BINANCE_ETH: 3_596.0,
    COINBASE_ETH: 3_594.0,
    KRAKEN_ETH: 3_595.0,
    COINBASE_USDT: 0.99907,
    KRAKEN_USDT: 0.99908,
}
FLOW_SOURCES = ("sosovalue", "coinmarketcap", "farside")
SOURCES = (
    "coinbaseexchange",
    "binance",
    "binance_vision",
    "kraken",
    *FLOW_SOURCES,
    *feed_adl.SOURCES,
    *feed_liquidations.SOURCES,
    *feed_contagion.SOURCES,
)


class Fault(StrEnum):
    """What is wrong with a source."""

    EMPTY = "an empty body"
    HTML = "a page where data should be"
    CHALLENGE = "403 and a page: a content network's refusal"
    FORBIDDEN = "403 and JSON"
    UNAUTHORIZED = "401 that repeats the key"
    RATE_LIMITED = "429 with Retry-After"
    BANNED = "418 with Retry-After"
    GEO_BLOCKED = "451 with Binance's sentence"
    BROKEN = "500"
    WRONG_TYPES = "JSON of another shape"
    CUT = "a connection that ends amid the body"
    CLOSED = "a connection that ends without an answer"
    SLOW = "no answer at all"
    TLS = "on to where the encrypted connection cannot be made"


@dataclass
class Source:
    """One source: its fault, if any, and what it was asked."""

    name: str
    url: str = ""
    fault: Fault | None = None
    requests: list[str] = field(default_factory=list)
    body: str | None = None
    """What it answers instead, with status 200."""
    barrier: asyncio.Barrier | None = None
    """Answers only when so many requests are waiting."""
    answer_date: datetime | None = None
    """What its clock says, where it is not the present."""


class Venues:
    """All sources. Prices, bars and flows are set by the test; a bar that is not set is flat at the price."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.prices: dict[Instrument, tuple[str, str]] = {}
        self.bars: dict[Instrument, dict[datetime, Bar]] = {}
        self.absent: set[datetime] = set()
        self.adl = feed_adl.AdlSide()
        self.books = feed_books.Books()
        self.coins = feed_coins.CoinSide()
        self.leverage = feed_leverage.LeverageSide()
        self.contagion = feed_contagion.ContagionSide()
        self.liquidations = feed_liquidations.LiquidationSide()
        self.flows: dict[str, dict[str, dict[date, Funds]]] = {name: {} for name in FLOW_SOURCES}
        self._sources = {name: Source(name) for name in SOURCES}
        self._runners: list[web.AppRunner] = []
        self._release = asyncio.Event()
        for instrument, bid in _FIRST_BIDS.items():
            self.price(instrument, bid, bid * 1.00001)

    def __getitem__(self, name: str) -> Source:
        return self._sources[name]

    async def __aenter__(self) -> Self:
        for source in self._sources.values():
            await self._serve(source)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._release.set()
        for runner in self._runners:
            await runner.cleanup()

    def base_urls(self) -> dict[str, str]:
        """The value of AFTERSHOCK_BASE_URLS."""
        return {source.name: source.url for source in self._sources.values()}

    def price(self, instrument: Instrument, bid: float | str, ask: float | str) -> None:
        """Set the best bid and ask."""
        self.prices[instrument] = str(bid), str(ask)

    def publish(
        self, asset: str, session: date, funds: Mapping[str, float | None], by: tuple[str, ...] = FLOW_SOURCES
    ) -> None:
        """Set the flows of a session's funds in dollars; None is not reported yet."""
        for source in by:
            self.flows[source].setdefault(asset, {})[session] = dict(funds)

    def asked(self) -> int:
        """How many requests there were since all was quiet."""
        return sum(len(source.requests) for source in self._sources.values())

    def quiet(self, *sources: str) -> None:
        """Forget what was asked, of all sources or of some."""
        for name in sources or SOURCES:
            self[name].requests.clear()

    async def _serve(self, source: Source) -> None:
        app = web.Application()
        answer = _ANSWERS.get(source.name)

        async def handle(request: web.Request) -> web.StreamResponse:
            source.requests.append(request.path_qs)
            if source.barrier:
                await source.barrier.wait()
            if source.fault:
                return await self._broken(source.fault, request)
            if source.body is not None:
                return web.Response(text=source.body, content_type="application/json")
            if (found := await self._beside(source, request)) is not None:
                return found
            told = await (answer(self, request) if answer else self.adl.answer(source.name, request))
            if isinstance(told, web.StreamResponse):
                return told
            response = web.Response(**told)
            response.headers["Date"] = f"{source.answer_date or self.now():%a, %d %b %Y %H:%M:%S GMT}"
            return response

        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._runners.append(runner)
        host, port = runner.addresses[0][:2]
        source.url = f"http://{host}:{port}"

    async def _beside(self, source: Source, request: web.Request) -> web.StreamResponse | None:
        """The answers of what stands in files of its own."""
        if (about_coins := self.coins.answer(source.name, request, self.now())) is not None:
            return about_coins
        if self.books.knows(request.path):
            return web.json_response(self.books.answer(source.name))
        if source.name in feed_contagion.SOURCES:
            return await self.contagion.answer(request)
        if self.liquidations.knows(source.name, request.path):
            return await self.liquidations.answer(source.name, request)
        told = self.leverage.answer(request)
        return None if told is None else web.json_response(told)

    async def _broken(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        if fault is Fault.SLOW:
            await self._release.wait()
        if fault is Fault.CUT:
            response = web.StreamResponse(
                headers={"Content-Length": "1000", "Content-Type": "application/json"}
            )
            await response.prepare(request)
            await response.write(b'{"error":[],"result":')
        if fault in {Fault.SLOW, Fault.CUT, Fault.CLOSED}:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault is Fault.TLS:
            # What listens there speaks no TLS.
            return web.HTTPTemporaryRedirect(str(request.url.with_scheme("https")))
        if fault is Fault.UNAUTHORIZED:
            key = request.headers.get("x-soso-api-key", "")
            return web.json_response({"code": 40101, "msg": f"unknown key {key}"}, status=401)
        status, text, headers = _BROKEN[fault]
        return web.Response(status=status, text=text, headers=headers)

    # The answers, in each venue's own format.

    async def coinbaseexchange(self, request: web.Request) -> dict[str, Any]:
        _, _, product, what = request.path.split("/")
        instrument = _IDS[product]
        if what == "ticker":
            bid, ask = self.prices[instrument]
            # The time is that of the last trade: an hour ago, in a quiet market.
            traded = (self.now() - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
            return _json({"ask": ask, "bid": bid, "volume": "1", "trade_id": 1, "price": bid, "time": traded})
        step = timedelta(seconds=int(request.query["granularity"]))
        first, last = (datetime.fromisoformat(request.query[name]) for name in ("start", "end"))
        rows = self._rows(instrument, first, last, step)
        # Coinbase: seconds, low before high, open and close, newest first; nothing for a bar without trades.
        return _json([[at.timestamp(), low, high, o, c, v] for at, (o, high, low, c, v) in rows[::-1]])

    async def binance(self, request: web.Request) -> dict[str, Any]:
        if request.path == "/api/v3/ticker/bookTicker":
            symbols = json.loads(request.query["symbols"])
            return _json([self._book(symbol) for symbol in symbols])
        assert request.path == "/api/v3/klines", request.path
        step = {"5m": timedelta(minutes=5), "15m": timedelta(minutes=15), "1h": timedelta(hours=1)}
        first = datetime.fromtimestamp(int(request.query["startTime"]) / 1000, UTC)
        length, limit = step[request.query["interval"]], int(request.query["limit"])
        rows = self._rows(_IDS[request.query["symbol"]], first, first + (limit - 1) * length, length)
        return _json([_kline(at, bar, length) for at, bar in rows])

    async def kraken(self, request: web.Request) -> dict[str, Any]:
        if request.path == "/0/public/Ticker":
            pairs = request.query["pair"].split(",")
            return _json({"error": [], "result": {pair: self._kraken_ticker(pair) for pair in pairs}})
        assert request.path == "/0/public/OHLC", request.path
        pair, step = request.query["pair"], timedelta(minutes=int(request.query["interval"]))
        # Kraken: whatever `since` says, at most the last 720 bars, the open one among them.
        since = datetime.fromtimestamp(int(request.query["since"]), UTC) + timedelta(seconds=1)
        first = max(since, self.now() - 720 * step)
        rows = [
            [int(at.timestamp()), str(o), str(high), str(low), str(c), str(c), str(v), 1]
            for at, (o, high, low, c, v) in self._rows(_IDS[pair], first, self.now(), step)
        ]
        return _json({"error": [], "result": {pair: rows, "last": int(self.now().timestamp())}})

    async def sosovalue(self, request: web.Request) -> dict[str, Any]:
        assert request.method == "POST"
        asset = {"us-btc-spot": "BTC", "us-eth-spot": "ETH"}[(await request.json())["type"]]
        flows = self.flows["sosovalue"].get(asset, {})
        if request.path.endswith("/currentEtfDataMetrics"):
            return _json(
                {"code": 0, "msg": None, "traceId": None, "data": sosovalue_metrics(flows), "tid": ""}
            )
        assert request.path == "/openapi/v2/etf/historicalInflowChart", request.path
        return _json({"code": 0, "msg": None, "traceId": None, "data": sosovalue_chart(flows), "tid": ""})

    async def coinmarketcap(self, request: web.Request) -> dict[str, Any]:
        assert request.path == "/data-api/v3/etf/overview/netflow/chart", request.path
        days = {"30d": 30, "90d": 90}[request.query["range"]]
        asset = request.query["category"].upper()
        since = self.now().date() - timedelta(days=days)
        data = points(self.flows["coinmarketcap"].get(asset, {}), since)
        return _json({"data": {"points": data, "aggregation": "daily"}, "status": {"error_code": "0"}})

    async def farside(self, request: web.Request) -> dict[str, Any]:
        asset = "BTC" if "b" in request.path[:5] else "ETH"
        flows = self.flows["farside"].get(asset, {})
        if request.path in {"/btc/", "/eth/"}:
            flows = dict(sorted(flows.items())[-14:])
        return {"text": farside_page(flows), "content_type": "text/html"}

    def _rows(
        self, instrument: Instrument, first: datetime, last: datetime, step: timedelta
    ) -> list[tuple[datetime, Bar]]:
        """The bars that opened from `first` to `last`, the one that is still open among them."""
        bid = float(self.prices[instrument][0])
        set_bars = self.bars.get(instrument, {})
        rows = []
        since_epoch = first - datetime(1970, 1, 1, tzinfo=UTC)
        opens = first + (-since_epoch % step)
        while opens <= min(last, self.now()):
            if opens not in self.absent:
                rows.append((opens, set_bars.get(opens, (bid, bid, bid, bid, 1.0))))
            opens += step
        return rows

    def _book(self, symbol: str) -> dict[str, str]:
        bid, ask = self.prices[_IDS[symbol]]
        return {"symbol": symbol, "bidPrice": bid, "bidQty": "1.0", "askPrice": ask, "askQty": "1.0"}

    def _kraken_ticker(self, pair: str) -> dict[str, Any]:
        bid, ask = self.prices[_IDS[pair]]
        return {
            "a": [ask, "1", "1.000"], "b": [bid, "1", "1.000"], "c": [bid, "0.1"], "v": ["1", "2"],
            "p": [bid, bid], "t": [1, 2], "l": [bid, bid], "h": [ask, ask], "o": bid,
        }  # fmt: skip


def _json(data: Any) -> dict[str, Any]:
    return {"text": json.dumps(data), "content_type": "application/json"}


def _kline(at: datetime, bar: Bar, length: timedelta) -> list[Any]:
    o, high, low, c, v = bar
    opened_ms = int(at.timestamp() * 1000)
    closes_ms = opened_ms + length_ms(length) - 1
    return [opened_ms, str(o), str(high), str(low), str(c), str(v), closes_ms, "1", 1, "1", "1", "0"]


_PAGE = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
_RESTRICTED = {
    "code": 0,
    "msg": "Service unavailable from a restricted location according to 'b. Eligibility'",
}
_BROKEN: dict[Fault, tuple[int, str, dict[str, str]]] = {
    Fault.EMPTY: (200, "", {"Content-Type": "application/json"}),
    Fault.HTML: (200, _PAGE, {"Content-Type": "text/html"}),
    Fault.CHALLENGE: (403, _PAGE, {"Content-Type": "text/html"}),
    Fault.FORBIDDEN: (403, '{"message":"no"}', {"Content-Type": "application/json"}),
    Fault.RATE_LIMITED: (429, '{"code":42901}', {"Content-Type": "application/json", "Retry-After": "45"}),
    Fault.BANNED: (418, '{"code":-1003}', {"Content-Type": "application/json", "Retry-After": "120"}),
    Fault.GEO_BLOCKED: (451, json.dumps(_RESTRICTED), {"Content-Type": "application/json"}),
    Fault.BROKEN: (500, '{"message":"Internal server error"}', {"Content-Type": "application/json"}),
    Fault.WRONG_TYPES: (
        200,
        '{"error":[],"result":7,"data":[3],"code":0}',
        {"Content-Type": "application/json"},
    ),
}
_ANSWERS = {
    "coinbaseexchange": Venues.coinbaseexchange,
    "binance": Venues.binance,
    "binance_vision": Venues.binance,
    "kraken": Venues.kraken,
    "sosovalue": Venues.sosovalue,
    "coinmarketcap": Venues.coinmarketcap,
    "farside": Venues.farside,
}


def leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """ccxt waits a quarter of a second after closing, for TLS to say goodbye; on loopback there is none."""
    # The package has a list named `base` beside the module, so a dotted path does not lead there.
    exchange = importlib.import_module("ccxt.async_support.base.exchange")
    monkeypatch.setattr(exchange.BaseExchange, "timeout_on_exit", 0)
