"""Announcements of OKX, Bybit and Binance: the documented answers, and answers that are none."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from signals.facts import Fact
from signals.feeds import announcements
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.gauges import Gauge
from signals.notices import Notice
from tests.feed_adl import binance_article, bybit_announcement, okx_announcement
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

Fetch = Callable[[Http], Awaitable[tuple[Fact, ...]]]
PUBLISHED = NOW - timedelta(hours=3)
FETCH: dict[str, Fetch] = {
    "okx": partial(announcements.fetch_okx, language="en-US"),
    "bybit": partial(announcements.fetch_bybit, locale="en-US"),
    "binance_announcements": announcements.fetch_binance,
}
LANGUAGE = {"okx": ("okx", "en-US"), "bybit": ("bybit", "en-US"), "binance_announcements": ("binance", "en")}
by_source = pytest.mark.parametrize("source", list(FETCH))


@pytest.fixture
async def http(clock: Clock, venues: Venues) -> AsyncIterator[Http]:
    async with Http(context(clock, venues.base_urls(), timeout_s=0.5)) as http:
        yield http


async def notices_of(request: Awaitable[tuple[Fact, ...]]) -> list[Notice]:
    return [fact for fact in await request if isinstance(fact, Notice)]


@by_source
async def test_that_a_venue_was_heard_is_a_fact(http: Http, venues: Venues, source: str):
    venues.adl.announced[LANGUAGE[source]] = [("To list VIRTUAL", NOW), ("To list ANOTHER", NOW)]
    [heard] = await FETCH[source](http)
    assert isinstance(heard, Gauge)
    assert (heard.series.source, heard.value, heard.at) == (LANGUAGE[source][0], 2, NOW)


@by_source
async def test_what_is_about_adl_is_brought_and_nothing_else(http: Http, venues: Venues, source: str):
    venues.adl.announced[LANGUAGE[source]] = [
        ("To list Virtuals Protocol (VIRTUAL) for spot trading", NOW),
        ("Updates to  Auto-Deleveraging\u202e (ADL)\n", PUBLISHED),
    ]
    [notice] = await notices_of(FETCH[source](http))
    venue = LANGUAGE[source][0]
    assert (notice.source, notice.title) == (venue, "Updates to Auto-Deleveraging (ADL)")
    assert (notice.at, notice.known_at) == (PUBLISHED, NOW)
    assert notice.url.startswith("https://")
    assert notice.key == (notice.url.rpartition("/")[2] if venue == "binance" else notice.url)


async def test_chinese_is_asked_for_by_a_header_or_a_locale(http: Http, venues: Venues):
    venues.adl.announced["okx", "zh-CN"] = [("关于优化自动减仓机制的公告", PUBLISHED)]
    venues.adl.announced["bybit", "zh-TW"] = [("關於優化自動減倉機制的公告", PUBLISHED)]
    assert len(await notices_of(announcements.fetch_okx(http, "zh-CN"))) == 1
    assert len(await notices_of(announcements.fetch_bybit(http, "zh-TW"))) == 1


async def test_okx_is_sent_no_key_not_even_an_empty_one(http: Http, venues: Venues):
    await FETCH["okx"](http)
    assert not any(name.upper().startswith("OK-ACCESS") for name in venues.adl.headers[-1])
    assert venues.adl.headers[-1]["User-Agent"].startswith("Aftershock")


async def test_where_binances_first_address_is_blocked_the_second_one_serves(http: Http, venues: Venues):
    venues.adl.composite_is_blocked = True
    venues.adl.announced["binance", "en"] = [("Insurance Fund update", PUBLISHED)]
    assert len(await notices_of(FETCH["binance_announcements"](http))) == 1
    first, second = venues["binance_announcements"].requests
    assert ("composite" in first, "apex" in second) == (True, True)


async def test_binances_older_shape_is_read_as_well(http: Http, venues: Venues):
    articles = [binance_article("Insurance Fund update", PUBLISHED)]
    body = {"code": "000000", "data": {"articles": articles}, "success": True}
    venues["binance_announcements"].body = json.dumps(body)
    assert len(await notices_of(FETCH["binance_announcements"](http))) == 1


async def test_a_busy_binance_is_not_asked_at_its_second_address(http: Http, venues: Venues):
    venues["binance_announcements"].fault = Fault.RATE_LIMITED
    with pytest.raises(FeedError) as caught:
        await FETCH["binance_announcements"](http)
    assert caught.value.kind is FailureKind.RATE_LIMITED
    assert len(venues["binance_announcements"].requests) == 1


async def test_an_address_that_is_none_is_left_out(http: Http, venues: Venues):
    told = bybit_announcement("ADL update", PUBLISHED) | {"url": "javascript:alert(1)"}
    venues["bybit"].body = json.dumps({"retCode": 0, "result": {"list": [told]}})
    [notice] = await notices_of(FETCH["bybit"](http))
    assert notice.url == ""


GOOD = {
    "okx": lambda told: {"code": "0", "data": [{"details": told}]},
    "bybit": lambda told: {"retCode": 0, "result": {"list": told}},
    "binance_announcements": lambda told: {"code": "000000", "data": {"catalogs": [{"articles": told}]}},
}
ONE: dict[str, dict[str, Any]] = {
    "okx": okx_announcement("ADL update", PUBLISHED),
    "bybit": bybit_announcement("ADL update", PUBLISHED),
    "binance_announcements": binance_article("ADL update", PUBLISHED),
}
MOMENT = {"okx": "pTime", "bybit": "publishTime", "binance_announcements": "releaseDate"}


@by_source
@pytest.mark.parametrize("broken", [{"title": None}, {"title": " "}, {"title": 7}, "moment", "nothing", None])
async def test_an_entry_that_cannot_be_read_is_malformed(
    http: Http, venues: Venues, source: str, broken: Any
):
    entry = {**ONE[source], **({MOMENT[source]: "noon"} if broken == "moment" else {})}
    entry = {**entry, **broken} if isinstance(broken, dict) else entry
    told = [{}] if broken == "nothing" else None if broken is None else [entry]
    venues[source].body = json.dumps(GOOD[source](told))
    with pytest.raises(FeedError) as caught:
        await FETCH[source](http)
    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("source", "body", "kind"),
    [
        ("okx", {"code": "50011", "data": [], "msg": "Too Many Requests"}, FailureKind.RATE_LIMITED),
        ("okx", {"code": "50013", "data": [], "msg": "Systems are busy"}, FailureKind.TEMPORARY),
        ("okx", {"code": "50103", "data": [], "msg": "header is empty"}, FailureKind.PERMANENT),
        ("bybit", {"retCode": 10006, "result": {}}, FailureKind.RATE_LIMITED),
        ("bybit", {"retCode": 10001, "result": {}}, FailureKind.PERMANENT),
        ("binance_announcements", {"code": "100001", "data": None}, FailureKind.PERMANENT),
    ],
)
async def test_errors_that_come_with_status_200(
    http: Http, venues: Venues, source: str, body: dict[str, Any], kind: FailureKind
):
    venues[source].body = json.dumps(body)
    with pytest.raises(FeedError) as caught:
        await FETCH[source](http)
    assert caught.value.kind is kind


@by_source
@with_faults(Fault.SLOW)
async def test_what_goes_wrong_is_said_for_what_it_is(
    http: Http, venues: Venues, source: str, fault: Fault, kind: FailureKind
):
    venues[source].fault = fault
    with pytest.raises(FeedError) as caught:
        await FETCH[source](http)
    if (source, fault) == ("binance_announcements", Fault.WRONG_TYPES):
        kind = FailureKind.PERMANENT  # code 0 is an error of Binance's: its success is 000000
    assert (caught.value.feed, caught.value.kind) == (source, kind)
