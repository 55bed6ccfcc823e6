"""What exchanges say of auto-deleveraging and announce, in their own formats, for the sources on loopback."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import WSMsgType, web

from signals.moments import to_ms

SOURCES = ("binanceusdm", "bybit", "okx", "okx_stream", "binance_announcements")

POOL = {
    "coin": "USDT",
    "symbol": "BTCUSDT",
    "balance": "92203504694.99632",
    "maxBalance": "",
    "insurancePnlRatio": "-0.3",
    "pnlRatio": "-0.010973",
    "adlTriggerThreshold": "10000",
    "adlStopRatio": "-0.25",
}
"""Bybit's documented answer, on a good day."""


@dataclass
class AdlSide:
    """The side of the exchanges that tests set: ratings, pools, announcements, and what OKX's stream does."""

    ratings: dict[str, str] = field(default_factory=lambda: {"BTCUSDT": "LOW", "ETHUSDT": "LOW"})
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    announced: dict[tuple[str, str], list[tuple[str, datetime]]] = field(default_factory=dict)
    """By venue and language as (title, published)."""
    headers: list[dict[str, str]] = field(default_factory=list)
    composite_is_blocked: bool = False
    lines: list[web.WebSocketResponse] = field(default_factory=list)
    """The open connections to OKX's stream."""
    refuses: bool = False
    """OKX's stream refuses what is subscribed to."""

    is_deaf: bool = False
    """It does not answer pings."""
    pinged: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, family: str, state: str) -> None:
        """OKX warns, as it does once a second."""
        arg = {"channel": "adl-warning", "instType": "SWAP", "instFamily": family}
        empty = dict.fromkeys(("ccy", "maxBal", "maxBalTs", "adlType", "adlBal", "adlRecBal", "decRate"), "")
        data = {**arg, **empty, "state": state, "bal": "280784384.9564228", "ts": "1700210763001"}
        for line in self.lines:
            await line.send_json({"arg": arg, "data": [data]})

    async def answer(self, name: str, request: web.Request) -> dict[str, Any] | web.StreamResponse:
        """The answer of one of the sources."""
        self.headers.append(dict(request.headers))
        if name == "okx_stream":
            return await self._stream(request)
        if name == "binance_announcements":
            return self._of_binance(request)
        match name, request.path:
            case "binanceusdm", "/fapi/v1/symbolAdlRisk":
                symbol = request.query["symbol"]
                return _json({"symbol": symbol, "adlRisk": self.ratings[symbol], "updateTime": 1766827800453})
            case "bybit", "/v5/market/adlAlert":
                symbol = request.query["symbol"]
                pool = {**POOL, "symbol": symbol, **self.pools.get(symbol, {})}
                return _of_bybit({"updatedTime": "1757733960000", "list": [pool]})
            case "bybit", "/v5/announcements/index":
                told = self.announced.get(("bybit", request.query["locale"]), [])
                return _of_bybit({"total": len(told), "list": [bybit_announcement(*each) for each in told]})
            case "okx", "/api/v5/support/announcements":
                language = request.headers["Accept-Language"]
                details = [okx_announcement(*each) for each in self.announced.get(("okx", language), [])]
                return _json({"code": "0", "data": [{"details": details, "totalPage": "1"}], "msg": ""})
            case unknown:
                raise AssertionError(unknown)

    def _of_binance(self, request: web.Request) -> dict[str, Any]:
        assert request.query["pageSize"] == "20"
        if "composite" in request.path and self.composite_is_blocked:
            return {"status": 403, "text": "<html>no</html>", "content_type": "text/html"}
        articles = [binance_article(*each) for each in self.announced.get(("binance", "en"), [])]
        catalogue = {"catalogId": 49, "catalogName": "Latest Binance News", "articles": articles}
        return _json({"code": "000000", "message": None, "data": {"catalogs": [catalogue]}, "success": True})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            if message.type is not WSMsgType.TEXT:
                continue
            if message.data == "ping":
                self.pinged.set()
                if not self.is_deaf:
                    await line.send_str("pong")
                continue
            for arg in json.loads(message.data)["args"]:
                if self.refuses:
                    await line.send_json({"event": "error", "msg": "Illegal request", "code": "60012"})
                else:
                    await line.send_json({"event": "subscribe", "arg": arg, "connId": "48d8960a"})
            self.lines.append(line)
        return line


def okx_announcement(title: str, published: datetime) -> dict[str, str]:
    """One announcement as OKX gives it."""
    slug = f"{to_ms(published)}-{'zh' if ord(max(title)) > 0x2FFF else 'en'}"
    return {
        "annType": "announcements-latest-announcements",
        "title": title,
        "url": f"https://www.okx.com/help/{slug}",
        "pTime": str(to_ms(published)),
        "businessPTime": "",
    }


def bybit_announcement(title: str, published: datetime) -> dict[str, Any]:
    """One announcement as Bybit gives it."""
    return {
        "title": title,
        "description": "",
        "type": {"title": "Product Updates", "key": "product_updates"},
        "tags": ["Derivatives"],
        "url": f"https://announcements.bybit.com/article/{to_ms(published)}/",
        "dateTimestamp": to_ms(published),
        "startDateTimestamp": to_ms(published),
        "endDateTimestamp": to_ms(published),
        "publishTime": to_ms(published),
    }


def binance_article(title: str, published: datetime) -> dict[str, Any]:
    """One article as Binance's website gets it."""
    code = f"{to_ms(published):032x}"
    return {"id": 1, "code": code, "title": title, "type": 1, "releaseDate": to_ms(published)}


def _of_bybit(result: Any) -> dict[str, Any]:
    return _json({"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1757734022014})


def _json(data: Any) -> dict[str, Any]:
    return {"text": json.dumps(data), "content_type": "application/json"}
