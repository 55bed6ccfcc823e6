"""Streams of liquidations as Binance and Bybit push them, and OKX's contracts, on loopback."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

SOURCES = ("binance_stream", "bybit_stream", "coinglass")

CONTRACTS = [
    {"instId": "BTC-USDT-SWAP", "ctVal": "0.01", "ctMult": "1", "ctType": "linear", "settleCcy": "USDT"},
    {"instId": "ETH-USDT-SWAP", "ctVal": "0.1", "ctMult": "1", "ctType": "linear", "settleCcy": "USDT"},
    {"instId": "BTC-USD-SWAP", "ctVal": "100", "ctMult": "1", "ctType": "inverse", "settleCcy": "BTC"},
]


@dataclass
class LiquidationSide:
    """The lines that are open, by source, and what was said on them."""

    lines: dict[str, list[web.WebSocketResponse]] = field(default_factory=dict)
    heard: list[tuple[str, str]] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    said: asyncio.Event = field(default_factory=asyncio.Event)
    is_deaf: bool = False
    """Not even the protocol's pings are answered on lines that are opened from now on."""
    hangs_up_at_once: bool = False
    confirmation: dict[str, Any] = field(
        default_factory=lambda: {"success": True, "ret_msg": "", "conn_id": "x", "op": "subscribe"}
    )
    """What Bybit's side answers to a subscription."""
    contracts: list[dict[str, str]] = field(default_factory=lambda: list(CONTRACTS))
    everywhere: tuple[float, float] = (1.14e9, 0.13e9)

    def knows(self, name: str, path: str) -> bool:
        """Whether a request is about liquidations."""
        return name in SOURCES or path == "/api/v5/public/instruments"

    async def answer(self, name: str, request: web.Request) -> web.StreamResponse:
        """The answer, or the conversation."""
        if name == "coinglass":
            return web.json_response(self._coinglass(request))
        if request.path == "/api/v5/public/instruments":
            return web.json_response({"code": "0", "data": self.contracts, "msg": ""})
        line = web.WebSocketResponse(autoping=not self.is_deaf)
        await line.prepare(request)
        self.lines.setdefault(name, []).append(line)
        self.opened.set()
        if self.hangs_up_at_once:
            await line.close()
        async for message in line:
            if message.type is WSMsgType.TEXT:
                self.heard.append((name, message.data))
                self.said.set()
                is_ping = message.data == '{"op":"ping"}'
                pong = {"success": True, "ret_msg": "pong", "op": "ping"}
                await line.send_json(pong if is_ping else self.confirmation)
        return line

    async def push(self, name: str, *words: Any) -> None:
        """Say something on every line of a source; text as it is."""
        for line in self.lines.get(name, []):
            for word in words:
                await line.send_str(word if isinstance(word, str) else json.dumps(word))

    async def hang_up(self, name: str) -> None:
        """Close every line of a source, as Binance does every 24 hours."""
        lines, self.lines[name] = self.lines.get(name, []), []
        self.opened.clear()
        for line in lines:
            await line.close()

    def _coinglass(self, request: web.Request) -> Any:
        if request.headers.get("CG-API-KEY") != "a-key":
            return {"code": "401", "msg": "API key missing."}
        long_usd, short_usd = self.everywhere
        rows = [("All", long_usd, short_usd), ("Binance", long_usd / 2, short_usd / 2)]
        data = [
            {
                "exchange": name,
                "liquidation_usd": long + short,
                "long_liquidation_usd": long,
                "short_liquidation_usd": short,
            }
            for name, long, short in rows
        ]
        return {"code": "0", "data": data}


def binance_order(side: str, coins: float, price: float, symbol: str = "BTCUSDT") -> dict[str, Any]:
    """A forced order as Binance pushes it; its side is the order's."""
    order = {
        "s": symbol,
        "S": side,
        "o": "LIMIT",
        "f": "IOC",
        "q": str(coins),
        "p": str(price * 0.99),
        "ap": str(price),
        "X": "FILLED",
        "l": str(coins),
        "z": str(coins),
        "T": 1568014460893,
    }
    return {"e": "forceOrder", "E": 1568014460893, "o": order}
