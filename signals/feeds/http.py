"""The one network seam of every source that is not an exchange."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self

import aiohttp

from signals.feeds.context import FeedContext
from signals.feeds.failure import FailureKind, FeedError, failure_of_status, malformed, scrubbed

_NO_GAP = timedelta(0)
_LARGEST_BYTES = 8 * 1024 * 1024
"""Ten times the largest page there is (Farside's whole history); what is larger is not what we asked for."""

USER_AGENT = "Aftershock/0.1"
"""Said openly: a source that minds us can tell who it was."""


class Http:
    """An HTTP client that is opened on first use and knows each source's pace."""

    def __init__(self, context: FeedContext) -> None:
        self.context = context
        self._session: aiohttp.ClientSession | None = None
        self._paces: dict[str, Pace] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later request opens them anew."""
        if self._session:
            await self._session.close()
            self._session = None

    async def get_json(
        self,
        source: str,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        gap: timedelta = _NO_GAP,
    ) -> Any:
        """The decoded JSON answer to a GET, asked at least `gap` after the source's last one was.

        Raises:
            FeedError: whatever went wrong.
        """
        return _decoded(source, await self._text(source, "GET", url, gap, params=params, headers=headers))

    async def post_json(
        self, source: str, url: str, body: Mapping[str, str], headers: Mapping[str, str], gap: timedelta
    ) -> Any:
        """The decoded JSON answer to a POST, asked at least `gap` after the source's last one was.

        Raises:
            FeedError: whatever went wrong.
        """
        return _decoded(source, await self._text(source, "POST", url, gap, json=body, headers=headers))

    async def get_text(self, source: str, url: str) -> str:
        """The text that a GET brings.

        Raises:
            FeedError: whatever went wrong.
        """
        return await self._text(source, "GET", url)

    async def _text(
        self, source: str, method: str, url: str, gap: timedelta = _NO_GAP, **request: Any
    ) -> str:
        await self._paces.setdefault(source, Pace(self.context)).keep(gap)
        url = self.context.address(source, url)
        try:
            async with self._open().request(
                method, url, proxy=self.context.proxy_for(url), **request
            ) as answer:
                text = await _body(source, answer)
        except TimeoutError as error:
            raise FeedError(source, FailureKind.TEMPORARY, "no answer in time") from error
        except aiohttp.ClientError as error:
            # The library's own text may hold the proxy's address with its password: the class is enough.
            raise FeedError(source, FailureKind.TEMPORARY, type(error).__name__) from error
        failure = failure_of_status(source, answer.status, text, answer.headers, self.context.clock())
        if failure:
            raise scrubbed(failure, self.context.keys.values())
        return text

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self.context.timeout.total_seconds())
            self._session = aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": USER_AGENT})
        return self._session


class Pace:
    """Keeps a gap between the requests to one source."""

    def __init__(self, context: FeedContext) -> None:
        self._context = context
        self._last: datetime | None = None
        self._turn = asyncio.Lock()

    async def keep(self, gap: timedelta) -> None:
        """Wait until `gap` has passed since the last request."""
        async with self._turn:
            now = self._context.clock()
            # A clock that was set back must not make anybody wait for longer than the gap.
            wait = min(gap, self._last + gap - now) if self._last else _NO_GAP
            if wait > _NO_GAP:
                await self._context.sleep(wait.total_seconds())
            self._last = self._context.clock()


async def _body(source: str, answer: aiohttp.ClientResponse) -> str:
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > _LARGEST_BYTES:
            raise malformed(source, f"an answer of more than {_LARGEST_BYTES} bytes")
    return raw.decode(errors="replace")


def _decoded(source: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        # Also numbers of thousands of digits, and brackets within brackets without end.
        raise malformed(source, "the answer is not JSON") from error
