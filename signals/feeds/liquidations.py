"""Listening to liquidations: a connection that is taken up again whenever it breaks, and totals out of it.

What was heard is added up in stretches of five minutes of our own clock, together with how long the venue
could be heard in each: silence on a line that is alive means none, a line that is down means not knowing.
A stretch is given out once it is over. One that a restart cut in two is told as far as it was heard after.
"""

import asyncio
import random
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta

import aiohttp

from signals.feeds.context import FeedContext
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import USER_AGENT, Http
from signals.feeds.liquidation_frames import Contracts, Liquidation, Stream, fetch_contracts
from signals.gauges import Gauge, Measure, Series
from signals.moments import SECOND_MS, from_ms, to_ms

STRETCH = timedelta(minutes=5)
_STRETCH_MS = STRETCH // timedelta(milliseconds=1)
ALL, COINS = "ALL", ("BTC", "ETH")

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_HEARTBEAT_S = 20.0
"""So often the protocol's ping is sent; a line that does not answer within half of it is dead."""
_LARGEST_BYTES = 1024 * 1024


class Tally:
    """What was heard in each stretch, and for how long."""

    def __init__(self) -> None:
        self._usd: dict[tuple[int, str, Measure], float] = defaultdict(float)
        self._heard_ms: dict[int, int] = defaultdict(int)
        self._since_ms: int | None = None

    def add(self, found: Liquidation, now: datetime) -> None:
        """Count a liquidation."""
        ends_ms = _end_of(to_ms(now))
        measure = Measure.LIQUIDATED_LONG_USD if found.is_long else Measure.LIQUIDATED_SHORT_USD
        for subject in {ALL, found.coin} & {ALL, *COINS}:
            self._usd[ends_ms, subject, measure] += found.usd

    def hears(self, now: datetime) -> None:
        """The line is alive at a moment: the time since the last one was heard."""
        now_ms = to_ms(now)
        first_ms = now_ms if self._since_ms is None else self._since_ms
        while first_ms < now_ms:
            last_ms = min(_end_of(first_ms), now_ms)
            self._heard_ms[_end_of(first_ms)] += last_ms - first_ms
            first_ms = last_ms
        self._since_ms = now_ms

    def deaf(self) -> None:
        """The line broke: what comes after is not heard until it is alive again."""
        self._since_ms = None

    def take(self, venue: str, now: datetime) -> tuple[Gauge, ...]:
        """The totals of the stretches that are over; they are not given out again."""
        over = [ends_ms for ends_ms in self._heard_ms if ends_ms <= to_ms(now)]
        heard = {
            (ends_ms, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS): self._heard_ms.pop(ends_ms) / SECOND_MS
            for ends_ms in over
        }
        usd = {key: self._usd.pop(key) for key in list(self._usd) if key[0] in over}
        return tuple(
            Gauge(Series(venue, subject, measure), from_ms(ends_ms), value, now)
            for (ends_ms, subject, measure), value in {**heard, **usd}.items()
        )


def _end_of(moment_ms: int) -> int:
    """When the stretch ends that a moment lies in; a stretch begins with its first moment."""
    return (moment_ms // _STRETCH_MS + 1) * _STRETCH_MS


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

    def take_unreadable(self) -> int:
        """How many words could not be read since this was last asked."""
        count, self._unreadable = self._unreadable, 0
        return count

    async def close(self) -> None:
        """Hang up; asked again, it connects anew."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _listen(self) -> None:
        """Take up the line again and again, with waits that double as long as none comes about."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self._converse()
                self._failed(FailureKind.TEMPORARY, "hung up")
            except FeedError as error:
                self._failure = error
            except aiohttp.WSServerHandshakeError as error:
                refused = error.status in {403, 451}
                self._failed(
                    FailureKind.GEO_BLOCKED if refused else FailureKind.TEMPORARY, f"HTTP {error.status}"
                )
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._failed(FailureKind.TEMPORARY, type(error).__name__)
            wait_s = _FIRST_WAIT_S if self._alive else min(wait_s * 2, _LONGEST_WAIT_S)
            self._alive = False
            self._tally.deaf()
            self._settled.set()
            if self._failure and self._failure.kind is FailureKind.GEO_BLOCKED:
                return
            await self._context.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  # jitter, no secret

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
            ) as line,
        ):
            for word in self.stream.hello:
                await line.send_str(word)
            self._alive = True
            self._tally.hears(self._context.clock())
            self._settled.set()
            await self._hear(line, contracts)

    async def _hear(self, line: aiohttp.ClientWebSocketResponse, contracts: Contracts) -> None:
        loop, stream = asyncio.get_running_loop(), self.stream
        ping_at = loop.time() + stream.ping_seconds
        while True:
            try:
                word = await line.receive(timeout=max(ping_at - loop.time(), 0.0))
            except TimeoutError:
                word = None
            if word is not None and word.type is not aiohttp.WSMsgType.TEXT:
                return
            now = self._context.clock()
            self._tally.hears(now)
            if word is not None:
                self._read(word.data, contracts, now)
            if loop.time() >= ping_at:
                ping_at = loop.time() + stream.ping_seconds
                if stream.ping:
                    await line.send_str(stream.ping)

    def _read(self, text: str, contracts: Contracts, now: datetime) -> None:
        """Count what a word says. One that cannot be read takes nothing from the others."""
        try:
            found = self.stream.read(text, contracts)
        except (ValueError, TypeError, LookupError, AttributeError):
            self._unreadable += 1
            return
        for liquidation in found:
            if liquidation.usd > 0:
                self._tally.add(liquidation, now)
