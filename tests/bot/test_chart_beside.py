"""Charts of what stands beside prices: sums that no venue's coming or going moves, and pictures by /chart."""

from datetime import timedelta

import pytest

from bot.charts.beside import depth, funding, liquidated, open_interest
from bot.commands.table import answer
from signals.gauges import Gauge, Measure, Series
from signals.leverage import mean_funding
from signals.market import Market
from tests.bot.desks import NOW, ask_of, new_desk

HOUR = timedelta(hours=1)
HALF = HOUR / 2


def told(venue: str, measure: Measure, hours_ago: range, value: float, subject: str = "BTC") -> list[Gauge]:
    moments = (NOW - hours * HALF for hours in hours_ago)
    return [Gauge(Series(venue, subject, measure), at, value, at) for at in moments]


def test_a_venue_that_came_later_is_no_rise_and_one_that_left_is_not_in_the_sum():
    measure = Measure.OPEN_INTEREST_USD
    market = Market().add(
        [
            *told("binance", measure, range(100), 8e9),
            *told("okx", measure, range(50), 3e9),
            *told("bybit", measure, range(60, 100), 5e9),
        ]
    )
    at_ms, value = open_interest(market)
    assert set(value.tolist()) == {11e9}
    assert len(at_ms) == 50


RATES = [
    *told("okx", Measure.FUNDING_8H, range(4), 1e-4),
    *told("bybit", Measure.FUNDING_8H, range(4), 3e-4),
]


def test_funding_is_drawn_as_leverage_tells_it():
    weights = [
        *told("okx", Measure.OPEN_INTEREST_USD, range(3), 3e9),
        *told("bybit", Measure.OPEN_INTEREST_USD, range(3), 1e9),
    ]
    market = Market().add([*RATES, *weights])
    at_ms, rate = funding(market)
    told_now = mean_funding(market, "BTC", int(at_ms[-1]))
    assert told_now is not None
    assert told_now.is_weighted
    # Of the first moment open interest is not known, and its plain mean would look like a fall.
    assert rate.tolist() == pytest.approx([1.5e-4] * 3)
    assert rate[-1] == told_now.rate


def test_funding_is_the_plain_mean_where_nothing_weighs_it_and_nothing_where_there_is_none():
    assert funding(Market().add(RATES))[1].tolist() == pytest.approx([2e-4] * 4)
    assert len(funding(Market())[1]) == 0


def test_funding_of_a_venue_that_fell_silent_is_in_no_part_of_the_curve():
    silent = told("binance", Measure.FUNDING_8H, range(4, 20), 9e-4)
    market = Market().add([*silent, *told("okx", Measure.FUNDING_8H, range(20), 1e-4)])
    assert funding(market)[1].tolist() == pytest.approx([1e-4] * 20)


def test_depth_is_the_sum_of_the_books_that_are_there():
    books = told("binance", Measure.DEPTH_1PCT_USD, range(4), 30e6)
    assert depth(Market().add(books))[1].tolist() == [30e6] * 4


def test_liquidations_are_those_of_the_day_before_each_moment():
    heard = told("bybit", Measure.LIQUIDATIONS_HEARD_SECONDS, range(100), 1800, "ALL")
    longs = told("bybit", Measure.LIQUIDATED_LONG_USD, range(60, 61), 7e6, "ALL")
    at_ms, usd = liquidated(Market().add([*heard, *longs]))
    assert len(at_ms) == 100
    assert usd.tolist() == [0.0] * 39 + [7e6] * 48 + [0.0] * 13


SOME = Market().add(
    [
        *told("binance", Measure.OPEN_INTEREST_USD, range(100), 8e9),
        *told("binance", Measure.FUNDING_8H, range(100), 1e-4),
        *told("binance", Measure.DEPTH_1PCT_USD, range(100), 30e6),
        *told("bybit", Measure.LIQUIDATIONS_HEARD_SECONDS, range(100), 1800, "ALL"),
    ]
)


@pytest.mark.parametrize(
    "subject", ["leverage", "oi", "funding", "liquidations", "depth", "relever", "thin_book"]
)
async def test_each_is_a_picture_and_another_one_where_nothing_is_known(subject):
    pictures = []
    for market in (SOME, Market()):
        with new_desk(market, NOW) as desk:
            found = await answer(ask_of(desk, subject), "chart")
        assert found.photo is not None
        assert found.photo.startswith(b"\x89PNG")
        pictures.append(found.photo)
    assert pictures[0] != pictures[1]
