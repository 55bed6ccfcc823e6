"""The open connections that feeds fetch through, made together and closed together."""

import asyncio
from typing import Self

from signals.feeds.adl_ratings import UnderWay
from signals.feeds.context import FeedContext
from signals.feeds.exchange import Exchanges
from signals.feeds.http import Http
from signals.feeds.liquidation_frames import STREAMS
from signals.feeds.liquidations import Listener
from signals.feeds.okx_adl import OkxAdl


class Connections:
    """The open connections that feeds fetch through."""

    def __init__(self, context: FeedContext) -> None:
        self.context = context
        self.http = Http(context)
        self.exchanges = Exchanges(context)
        self.bybit_adl = UnderWay()
        self.okx_adl = OkxAdl(context)
        self.listeners = {stream.venue: Listener(stream, context, self.http) for stream in STREAMS}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close them all."""
        await asyncio.gather(*(listener.close() for listener in self.listeners.values()))
        await self.http.close()
        await self.exchanges.close()
        await self.okx_adl.close()
