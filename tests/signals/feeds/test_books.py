"""Books of five venues in their own formats, whole and broken, over HTTP."""

import pytest

from signals.feeds.books import SOURCES, BookSource, fetch_depth
from signals.feeds.context import FeedContext
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.gauges import Measure
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues

BY_VENUE = {source.venue: source for source in SOURCES}
WHOLE_1PCT_USD = 82_500 * 0.5 * 2 * 165
"""Half a bitcoin at each of the 165 steps of five dollars in a percent, on both sides."""


async def depth(venues: Venues, source: BookSource) -> dict[Measure, float]:
    async with Http(FeedContext(Clock(), venues.base_urls())) as http:
        gauges = await fetch_depth(http, source)
    assert {(gauge.series.source, gauge.series.subject) for gauge in gauges} == {(source.venue, "BTC")}
    assert {gauge.at for gauge in gauges} == {gauge.known_at for gauge in gauges} == {NOW}
    return {gauge.series.measure: gauge.value for gauge in gauges}


@pytest.mark.parametrize("venue", BY_VENUE)
async def test_every_venue_s_book_comes_to_the_same_dollars(venues: Venues, venue: str) -> None:
    """Above all OKX's, which counts contracts of a hundredth of a bitcoin."""
    found = await depth(venues, BY_VENUE[venue])
    assert found[Measure.DEPTH_1PCT_USD] == pytest.approx(WHOLE_1PCT_USD)
    assert found[Measure.DEPTH_2PCT_USD] == pytest.approx(2 * WHOLE_1PCT_USD)
    assert found[Measure.DEPTH_COVERED_PCT] == pytest.approx(3.03, abs=0.01)
    assert found[Measure.DEPTH_SEEN_USD] == found[Measure.DEPTH_2PCT_USD]


async def test_the_whole_book_that_is_asked_for_is_the_largest_there_is(venues: Venues) -> None:
    for source in SOURCES:
        await depth(venues, source)
    assert [venues[source.venue].requests for source in SOURCES] == [
        ["/products/BTC-USD/book?level=2"],
        ["/api/v3/depth?symbol=BTCUSDT&limit=5000"],
        ["/fapi/v1/depth?symbol=BTCUSDT&limit=1000"],
        ["/api/v5/market/books-full?instId=BTC-USDT-SWAP&sz=5000"],
        ["/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=500"],
    ]


async def test_a_book_that_ends_before_one_percent_is_never_taken_for_the_whole(venues: Venues) -> None:
    venues.books.reach["bybit"] = 100
    found = await depth(venues, BY_VENUE["bybit"])
    assert found == {
        Measure.DEPTH_COVERED_PCT: pytest.approx(0.603, abs=0.001),
        Measure.DEPTH_SEEN_USD: pytest.approx(82_500 * 0.5 * 2 * 100),
    }


async def test_where_binance_refuses_our_country_its_market_data_host_is_asked(venues: Venues) -> None:
    venues["binance"].fault = Fault.GEO_BLOCKED
    found = await depth(venues, BY_VENUE["binance"])
    assert found[Measure.DEPTH_1PCT_USD] == pytest.approx(WHOLE_1PCT_USD)
    assert len(venues["binance_vision"].requests) == 1


@with_faults(Fault.CLOSED)
@pytest.mark.parametrize("venue", ["coinbaseexchange", "binanceusdm", "okx", "bybit"])
async def test_what_goes_wrong_is_told_by_its_kind(
    venues: Venues, venue: str, fault: Fault, kind: FailureKind
) -> None:
    venues[venue].fault = fault
    with pytest.raises(FeedError) as raised:
        await depth(venues, BY_VENUE[venue])
    assert raised.value.kind is kind


@pytest.mark.parametrize(
    ("venue", "body"),
    [
        ("binance", '{"lastUpdateId":1,"bids":[],"asks":[]}'),
        ("binance", '{"lastUpdateId":1,"bids":[["NaN","1"]],"asks":[["82501","1"]]}'),
        ("binance", '{"lastUpdateId":1,"bids":[["82502","1"]],"asks":[["82501","1"]]}'),
        ("binance", '{"lastUpdateId":1,"bids":[["82500"]],"asks":[["82501","1"]]}'),
        ("okx", '{"code":"51001","msg":"Instrument ID does not exist","data":[]}'),
        ("okx", '{"code":"0","msg":"","data":[]}'),
        ("bybit", '{"retCode":10001,"retMsg":"params error","result":{}}'),
        ("coinbaseexchange", '{"message":"NotFound"}'),
    ],
)
async def test_a_book_that_cannot_be_is_no_book(venues: Venues, venue: str, body: str) -> None:
    venues[venue].body = body
    with pytest.raises(FeedError, match="no book that can be read") as raised:
        await depth(venues, BY_VENUE[venue])
    assert raised.value.kind is FailureKind.MALFORMED
