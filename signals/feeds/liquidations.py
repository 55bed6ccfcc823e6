"""Listening to liquidations: a connection that is taken up again whenever it breaks, and totals out of it.

A venue is heard from when it has confirmed what was asked for: a line on which nothing is subscribed to is
silent as well, and its silence says nothing.
"""

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import aiohttp

from signals.feeds.context import FeedContext
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import USER_AGENT, Http
from signals.feeds.liquidation_frames import Contracts, RefusedError, Stream, fetch_contracts
from signals.feeds.liquidation_totals import Tally
from signals.gauges import Gauge

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_HEARTBEAT_S = 20.0
"""So often the protocol's ping is sent; a line that does not answer within half of it is dead."""
_LARGEST_BYTES = 1024 * 1024
_HOLDS = timedelta(minutes=1)
"""A line that held for so long was no accident: when it breaks, the next one is tried at once."""
_GOODBYE_S = 0.5
"""So long a venue has to say goodbye as well."""


class Listener:
    """Listens to one venue from when it is first asked, until it is closed."""

    def __init__(self, stream: Stream, context: FeedContext, http: Http) -> None:
        self.stream = stream
        self._context = context
        self._http = http
        self._tally = Tally()
        self._task: asyncio.Task[None] | None = None
        self._failure: FeedError | None = None
        self._alive = False
        self._settled = asyncio.Event()
        self._unreadable = 0

    async def totals(self) -> tuple[Gauge, ...]:
        """The totals of the stretches that are over since they were last asked for.

        Raises:
            FeedError: the line is down, and nothing is left to be told.
        """
        if self._task is None or self._task.done():
            self._settled.clear()
            self._task = asyncio.create_task(self._listen(), name=f"{self.stream.venue} liquidations")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), self._context.timeout.total_seconds())
        if self._alive:
            self._tally.hears(self._context.clock())
        found = self._tally.take(self.stream.venue, self._context.clock())
        if not found and not self._alive:
            raise self._failure or FeedError(self.stream.source, FailureKind.TEMPORARY, "no connection yet")
        return found

    def rest(self) -> tuple[Gauge, ...]:
        """The totals that were not given out, even of a stretch that is not over."""
        return self._tally.rest(self.stream.venue, self._context.clock())

    def resume(self, gauges: Iterable[Gauge]) -> None:
        """Go on from the venue's totals of a stretch that is not over."""
        self._tally.resume(gauges)

    def take_unreadable(self) -> int:
        """How many words, or liquidations in them, could not be read since this was last asked."""
        count, self._unreadable = self._unreadable, 0
        return count

    async def close(self) -> None:
        """Hang up; asked again, it connects anew."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _listen(self) -> None:
        """Take up the line again and again, with waits that double until one has held for a while."""
        wait_s = _FIRST_WAIT_S
        while True:
            began = self._context.clock()
            await self._talk()
            held = self._alive and self._context.clock() - began >= _HOLDS
            self._alive = False
            self._tally.deaf()
            self._settled.set()
            if self._failure and self._failure.kind is FailureKind.GEO_BLOCKED:
                return
            wait_s = _FIRST_WAIT_S if held else min(wait_s * 2, _LONGEST_WAIT_S)
            await self._context.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  # jitter, no secret

    async def _talk(self) -> None:
        """One conversation to its end, and why it ended."""
        try:
            await self._converse()
            self._failed(FailureKind.TEMPORARY, "hung up")
        except FeedError as error:
            self._failure = error
        except RefusedError as error:
            self._failed(FailureKind.TEMPORARY, f"refused: {error!s:.80}")
        except aiohttp.WSServerHandshakeError as error:
            refused = error.status in {403, 451}
            kind = FailureKind.GEO_BLOCKED if refused else FailureKind.TEMPORARY
            self._failed(kind, f"HTTP {error.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._failed(FailureKind.TEMPORARY, type(error).__name__)

    def _failed(self, kind: FailureKind, text: str) -> None:
        self._failure = FeedError(self.stream.source, kind, text)

    async def _converse(self) -> None:
        contracts: Contracts = await fetch_contracts(self._http) if self.stream.is_by_contract else {}
        url = self._context.address(self.stream.source, self.stream.url)
        timeout = aiohttp.ClientTimeout(total=None, connect=self._context.timeout.total_seconds())
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": USER_AGENT}) as session,
            session.ws_connect(
                url,
                proxy=self._context.proxy_for(url),
                max_msg_size=_LARGEST_BYTES,
                heartbeat=_HEARTBEAT_S,
                timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE_S),
            ) as line,
        ):
            for word in self.stream.hello:
                await line.send_str(word)
            await self._hear(line, contracts)

    async def _hear(self, line: aiohttp.ClientWebSocketResponse, contracts: Contracts) -> None:
        loop, stream = asyncio.get_running_loop(), self.stream
        ping_at = loop.time() + stream.ping_seconds
        if not stream.hello:
            self._confirmed()
        while True:
            try:
                # Of no time at all aiohttp makes no limit.
                word = await line.receive(timeout=max(ping_at - loop.time(), 0.001))
            except TimeoutError:
                word = None
            if word is not None and not self._takes(word, contracts):
                return
            if not self._alive and loop.time() >= ping_at:
                raise RefusedError("not confirmed")
            if self._alive:
                self._tally.hears(self._context.clock())
            if loop.time() >= ping_at:
                ping_at = loop.time() + stream.ping_seconds
                if stream.ping:
                    await line.send_str(stream.ping)

    def _takes(self, word: aiohttp.WSMessage, contracts: Contracts) -> bool:
        """Read a word; whether the line goes on after it. Raises RefusedError."""
        match word.type:
            case aiohttp.WSMsgType.TEXT:
                self._read(word.data, contracts)
            case aiohttp.WSMsgType.BINARY:
                # No venue of ours speaks in bytes. What stands in them takes nothing from the rest.
                self._unreadable += 1
            case _:
                return False
        return True

    def _confirmed(self) -> None:
        """From now on silence means that there is nothing to tell."""
        self._alive = True
        self._tally.hears(self._context.clock())
        self._settled.set()

    def _read(self, text: str, contracts: Contracts) -> None:
        """Count what a word says. One that cannot be read takes nothing from the others.

        Raises:
            RefusedError: the venue does not give what was asked for.
        """
        try:
            told = self.stream.read(text, contracts)
        except RefusedError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            self._unreadable += 1
            return
        self._unreadable += told.unreadable
        if not self._alive and (told.confirms or told.found):
            self._confirmed()
        now = self._context.clock()
        for liquidation in told.found:
            self._tally.add(liquidation, now)
