"""OKX's ADL warnings, over its public WebSocket.

OKX speaks only while there is something to warn of, once a second: silence on a connection that answers our
pings means that all is well, and an event is over when nothing has come for a minute. The connection is
opened when the states are first asked for, and again a while after it broke.
"""

import asyncio
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from signals.adl_states import COINS, Risk, state_of
from signals.feeds.context import FeedContext
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import USER_AGENT
from signals.gauges import Gauge

SOURCE = "okx_stream"

_URL = "https://ws.okx.com:8443/ws/v5/public"
"""aiohttp opens WebSockets at http addresses as well, and thus base addresses and proxies work as ever."""

_FAMILIES = {f"{coin}-USDT": coin for coin in COINS}
_STATES = {"normal": Risk.NONE, "warning": Risk.RAISED, "adl": Risk.HIGH}
_OVER_AFTER = timedelta(seconds=60)
_SILENT_FOR = 20.0
"""Seconds without a word after which OKX is pinged; after thirty it hangs up by itself."""
_REOPEN_AFTER = timedelta(seconds=20)
_LARGEST_BYTES = 256 * 1024


class OkxAdl:
    """The connection, and the worst that it told of each coin since it was last asked."""

    def __init__(self, context: FeedContext) -> None:
        self._context = context
        self._task: asyncio.Task[None] | None = None
        self._opened_at: datetime | None = None
        self._awaited = set(_FAMILIES)
        self._failure: FeedError | None = None
        self._ready = asyncio.Event()
        self._last: dict[str, tuple[Risk, datetime]] = {}
        self._worst: dict[str, Risk] = {}

    async def states(self) -> tuple[Gauge, ...]:
        """What OKX says of both coins; a connection is opened if there is none.

        Raises:
            FeedError: there is no connection now.
        """
        self._open()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), self._context.timeout.total_seconds())
        if self._task is None or self._task.done() or self._awaited:
            raise self._failure or FeedError(SOURCE, FailureKind.TEMPORARY, "no connection yet")
        now = self._context.clock()
        return tuple(state_of("okx", coin, self._risk(coin, now), now) for coin in COINS)

    async def close(self) -> None:
        """Hang up; asked again, it connects anew."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = self._opened_at = None

    def _open(self) -> None:
        now = self._context.clock()
        if self._task and not self._task.done():
            return
        if self._opened_at and timedelta(0) <= now - self._opened_at < _REOPEN_AFTER:
            return
        # What was told before the break may be over.
        self._last, self._worst, self._awaited = {}, {}, set(_FAMILIES)
        self._opened_at = now
        self._ready.clear()
        self._task = asyncio.create_task(self._listen(), name="okx adl")

    def _risk(self, coin: str, now: datetime) -> Risk:
        worst = self._worst.pop(coin, Risk.NONE)
        last, at = self._last.get(coin, (Risk.NONE, now))
        return max(worst, last) if now - at < _OVER_AFTER else worst

    async def _listen(self) -> None:
        """Listen until the connection breaks, and note why it did."""
        try:
            await self._converse()
            self._failure = FeedError(SOURCE, FailureKind.TEMPORARY, "hung up")
        except FeedError as error:
            self._failure = error
        except aiohttp.WSServerHandshakeError as error:
            refused = error.status in {403, 451}
            kind = FailureKind.GEO_BLOCKED if refused else FailureKind.TEMPORARY
            self._failure = FeedError(SOURCE, kind, f"HTTP {error.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._failure = FeedError(SOURCE, FailureKind.TEMPORARY, type(error).__name__)
        finally:
            self._ready.set()

    async def _converse(self) -> None:
        url = self._context.address(SOURCE, _URL)
        timeout = aiohttp.ClientTimeout(total=None, connect=self._context.timeout.total_seconds())
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": USER_AGENT}) as session,
            session.ws_connect(url, proxy=self._context.proxy_for(url), max_msg_size=_LARGEST_BYTES) as line,
        ):
            families = [
                {"channel": "adl-warning", "instType": "SWAP", "instFamily": family} for family in _FAMILIES
            ]
            await line.send_json({"op": "subscribe", "args": families})
            while (text := await _next_word(line)) is not None:
                self._hear(text)

    def _hear(self, text: str) -> None:
        """What OKX said: a confirmation, a refusal, a state, or a pong, which only says that it is there."""
        if text == "pong":
            return
        try:
            told = json.loads(text)
            match told.get("event"):
                case "subscribe":
                    self._awaited.discard(told["arg"]["instFamily"])
                    if not self._awaited:
                        self._ready.set()
                case "error":
                    raise FeedError(SOURCE, FailureKind.PERMANENT, f"error {told.get('code')!r:.20}")
                case None:
                    self._note(told)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            raise FeedError(SOURCE, FailureKind.MALFORMED, "a word of another shape") from error

    def _note(self, told: Any) -> None:
        for each in told["data"]:
            coin, risk = _FAMILIES.get(each["instFamily"]), _STATES[each["state"]]
            if coin is not None:
                self._last[coin] = (risk, self._context.clock())
                self._worst[coin] = max(risk, self._worst.get(coin, Risk.NONE))


async def _next_word(line: aiohttp.ClientWebSocketResponse) -> str | None:
    """What OKX says next, pinging it where it has been silent; None where it hung up.

    Raises:
        FeedError: it does not answer a ping either.
    """
    for _ in range(2):
        try:
            word = await line.receive(timeout=_SILENT_FOR)
        except TimeoutError:
            await line.send_str("ping")
            continue
        return word.data if word.type is aiohttp.WSMsgType.TEXT else None
    raise FeedError(SOURCE, FailureKind.TEMPORARY, "no answer to a ping")
