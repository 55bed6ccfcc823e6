"""One exchange over ccxt: its host, its proxy, and every way it can fail said in one vocabulary."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from signals.facts import Instrument
from signals.feeds.context import FeedContext
from signals.feeds.failure import (
    GEO_BLOCK,
    FailureKind,
    FeedError,
    failure_of_status,
    malformed,
    scrubbed,
)
from signals.feeds.venues import Venue, preset_market

log = logging.getLogger(__name__)

_CLOCKS_APART = timedelta(minutes=1)
"""Venues keep time to the millisecond: what is off by so much is our clock, and sessions are judged by it."""


_UNKNOWN_PAIR = "Unknown asset pair"
"""Kraken's word for an instrument that it does not have, which ccxt takes for any other error."""


class VenueClient:
    """A ccxt client with preset markets, that goes to the venue's fallback host while it is geo-blocked."""

    def __init__(self, ccxt: Any, venue: Venue, context: FeedContext) -> None:
        self.venue = venue
        self._ccxt = ccxt
        self._context = context
        self._markets = dict(venue.market_ids)
        self._client = self._connect()
        self._home: str = self._client.urls["api"][venue.api]
        self._blocked_until: datetime | None = None
        self._venue_time: datetime | None = None
        self._clocks_apart = False

    async def call(self, request: Callable[[Any], Awaitable[Any]]) -> Any:
        """What a request to the ccxt client brings, from the fallback host if need be.

        Raises:
            FeedError: whatever went wrong.
        """
        at_home = not self._blocked()
        self._choose_host()
        try:
            return await self._translated(request)
        except FeedError as error:
            # Of two requests that are under way at home, both are refused, and both may go on elsewhere.
            if error.kind is not FailureKind.GEO_BLOCKED or not (at_home and self.venue.fallback):
                raise
            self._blocked_until = self._context.clock() + GEO_BLOCK
            self._choose_host()
            return await self._translated(request)

    def know(self, market_ids: Mapping[Instrument, str]) -> None:
        """Let more instruments be asked for, by the venue's own names of them."""
        if market_ids.items() <= self._markets.items():
            return
        self._markets.update(market_ids)
        self._preset(self._client)

    def present(self) -> datetime:
        """Now by our clock, or by the venue's where ours is ahead of it.

        With a clock that is ahead, a bar that is still open would be taken for closed.
        """
        now = self._context.clock()
        return min(now, self._venue_time) if self._venue_time else now

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _connect(self) -> Any:
        timeout_ms = int(self._context.timeout.total_seconds() * 1000)
        client = getattr(self._ccxt, self.venue.id)({"timeout": timeout_ms})
        self._preset(client)
        # Every answer passes through this hook of ccxt's before it is judged. ccxt would sort a country block
        # (451, or a 403 with a page) among the errors that pass by themselves, and it drops Retry-After.
        client.on_rest_response = self._inspect
        return client

    def _preset(self, client: Any) -> None:
        client.set_markets([preset_market(client, i, id_) for i, id_ in self._markets.items()])

    def _choose_host(self) -> None:
        source, url = self.venue.id, self._home.replace("{hostname}", str(self._client.hostname))
        if self._blocked() and self.venue.fallback:
            source, url = self.venue.fallback
        url = self._context.address(source, url)
        self._client.urls["api"][self.venue.api] = url
        self._client.aiohttp_proxy = self._context.proxy_for(url)

    def _blocked(self) -> bool:
        return self._blocked_until is not None and self._context.clock() < self._blocked_until

    async def _translated(self, request: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            return await request(self._client)
        except self._ccxt.BaseError as error:
            raise self._failure(error) from error
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
            # ccxt reads what it is sent without looking: JSON of another shape ends in one of these.
            raise malformed(self.venue.id, f"an answer of another shape ({type(error).__name__})") from error

    def _failure(self, error: Exception) -> FeedError:
        """What is left for ccxt to say: good answers that hold an error, and broken connections."""
        ccxt = self._ccxt
        if isinstance(error, (ccxt.DDoSProtection, ccxt.RateLimitExceeded)):
            kind = FailureKind.RATE_LIMITED
        elif isinstance(error, ccxt.BadResponse):
            kind = FailureKind.MALFORMED
        elif isinstance(error, ccxt.OperationFailed) or _is_of_network(error.__cause__):
            kind = FailureKind.TEMPORARY
        else:
            kind = FailureKind.PERMANENT
        if _UNKNOWN_PAIR in str(error):
            return FeedError(self.venue.id, kind, "BadSymbol")
        # The text of ccxt's errors may hold a whole answer: its class and its cause's are enough.
        cause = f" ({type(error.__cause__).__name__})" if error.__cause__ else ""
        return FeedError(self.venue.id, kind, f"{type(error).__name__}{cause}")

    def _inspect(
        self,
        status: int,
        _reason: str,
        url: str,
        _method: str,
        headers: Mapping[str, str],
        body: str,
        _request_headers: object,
        _request_body: object,
    ) -> str:
        failure = failure_of_status(self.venue.id, status, body, headers, self._context.clock())
        if failure:
            raise scrubbed(failure, self._context.keys.values())
        expected = "[" if urlsplit(url).path.endswith(self.venue.lists) else "{"
        if not body.lstrip().startswith(expected):
            raise malformed(self.venue.id, "the answer is not the JSON that was asked for")
        self._compare_clocks(_date(headers))
        return body

    def _compare_clocks(self, venue_time: datetime | None) -> None:
        self._venue_time, now = venue_time, self._context.clock()
        apart = venue_time is not None and abs(venue_time - now) > _CLOCKS_APART
        if apart and not self._clocks_apart:
            log.warning("the clock here says %s, that of %s says %s", now, self.venue.id, venue_time)
        self._clocks_apart = apart


def _is_of_network(cause: BaseException | None) -> bool:
    """A connection that broke amid an answer, which ccxt calls an ExchangeError like a wrong request."""
    return isinstance(cause, (OSError, asyncio.TimeoutError)) or type(cause).__module__.startswith("aiohttp")


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
