"""What OKX, Bybit and Binance announce, as far as it is about ADL, insurance funds or liquidation rules.

Only titles are looked at. OKX and Bybit are asked in English and in Chinese; Binance, whose endpoint is its
website's and documented nowhere, in English only. OKX's answers depend on the country that asks.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from signals.announcements import is_about_adl, looked_at
from signals.facts import Fact
from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http
from signals.moments import from_ms
from signals.notices import Notice, NoticeKind

OKX, BYBIT, BINANCE = "okx", "bybit", "binance_announcements"

_OKX_URL = "https://www.okx.com/api/v5/support/announcements"
_BYBIT_URL = "https://api.bybit.com/v5/announcements/index"
_BINANCE_URLS = (
    "https://www.binance.com/bapi/composite/v1/public/cms/article/list/query",
    # Answers where the first one is blocked.
    "https://www.binance.com/bapi/apex/v1/public/apex/cms/article/list/query",
)
_LATEST_NEWS = "49"
"""Binance's catalogue that news of its futures are assumed to be in; 161 holds the delistings."""

_BUSY = {"50001", "50004", "50013", "50026", "10016"}
_TOO_MANY_REQUESTS = {"50011", "10006", "10018"}
_CODE = re.compile(r"[\w-]{1,200}")
_BLOCKED = {FailureKind.GEO_BLOCKED, FailureKind.PERMANENT, FailureKind.MALFORMED}


class _Told(NamedTuple):
    """One announcement: what names it for good, its title, its address and when it was published."""

    key: Any
    title: Any
    url: Any
    at_ms: Any


async def fetch_okx(http: Http, language: str) -> tuple[Fact, ...]:
    """The newest that OKX announced, in `en-US` or `zh-CN`.

    Raises:
        FeedError: whatever went wrong.
    """
    # An OK-ACCESS-KEY, even an empty one, would be answered with 401.
    answer = await http.get_json(OKX, _OKX_URL, {"page": "1"}, {"Accept-Language": language})
    return _facts(http, OKX, "okx", lambda: _of_okx(answer))


def _of_okx(answer: Any) -> Iterable[_Told]:
    _check(OKX, str(answer["code"]), "0")
    for page in answer["data"]:
        for each in page["details"]:
            yield _Told(each["url"], each["title"], each["url"], each["pTime"])


async def fetch_bybit(http: Http, locale: str) -> tuple[Fact, ...]:
    """The newest that Bybit announced, in a locale such as `en-US` or `zh-TW`.

    Raises:
        FeedError: whatever went wrong.
    """
    params = {"locale": locale, "page": "1", "limit": "20"}
    answer = await http.get_json(BYBIT, _BYBIT_URL, params)
    return _facts(http, BYBIT, "bybit", lambda: _of_bybit(answer))


def _of_bybit(answer: Any) -> Iterable[_Told]:
    _check(BYBIT, str(answer["retCode"]), "0")
    for each in answer["result"]["list"]:
        published = each.get("publishTime") or each["dateTimestamp"]
        yield _Told(each["url"], each["title"], each["url"], published)


async def fetch_binance(http: Http) -> tuple[Fact, ...]:
    """The newest that Binance announced, from the second address where the first one is refused.

    Raises:
        FeedError: whatever went wrong.
    """
    # Thirty a page are answered with 400, twenty are not.
    params = {"type": "1", "catalogId": _LATEST_NEWS, "pageNo": "1", "pageSize": "20"}
    first, second = _BINANCE_URLS
    try:
        return await _ask_binance(http, first, params)
    except FeedError as error:
        if error.kind not in _BLOCKED:
            raise
    return await _ask_binance(http, second, params)


async def _ask_binance(http: Http, url: str, params: Mapping[str, str]) -> tuple[Fact, ...]:
    answer = await http.get_json(BINANCE, url, params)
    return _facts(http, BINANCE, "binance", lambda: _of_binance(answer))


def _of_binance(answer: Any) -> Iterable[_Told]:
    _check(BINANCE, str(answer["code"]), "000000")
    data = answer["data"]
    articles = (
        [each for catalogue in data["catalogs"] for each in catalogue["articles"]]
        if data.get("catalogs") is not None
        else data["articles"]
    )
    for each in articles:
        if not _CODE.fullmatch(each["code"]):
            raise malformed(BINANCE, "an article whose code is none")
        url = f"https://www.binance.com/en/support/announcement/{each['code']}"
        yield _Told(each["code"], each["title"], url, each["releaseDate"])


def _check(feed: str, code: str, good: str) -> None:
    if code in _TOO_MANY_REQUESTS:
        raise FeedError(feed, FailureKind.RATE_LIMITED, f"error {code}")
    if code != good:
        kind = FailureKind.TEMPORARY if code in _BUSY else FailureKind.PERMANENT
        raise FeedError(feed, kind, f"error {code:.20}")


def _facts(http: Http, feed: str, venue: str, told: Callable[[], Iterable[_Told]]) -> tuple[Fact, ...]:
    """That a venue was heard, and what it announced about our subject.

    One announcement that cannot be read makes the whole answer worthless.
    """
    known_at = http.context.clock()
    try:
        read = [
            Notice(
                NoticeKind.ANNOUNCEMENT,
                venue,
                _text(each.key),
                from_ms(int(each.at_ms)),
                _text(each.title),
                _address(each.url),
                known_at,
            )
            for each in told()
        ]
    except (TypeError, LookupError, AttributeError, ValueError, OverflowError) as error:
        raise malformed(feed, "announcements of another shape") from error
    heard = looked_at(venue, len(read), known_at)
    return (heard, *(notice for notice in read if is_about_adl(notice.title)))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("not a text")
    # Letters that cannot be seen may turn the direction of a whole line.
    return "".join(letter for letter in " ".join(value.split()) if letter.isprintable())


def _address(value: Any) -> str:
    """An address that may be linked to; without one the title has to do."""
    return value if isinstance(value, str) and urlsplit(value).scheme in {"http", "https"} else ""
