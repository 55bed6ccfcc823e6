"""Open interest and funding of three venues in their own units and formats, whole and broken, over HTTP."""

from datetime import timedelta
from itertools import pairwise

import pytest

from signals.feeds import leverage, leverage_history
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.funding_history import fetch_funding
from signals.feeds.http import Http
from signals.gauges import Gauge, Measure
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

FETCH = {
    "binance": ("binanceusdm", leverage.fetch_binance),
    "okx": ("okx", leverage.fetch_okx),
    "bybit": ("bybit", leverage.fetch_bybit),
}
FILL = {
    "binance": leverage_history.fetch_binance,
    "okx": leverage_history.fetch_okx,
    "bybit": leverage_history.fetch_bybit,
}
ONE_SIDE_USD = {"BTC": 28_000 * 82_500.0, "ETH": 400_000 * 2_500.0}


def told(gauges: tuple[Gauge, ...], measure: Measure) -> dict[tuple[str, str], float]:
    return {g.series[:2]: g.value for g in gauges if g.series.measure is measure}


async def now(venues: Venues, venue: str) -> tuple[Gauge, ...]:
    async with Http(context(Clock(), venues.base_urls())) as http:
        return await FETCH[venue][1](http)


@pytest.mark.parametrize("venue", FETCH)
async def test_open_interest_is_dollars_of_one_side_whatever_the_venue_counts(
    venues: Venues, venue: str
) -> None:
    """Binance counts coins, OKX contracts, Bybit both sides."""
    gauges = await now(venues, venue)
    assert told(gauges, Measure.OPEN_INTEREST_USD) == {
        (venue, coin): pytest.approx(usd) for coin, usd in ONE_SIDE_USD.items()
    }
    assert {(gauge.at, gauge.known_at) for gauge in gauges} == {(NOW, NOW)}


async def test_where_bybit_does_not_say_one_side_both_are_halved(venues: Venues) -> None:
    venues.leverage.says_single = False
    gauges = await now(venues, "bybit")
    assert told(gauges, Measure.OPEN_INTEREST_USD)["bybit", "BTC"] == pytest.approx(ONE_SIDE_USD["BTC"])


@pytest.mark.parametrize("venue", ["okx", "bybit"])
@pytest.mark.parametrize(("hours", "rate"), [(8, 0.0001), (4, 0.0002), (1, 0.0008)])
async def test_funding_is_that_of_eight_hours_whatever_the_interval(
    venues: Venues, venue: str, hours: int, rate: float
) -> None:
    venues.leverage.interval = timedelta(hours=hours)
    gauges = await now(venues, venue)
    assert told(gauges, Measure.FUNDING_8H)[venue, "BTC"] == pytest.approx(rate)


@with_faults()
@pytest.mark.parametrize("venue", FETCH)
async def test_what_goes_wrong_is_told_by_its_kind(
    venues: Venues, venue: str, fault: Fault, kind: FailureKind
) -> None:
    venues[FETCH[venue][0]].fault = fault
    with pytest.raises(FeedError) as raised:
        await now(venues, venue)
    assert raised.value.kind is kind


@pytest.mark.parametrize(
    ("venue", "body", "kind"),
    [
        ("okx", '{"code":"50011","msg":"Too Many Requests","data":[]}', FailureKind.RATE_LIMITED),
        ("okx", '{"code":"0","msg":"","data":[]}', FailureKind.MALFORMED),
        ("bybit", '{"retCode":10006,"retMsg":"Too many visits!","result":{}}', FailureKind.RATE_LIMITED),
        ("bybit", '{"retCode":0,"retMsg":"OK","result":{"list":[]}}', FailureKind.MALFORMED),
        ("binance", '{"markPrice":"NaN","lastFundingRate":"0.1","openInterest":"1"}', FailureKind.MALFORMED),
        ("binance", '{"markPrice":"1","lastFundingRate":"","openInterest":"1"}', FailureKind.MALFORMED),
        ("binance", '{"markPrice":"1","lastFundingRate":"0.1","openInterest":"0"}', FailureKind.MALFORMED),
        ("binance", '{"markPrice":"1","lastFundingRate":"7","openInterest":"1"}', FailureKind.MALFORMED),
    ],
)
async def test_an_answer_that_cannot_be_is_no_number(
    venues: Venues, venue: str, body: str, kind: FailureKind
) -> None:
    venues[FETCH[venue][0]].body = body
    with pytest.raises(FeedError) as raised:
        await now(venues, venue)
    assert raised.value.kind is kind


@pytest.mark.parametrize("venue", FILL)
async def test_the_past_is_told_in_hours_and_of_the_last_two_days_in_five_minutes(
    venues: Venues, venue: str
) -> None:
    clock = Clock()
    async with Http(context(clock, venues.base_urls())) as http:
        gauges = await FILL[venue](http, NOW - timedelta(days=5))
    interest = [gauge for gauge in gauges if gauge.series == (venue, "BTC", Measure.OPEN_INTEREST_USD)]
    assert all(gauge.value == pytest.approx(ONE_SIDE_USD["BTC"]) for gauge in interest)
    moments = sorted(gauge.at for gauge in interest if gauge.at <= clock.now)
    assert moments[0] - (NOW - timedelta(days=5)) < timedelta(hours=1)
    assert clock.now - moments[-1] < timedelta(minutes=10)
    steps = {later - earlier for earlier, later in pairwise(moments)}
    assert max(steps) <= timedelta(hours=1)
    fine = [at for at in moments if at > NOW - timedelta(hours=47)]
    assert len(fine) == pytest.approx(47 * 12, abs=2)
    assert all(gauge.known_at == gauge.at for gauge in gauges)
    rates = [gauge.value for gauge in gauges if gauge.series.measure is Measure.FUNDING_8H]
    assert len(rates) == 2 * 15
    assert all(rate == pytest.approx(0.0001) for rate in rates)


@pytest.mark.parametrize(
    ("venue", "days", "kept"), [("binance", 400, 400), ("okx", 80, 80), ("okx", 200, 92), ("bybit", 300, 300)]
)
async def test_funding_is_told_over_as_many_pages_as_there_are(
    venues: Venues, venue: str, days: int, kept: int
) -> None:
    """A page of OKX holds 33 days, one of Bybit 66, one of Binance 333."""
    async with Http(context(Clock(), venues.base_urls())) as http:
        gauges = await fetch_funding(http, venue, NOW - timedelta(days=days))
    moments = [gauge.at for gauge in gauges if gauge.series.subject == "BTC"]
    assert len(moments) == len(set(moments)) == 3 * kept
    assert moments == sorted(moments)
    assert all(gauge.value == pytest.approx(0.0001) for gauge in gauges)


@pytest.mark.parametrize("hours", [-8, 0, 48])
@pytest.mark.parametrize("venue", ["okx", "bybit"])
async def test_an_interval_that_cannot_be_does_not_turn_the_sign(
    venues: Venues, venue: str, hours: int
) -> None:
    venues.leverage.interval = timedelta(hours=hours)
    with pytest.raises(FeedError) as raised:
        await now(venues, venue)
    assert raised.value.kind is FailureKind.MALFORMED


async def test_okx_is_asked_for_its_history_at_a_pace_that_it_allows(venues: Venues) -> None:
    """Five requests in two seconds."""
    clock = Clock()
    async with Http(context(clock, venues.base_urls())) as http:
        await leverage_history.fetch_okx(http, NOW - timedelta(days=5))
    asked = [path for path in venues["okx"].requests if "rubik" in path]
    assert sum(clock.slept) >= (len(asked) - 2) * 0.5
