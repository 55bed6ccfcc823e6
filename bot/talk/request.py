"""The requests to Telegram over aiohttp: they cost a fraction of what the library's own do.

    wait for a free connection, or a new one -> may it leave? -> the request

What went wrong is raised as python-telegram-bot's own errors, with aiohttp's error as the cause: by it
`bot.delivery.errors` tells whether a message can have arrived.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_JSON = {"Content-Type": "application/json"}
_AGENT = {"User-Agent": BaseRequest.USER_AGENT}


class _Waits(NamedTuple):
    """How long a request may take in each of its steps, in seconds; None: as long as it likes."""

    read: float | None
    write: float | None
    connect: float | None
    pool: float | None


class Request(BaseRequest):
    """Takes the place of the library's `HTTPXRequest`. Times are in seconds, None: no limit."""

    def __init__(
        self,
        *,
        connection_pool_size: int = 256,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        proxy: str | None = None,
        media_write_timeout: float | None = 20.0,
    ) -> None:
        self._connections = connection_pool_size
        self._waits = _Waits(read_timeout, write_timeout, connect_timeout, pool_timeout)
        self._upload_wait = media_write_timeout
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._may_leave: Callable[[], bool] | None = None

    def leave_only_while(self, may_leave: Callable[[], bool]) -> None:
        """Ask at the last moment before a request leaves, however long it waited for a connection.

        Where the answer is no it fails, and nothing of it has left. To be called before `initialize`.
        """
        self._may_leave = may_leave

    @property
    def read_timeout(self) -> float | None:
        """How long an answer is waited for where a call does not say."""
        return self._waits.read

    async def initialize(self) -> None:
        """Get ready; twice does no harm."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            traces = [_asking(self._may_leave)] if self._may_leave else None
            self._session = aiohttp.ClientSession(connector=connector, headers=_AGENT, trace_configs=traces)

    async def shutdown(self) -> None:
        """Close every connection; twice does no harm."""
        if self._session is not None:
            await self._session.close()

    async def do_request(  # noqa: PLR0917  # the library's own signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            TimedOut: one of the steps took too long.
            NetworkError: there was no answer.
            RuntimeError: used before `initialize` or after `shutdown`.
        """
        if self._session is None or self._session.closed:
            raise RuntimeError("the requests to Telegram are not open")
        has_files = bool(request_data and request_data.multipart_data)
        usual = self._waits._replace(write=self._upload_wait) if has_files else self._waits
        given = _Waits(read_timeout, write_timeout, connect_timeout, pool_timeout)
        timeout = _timeout(_Waits(*map(_or_usual, given, usual)))
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                allow_redirects=False,  # it would be asked there without the message
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut(f"Timed out: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError) as error:
            # Not its words: those of a proxy's refusal may hold the proxy's password.
            raise NetworkError(f"aiohttp.{type(error).__name__}") from error


def _asking(may_leave: Callable[[], bool]) -> aiohttp.TraceConfig:
    """Have aiohttp ask before it gives anything of a request to its connection."""

    async def ask(*_: object) -> None:
        if not may_leave():
            raise ConnectionAbortedError("it may not leave any more")

    asking = aiohttp.TraceConfig()
    # Called before the first part is written, with which the head of the request goes, and before each other.
    asking.on_request_chunk_sent.append(ask)
    return asking


def _or_usual(given: Any, usual: float | None) -> float | None:
    return usual if given is BaseRequest.DEFAULT_NONE else given


def _timeout(waits: _Waits) -> aiohttp.ClientTimeout:
    """In aiohttp's terms: it counts waiting for a free connection and opening one together."""
    opening = _sum(waits.connect, waits.pool)
    return aiohttp.ClientTimeout(total=_sum(*waits), connect=opening, sock_read=waits.read)


def _sum(*seconds: float | None) -> float | None:
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def _body(data: RequestData | None) -> tuple[Any, dict[str, str]]:
    """What is posted, and what kind of thing it is; aiohttp itself says that of a form with files."""
    if data is None:
        return None, {}
    if not data.multipart_data:
        return data.json_payload, _JSON
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, {}
