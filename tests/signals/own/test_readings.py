"""The values of rules are those of the bot's readings, from when they were known, while they stand."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals.etf_flow import read_etf_flow
from signals.eth_btc import read_eth_btc
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_USDT, Instrument, Quote
from signals.gauges import Gauge, Measure, Series
from signals.leverage import interest_at, mean_funding, totals
from signals.liquidations import all_sides
from signals.liquidations_reading import read_liquidations
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, MINUTE_MS, from_ms
from signals.own.readings import OWN_READINGS, values_of
from signals.own.rule import Ref
from signals.own.values import Values, lapsing
from signals.premium import read_premium
from signals.price import read_price
from signals.readings import Quality
from signals.thin_book import ThinBookRules, depths, usual_at
from tests.signals.markets import START, START_MS, flow, flows_of, joined, markets, premium_of, ratio_of
from tests.signals.own.refs import refs

UNTIL_MS = START_MS + 13 * DAY_MS
LONG_AGO_MS = START_MS - 40 * DAY_MS
slow = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow]
)


def same(a: Values, b: Values) -> bool:
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a.columns(), b.columns(), strict=True))


def standing(values: Values, moment_ms: int) -> float | None:
    """The value that stands at a moment."""
    row = int(values.known_ms.searchsorted(moment_ms, "right")) - 1
    return None if row < 0 or np.isnan(values.value[row]) else float(values.value[row])


def price(market: Market, moment_ms: int) -> float | None:
    reading = read_price(market, "BTC", from_ms(moment_ms))
    return reading.price if reading.quality is Quality.OK else None


def change(market: Market, moment_ms: int) -> float | None:
    reading = read_price(market, "BTC", from_ms(moment_ms))
    return reading.change_24h_pct if reading.quality is Quality.OK else None


def premium(market: Market, moment_ms: int) -> float | None:
    reading = read_premium(market, from_ms(moment_ms))
    if reading.quality is not Quality.OK:
        return None
    return reading.raw_pct if reading.adjusted_pct is None else reading.adjusted_pct


def gap(market: Market, moment_ms: int) -> float | None:
    reading = read_premium(market, from_ms(moment_ms))
    return reading.gap_usd if reading.quality is Quality.OK else None


def usdt(market: Market, moment_ms: int) -> float | None:
    reading = read_premium(market, from_ms(moment_ms))
    return reading.usdt_usd if reading.quality is Quality.OK else None


def eth_btc(market: Market, moment_ms: int) -> float | None:
    reading = read_eth_btc(market, from_ms(moment_ms))
    return reading.ratio if reading.quality is Quality.OK else None


def etf(market: Market, moment_ms: int) -> float | None:
    reading = read_etf_flow(market, "BTC", from_ms(moment_ms))
    usd = reading.total_usd
    return usd / 1e6 if usd is not None and reading.quality is Quality.OK else None


def funding(market: Market, moment_ms: int) -> float | None:
    found = mean_funding(market, "BTC", moment_ms)
    return found.rate * 100 if found else None


def interest_24h(market: Market, moment_ms: int) -> float | None:
    found = totals(market, "BTC", moment_ms - DAY_MS, moment_ms)
    return found.change * 100 if found else None


def liquidated(market: Market, moment_ms: int) -> float | None:
    reading = read_liquidations(market, from_ms(moment_ms))
    return all_sides(market, "ALL", moment_ms).total_usd if reading.quality is Quality.OK else None


def depth(market: Market, moment_ms: int) -> float | None:
    found = [usual_at(rows, moment_ms, ThinBookRules()) for rows in depths(market).values()]
    ratios = [usual.ratio for usual in found if usual]
    return float(np.median(ratios)) * 100 if ratios else None


BESIDE: dict[Ref, Callable[[Market, int], float | None]] = {
    Ref("price", "BTC"): price,
    Ref("change_24h", "BTC"): change,
    Ref("premium"): premium,
    Ref("premium_gap"): gap,
    Ref("usdt"): usdt,
    Ref("eth_btc"): eth_btc,
    Ref("etf", "BTC"): etf,
    Ref("funding", "BTC"): funding,
    Ref("oi_24h", "BTC"): interest_24h,
    Ref("liquidations", "ALL"): liquidated,
    Ref("depth", "BTC"): depth,
}


@slow
@pytest.mark.parametrize("ref", BESIDE, ids=str)
@given(markets(), st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_a_value_is_what_the_bot_reads_at_the_moment_it_turns(ref, market, places):
    """And a row of nothing is a moment at which the bot reads nothing that is fresh."""
    values = values_of(ref, market, LONG_AGO_MS, UNTIL_MS)
    for place in places:
        if not len(values):
            return
        row = int(place * (len(values) - 1))
        read = BESIDE[ref](market, int(values.known_ms[row]))
        if np.isnan(values.value[row]):
            assert read is None
        else:
            assert read == pytest.approx(values.value[row], rel=1e-9, abs=1e-6)


@slow
@given(markets(), st.sampled_from(refs()), st.floats(0, 1))
def test_nothing_is_used_before_it_was_known(market, ref, where):
    until_ms = START_MS + int(where * 13 * DAY_MS)
    blind = values_of(ref, market.known_by(until_ms), LONG_AGO_MS, until_ms)
    assert same(blind, values_of(ref, market, LONG_AGO_MS, until_ms))


@settings(slow, max_examples=40)
@given(markets(), st.sampled_from(refs()), st.floats(0, 1), st.floats(0, 1))
def test_values_told_in_pieces_are_those_told_at_once(market, ref, one, other):
    since_ms, until_ms = sorted(START_MS + int(where * 13 * DAY_MS) for where in (one, other))
    whole = values_of(ref, market, LONG_AGO_MS, until_ms)
    piece = values_of(ref, market, since_ms, until_ms)
    expected = whole.between(since_ms, until_ms)
    assert np.array_equal(piece.known_ms, expected.known_ms)
    assert np.allclose(piece.value, expected.value, rtol=1e-9, atol=1e-6, equal_nan=True)


@slow
@given(markets(), st.sampled_from(refs()))
def test_values_are_in_order_and_known_no_sooner_than_they_happened(market, ref):
    values = values_of(ref, market, LONG_AGO_MS, UNTIL_MS)
    assert (np.diff(values.known_ms) > 0).all()
    assert (values.at_ms <= values.known_ms).all()
    assert not np.isinf(values.value).any()


def test_a_value_lapses_where_the_next_is_late_and_stands_until_then():
    at = np.array([0, 100, 500], np.int64)
    values = lapsing(at, at, np.array([1.0, 2.0, 3.0]), 150, 600)
    assert values.known_ms.tolist() == [0, 100, 251, 500]
    assert [standing(values, ms) for ms in (99, 250, 251, 499, 600)] == [1.0, 2.0, None, None, 3.0]


def test_the_price_of_any_coin_is_that_of_its_instrument():
    sol = Instrument("okx", "SOL/USDT")
    market = Market().add([Quote(sol, START, 149.0, 151.0, START)])
    ref = Ref("price", "SOL")
    found = values_of(ref, market, START_MS - 1, START_MS, {"SOL": sol}.get)
    assert found.value.tolist() == [150.0]
    assert len(values_of(ref, market, START_MS - 1, START_MS)) == 0
    assert len(values_of(ref, market, START_MS - 1, START_MS, lambda _: None)) == 0


def test_a_usdt_quote_that_became_known_late_does_not_hide_the_one_before_it():
    """The bot reads with what is known at a moment; a rule reads along all that there is."""
    second = timedelta(seconds=1)
    usdt = [(10, 80, 0.9990), (40, 45, 0.9995)]
    market = premium_of([(1, 0.001), (2, 0.001)], step_minutes=1).add(
        Quote(COINBASE_USDT, START + at * second, rate, rate, START + known * second)
        for at, known, rate in usdt
    )
    values = values_of(Ref("usdt"), market, LONG_AGO_MS, START_MS + 2 * MINUTE_MS)
    moment_ms = START_MS + MINUTE_MS
    assert standing(values, moment_ms) == BESIDE[Ref("usdt")](market, moment_ms) == 0.9995


def test_regained_and_the_age_of_the_low_are_those_of_the_condition():
    hours = 24 * 30
    market = ratio_of([(60 * h, 0.035 - 0.001 * np.sin(h / 40) - 1e-6 * h) for h in range(1, hours)])
    values = {
        name: values_of(Ref(name), market, LONG_AGO_MS, START_MS + hours * HOUR_MS)
        for name in ("eth_btc_regained", "eth_btc_low_age")
    }
    for hour in (400, 500, 600, 700):
        moment_ms = START_MS + hour * HOUR_MS
        reading = read_eth_btc(market, from_ms(moment_ms))
        assert reading.regained is not None
        assert reading.low_age is not None
        assert standing(values["eth_btc_regained"], moment_ms) == pytest.approx(reading.regained * 100)
        age = standing(values["eth_btc_low_age"], moment_ms)
        assert age == pytest.approx(reading.low_age / timedelta(hours=1))
    assert standing(values["eth_btc_regained"], START_MS + 200 * HOUR_MS) is None


def test_open_interest_has_no_total_while_a_venue_is_silent():
    series = [Series(venue, "BTC", Measure.OPEN_INTEREST_USD) for venue in ("binance", "okx")]
    market = Market().add(
        Gauge(one, START + timedelta(minutes=minute), value, START + timedelta(minutes=minute))
        for one, value, end in ((series[0], 8e9, 300), (series[1], 4e9, 60))
        for minute in range(0, end, 5)
    )
    values = values_of(Ref("oi", "BTC"), market, START_MS - 1, START_MS + 290 * MINUTE_MS)
    assert standing(values, START_MS + 60 * MINUTE_MS) == 12e9
    assert sum(interest_at(market, "BTC", START_MS + 200 * MINUTE_MS).values()) == 8e9
    assert standing(values, START_MS + 200 * MINUTE_MS) is None


def test_a_streak_of_sessions_is_negative_where_money_left():
    days = [(START.date() + timedelta(days=day), musd) for day, musd in ((0, 5.0), (1, -3.0), (2, -4.0))]
    market = joined(flows_of(*(flow(day, musd) for day, musd in days)))
    values = values_of(Ref("etf_streak", "BTC"), market, START_MS, START_MS + 4 * DAY_MS)
    assert values.value[~np.isnan(values.value)].tolist() == [1.0, -1.0, -2.0]


def test_the_feds_numbers_count_from_their_publication():
    late = timedelta(hours=16)
    market = Market().add(
        Gauge(Series("newyorkfed", "fed", measure), START, value, START + late)
        for measure, value in ((Measure.SOFR_PCT, 4.2), (Measure.REPO_USD, 29.4e9))
    )
    for name, value in (("sofr", 4.2), ("repo", 29.4e9)):
        values = values_of(Ref(name), market, START_MS, START_MS + 10 * DAY_MS)
        assert values.known_ms.tolist()[0] == START_MS + 16 * HOUR_MS
        assert standing(values, START_MS + 4 * DAY_MS) == value
        assert standing(values, START_MS + 6 * DAY_MS) is None


def test_every_reading_with_prices_of_any_coin_is_about_prices():
    assert {row.id for row in OWN_READINGS.values() if row.any_coin} == {
        "price",
        "change_1h",
        "change_24h",
        "change_7d",
    }
    assert {instrument.coin for instrument in (BINANCE_BTC, BINANCE_ETH)} == {"BTC", "ETH"}
