from datetime import timedelta

import pytest

from signals.facts import BINANCE_BTC, Quote
from signals.market import Market
from signals.price import read_price
from signals.readings import Quality
from tests.signals.markets import START, bars, joined

HOUR, FIVE = timedelta(hours=1), timedelta(minutes=5)
NOON_MINUTE = 36 * 60
NOON = START + timedelta(minutes=NOON_MINUTE)


def five_minutes(price=100.0):
    return bars(BINANCE_BTC, FIVE, [(minute, price) for minute in range(5, NOON_MINUTE + 5, 5)])


@pytest.mark.parametrize(("age_minutes", "quality"), [(0, "ok"), (10, "ok"), (11, "stale")])
def test_a_price_is_as_fresh_as_the_bars_that_it_comes_from(age_minutes, quality):
    reading = read_price(five_minutes(), "BTC", NOON + timedelta(minutes=age_minutes))
    assert reading.quality is Quality(quality)


def test_imported_hourly_bars_do_not_make_an_old_price_seem_fresh():
    hourly = bars(BINANCE_BTC, HOUR, [(minute, 90.0) for minute in range(60, NOON_MINUTE, 60)])
    reading = read_price(joined(hourly, five_minutes()), "BTC", NOON + timedelta(minutes=40))
    assert (reading.price, reading.quality) == (100.0, Quality.STALE)


def test_a_live_price_is_held_against_the_bar_of_a_day_ago():
    live = Market().add([Quote(BINANCE_BTC, NOON, 109.0, 111.0, NOON)])
    reading = read_price(joined(five_minutes(), live), "BTC", NOON)
    assert (reading.price, reading.quality) == (110.0, Quality.OK)
    assert reading.change_24h_pct == pytest.approx(10)


def test_the_change_over_a_day_is_left_out_where_that_day_is_not_known():
    reading = read_price(five_minutes(), "BTC", START + timedelta(hours=20))
    assert (reading.price, reading.change_24h_pct) == (100.0, None)


def test_without_a_price_the_reading_says_so():
    assert read_price(Market(), "BTC", NOON).quality is Quality.MISSING
