"""Why a feed brought nothing: the one error that feeds raise, and what its kind tells the caller to do."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

GEO_BLOCK = timedelta(hours=6)
"""How long a source that refuses our country is left alone: hours, for asking again changes nothing."""

_IM_A_TEAPOT = 418  # Binance: banned for a while, because 429 was not heeded
_QUOTED = 120
_LONGEST_WAIT = timedelta(days=1)
"""A source that wants to be left alone for longer is asked all the same: it, or its proxy, may have erred."""


class FailureKind(StrEnum):
    """What the caller should do about it."""

    TEMPORARY = "temporary"
    """Try again soon."""
    RATE_LIMITED = "rate_limited"
    """Ask nothing before `retry_after`."""
    GEO_BLOCKED = "geo_blocked"
    """The source refuses where we are: leave it for hours, or use another host."""
    PERMANENT = "permanent"
    """The request or the key is wrong; trying again will not help."""
    MALFORMED = "malformed"
    """An answer came, but not one that can be read."""


class FeedError(Exception):
    """A source gave nothing that can be used. The message names the source and never holds a secret."""

    def __init__(
        self, feed: str, kind: FailureKind, message: str, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(f"{feed}: {message}")
        self.feed = feed
        self.kind = kind
        self.retry_after = GEO_BLOCK if kind is FailureKind.GEO_BLOCKED else retry_after


def malformed(feed: str, message: str) -> FeedError:
    """An answer that cannot be read."""
    return FeedError(feed, FailureKind.MALFORMED, message)


def failure_of_status(
    feed: str, status: int, body: str, headers: Mapping[str, str], now: datetime
) -> FeedError | None:
    """The failure that an HTTP answer stands for, or None where it is a good one."""
    if status < HTTPStatus.BAD_REQUEST:
        return None
    message = f"HTTP {status}: {_quoted(body)}" if body.strip() else f"HTTP {status}"
    kind = _kind_of_status(status, body)
    wait = _retry_after(headers, now) if kind is FailureKind.RATE_LIMITED else None
    return FeedError(feed, kind, message, wait)


def scrubbed(error: FeedError, secrets: Iterable[str]) -> FeedError:
    """The same failure with every secret taken out of its text: a service may echo the key it was sent."""
    text = str(error)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return FeedError(error.feed, error.kind, text.removeprefix(f"{error.feed}: "), error.retry_after)


def _kind_of_status(status: int, body: str) -> FailureKind:
    if status in (HTTPStatus.TOO_MANY_REQUESTS, _IM_A_TEAPOT):
        return FailureKind.RATE_LIMITED
    if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS or _refuses_country(status, body):
        return FailureKind.GEO_BLOCKED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return FailureKind.TEMPORARY
    return FailureKind.PERMANENT


def _refuses_country(status: int, body: str) -> bool:
    """Content networks answer a refused country or network with 403 and a page, APIs with a sentence."""
    text = body.lower()
    said = "restricted location" in text or "block access from your country" in text
    return said or (status == HTTPStatus.FORBIDDEN and "<html" in text)


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """`Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value), _LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), _LONGEST_WAIT)


def _quoted(body: str) -> str:
    text = " ".join(body.split())
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "..."
