"""Binance's ratings and Bybit's pools: the documented answers, what they mean, and answers that are none."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from signals.adl_states import Risk
from signals.feeds import adl_ratings
from signals.feeds.adl_ratings import UnderWay, read_pool, read_rating
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.gauges import Gauge
from tests.feed_adl import POOL
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues


@pytest.fixture
async def http(clock: Clock, venues: Venues) -> AsyncIterator[Http]:
    async with Http(context(clock, venues.base_urls(), timeout_s=0.5)) as http:
        yield http


def risks(states: tuple[Gauge, ...]) -> dict[str, float]:
    return {state.series.subject: state.value for state in states}


async def test_binances_rating_of_both_coins(http: Http, venues: Venues):
    venues.adl.ratings |= {"BTCUSDT": "MEDIUM", "ETHUSDT": "HIGH"}
    states = await adl_ratings.fetch_binance(http)
    assert risks(states) == {"BTC": Risk.RAISED, "ETH": Risk.HIGH}
    assert {(state.series.source, state.at, state.known_at) for state in states} == {("binance", NOW, NOW)}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"symbol": "BTCUSDT"},
        {"symbol": "BTCUSDT", "adlRisk": "EXTREME"},
        {"symbol": "BTCUSDT", "adlRisk": "low"},
        {"symbol": "BTCUSDT", "adlRisk": None},
        {"symbol": "ETHUSDT", "adlRisk": "LOW"},
        [{"symbol": "BTCUSDT", "adlRisk": "LOW"}],
    ],
)
def test_a_rating_that_is_not_known_is_not_guessed(answer: Any):
    with pytest.raises(FeedError) as caught:
        read_rating(answer, "BTCUSDT")
    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("pools", "on"),
    [
        ([{}], [False]),
        ([{"pnlRatio": "-0.560973"}], [True]),
        ([{"pnlRatio": -0.560973, "balance": 92203504694.99, "adlTriggerThreshold": 10000}], [True]),
        ([{"pnlRatio": "-0.3"}], [False]),
        ([{"pnlRatio": "-0.56", "balance": "9999"}], [False]),
        ([{"balance": "0"}], [True]),
        ([{"balance": -5421.29889888, "pnlRatio": 0}], [True]),
        ([{"balance": "-1"}, {"balance": "20000"}], [True, False]),
        ([{"pnlRatio": "-0.27"}], [False]),
        (
            [{"pnlRatio": "-0.31"}, {"pnlRatio": "-0.27"}, {"pnlRatio": "-0.25"}, {"pnlRatio": "-0.24"}],
            [True, True, True, False],
        ),
    ],
    ids=[
        "a good day",
        "it lost too much",
        "in numbers instead of texts",
        "just not too much",
        "of a pool that is too small",
        "an empty pool",
        "a pool in debt",
        "a pool that was filled up",
        "between the two thresholds it does not begin",
        "but it goes on",
    ],
)
async def test_bybits_rule(http: Http, venues: Venues, pools: list[dict[str, Any]], on: list[bool]):
    under_way, told = UnderWay(), []
    for pool in pools:
        venues.adl.pools["ETHUSDT"] = pool
        told.append(risks(await adl_ratings.fetch_bybit(http, under_way)))
    assert told == [{"BTC": Risk.NONE, "ETH": Risk.HIGH if each else Risk.NONE} for each in on]


def bybit(*pools: Any, code: Any = 0) -> dict[str, Any]:
    return {"retCode": code, "retMsg": "", "result": {"updatedTime": "1757733960000", "list": list(pools)}}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"retCode": 0, "result": None},
        bybit(),
        bybit(None),
        bybit(POOL, POOL),
        bybit({**POOL, "symbol": "ETHUSDT"}),
        bybit({**POOL, "balance": ""}),
        bybit({**POOL, "balance": None}),
        bybit({**POOL, "balance": True}),
        bybit({**POOL, "pnlRatio": "NaN"}),
        bybit({name: value for name, value in POOL.items() if name != "adlStopRatio"}),
    ],
)
def test_a_pool_of_another_shape_is_malformed(answer: Any):
    with pytest.raises(FeedError) as caught:
        read_pool(answer, "BTCUSDT")
    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("code", "kind"), [(10006, FailureKind.RATE_LIMITED), (10016, FailureKind.TEMPORARY)]
)
def test_bybits_errors_come_with_status_200(code: int, kind: FailureKind):
    with pytest.raises(FeedError) as caught:
        read_pool(bybit(code=code), "BTCUSDT")
    assert caught.value.kind is kind


@with_faults(Fault.BANNED, Fault.CLOSED, Fault.SLOW)
@pytest.mark.parametrize("source", ["binanceusdm", "bybit"])
async def test_what_goes_wrong_is_said_for_what_it_is(
    http: Http, venues: Venues, source: str, fault: Fault, kind: FailureKind
):
    venues[source].fault = fault
    asked = (
        adl_ratings.fetch_bybit(http, UnderWay()) if source == "bybit" else adl_ratings.fetch_binance(http)
    )
    with pytest.raises(FeedError) as caught:
        await asked
    assert (caught.value.feed, caught.value.kind) == (source, kind)
