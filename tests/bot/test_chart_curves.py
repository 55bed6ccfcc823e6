from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.curves import Curve, curve, price_curve
from signals.facts import BINANCE_BTC, COINBASE_BTC, Candle, Instrument
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, MINUTE_MS, from_ms
from signals.rows import Floats, Ints

DAY = 20_000 * DAY_MS


def minutes(*at: int) -> Ints:
    return np.array([DAY + minute * MINUTE_MS for minute in at], np.int64)


def curve_of(at_ms: Ints, value: Floats, step_ms: int = MINUTE_MS) -> Curve:
    return curve(at_ms, np.full(len(at_ms), step_ms, np.int64), value, DAY, DAY + 30 * DAY_MS)


def test_a_few_samples_are_all_drawn() -> None:
    drawn = curve_of(minutes(0, 1, 2), np.array([1.0, 3.0, 2.0]))
    assert drawn.value.tolist() == [1.0, 3.0, 2.0]
    assert drawn.at_ms.tolist() == minutes(0, 1, 2).tolist()


def test_missing_samples_leave_a_hole_between_their_neighbours() -> None:
    drawn = curve_of(minutes(0, 1, 60, 61), np.array([1.0, 1.0, 2.0, 2.0]))
    assert np.isnan(drawn.value).tolist() == [False, False, True, False, False]


def test_a_coarser_step_tolerates_wider_distances() -> None:
    hours = minutes(0, 60, 120)
    assert not np.isnan(curve_of(hours, np.ones(3), HOUR_MS).value).any()
    assert np.isnan(curve_of(hours, np.ones(3), MINUTE_MS).value).sum() == 2


def test_a_sample_between_two_holes_is_known_to_stand_alone() -> None:
    drawn = curve_of(minutes(0, 1, 60, 120, 121), np.array([1.0, 1.0, 7.0, 1.0, 1.0]))
    assert drawn.lonely().value.tolist() == [7.0]


def test_what_lies_outside_the_stretch_is_left_out() -> None:
    drawn = curve(
        minutes(-5, 0, 5, 50),
        np.full(4, 5 * MINUTE_MS, np.int64),
        np.array([9.0, 1.0, 2.0, 9.0]),
        DAY,
        DAY + 10 * MINUTE_MS,
    )
    assert drawn.value.tolist() == [1.0, 2.0]


def test_a_long_series_is_thinned_and_keeps_its_extremes_its_mean_and_its_newest_sample() -> None:
    at = minutes(*range(30 * 24 * 60))
    value = np.sin(np.arange(len(at)) / 500)
    value[12_345], value[-1] = 9.0, 5.0
    drawn = curve_of(at, value)
    assert len(drawn) < 1_000
    assert drawn.high_end == 9.0
    assert drawn.low_end == value.min()
    assert drawn.last == (float(at[-1]), 5.0)
    assert abs(float(drawn.value[:-1].mean()) - value.mean()) < 0.01


def test_a_thinned_series_keeps_its_holes() -> None:
    at = minutes(*range(20_000), *range(23_000, 40_000))
    drawn = curve_of(at, np.ones(len(at)))
    assert np.isnan(drawn.value).sum() == 1


def test_a_single_spike_does_not_flatten_everything_else() -> None:
    at = minutes(*range(0, 40_000, 20))
    value = np.linspace(-1, 1, 2_000)
    value[700] = 500.0
    drawn = curve_of(at, value)
    low, high = drawn.sight()
    assert low == -1.0
    assert 1.0 <= high < 3.0
    assert drawn.extremes()[0][1] == 500.0


@given(
    st.lists(
        st.tuples(st.integers(0, 43_200), st.floats(-1e6, 1e6)), max_size=60, unique_by=lambda row: row[0]
    )
)
def test_every_sample_stays_within_the_curves_span(rows: list[tuple[int, float]]) -> None:
    rows.sort()
    value = np.array([row[1] for row in rows], np.float64)
    drawn = curve_of(minutes(*(row[0] for row in rows)), value)
    assert sorted(drawn.value[~np.isnan(drawn.value)].tolist()) == sorted(value.tolist())
    assert np.all(np.diff(drawn.at_ms) > 0)


def candles(instrument: Instrument, step: timedelta, *closes: float) -> list[Candle]:
    return [
        Candle(instrument, step, from_ms(DAY) + place * step, close, close, close, close, 1.0)
        for place, close in enumerate(closes)
    ]


def test_a_price_comes_from_the_first_venue_that_has_any() -> None:
    market = Market().add(candles(COINBASE_BTC, timedelta(hours=1), 1.0, 2.0))
    drawn = price_curve(market, (BINANCE_BTC, COINBASE_BTC), DAY, DAY + DAY_MS)
    assert drawn.value.tolist() == [1.0, 2.0]


def test_where_steps_mix_the_finer_price_is_drawn_and_no_hole_is_made_up() -> None:
    coarse = candles(BINANCE_BTC, timedelta(hours=1), 1.0, 2.0, 3.0)
    fine = candles(BINANCE_BTC, timedelta(minutes=30), 5.0, 6.0)
    drawn = price_curve(Market().add((*coarse, *fine)), (BINANCE_BTC,), DAY, DAY + DAY_MS)
    assert drawn.value.tolist() == [5.0, 6.0, 2.0, 3.0]


def test_no_price_anywhere_is_an_empty_curve() -> None:
    assert len(price_curve(Market(), (BINANCE_BTC, COINBASE_BTC), DAY, DAY + DAY_MS)) == 0
