"""The rule of forced deleveraging, on hours made up for it."""

from datetime import timedelta

import numpy as np
import pytest

from signals.deleveraging import DeleveragingRules, Signs, read_signs
from signals.facts import BINANCE_BTC
from signals.gauges import Gauges, Measure, Series
from signals.market import Bars, Market, Track
from signals.moments import DAY_MS, HOUR_MS, length_ms
from tests.signals.markets import START_MS, joined

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
RULES = DeleveragingRules()


def market(rows: list[tuple[float, float, float]], step: timedelta = HOUR, first: int = 0) -> Market:
    """Bars of (high, low, volume), one after the other."""
    step_ms = length_ms(step)
    ends = [START_MS + (first + place + 1) * step_ms for place in range(len(rows))]
    return Market(
        bars={Track(BINANCE_BTC, step): Bars.of((at, at, *row) for at, row in zip(ends, rows, strict=True))}
    )


def signs(of: Market, hours: float = 48) -> Signs:
    return read_signs(of, START_MS, START_MS + int(hours * HOUR_MS), RULES)


def two_days(low: float, volume: float, high: float = 100.0) -> Market:
    """A day at 100 with a volume of 1 an hour, then one with another volume, whose last bar goes to a low."""
    return market([(high, 99.0, 1.0)] * 24 + [(high, 99.0, volume)] * 23 + [(99.0, low, volume)])


@pytest.mark.parametrize(
    ("low", "volume", "forced"),
    [
        (96.0, 1.81, True),
        (96.1, 1.81, False),
        (96.0, 1.79, False),
        (80.0, 1.0, False),
        (99.0, 9.0, False),
    ],
)
def test_a_fall_of_four_percent_on_eighty_percent_more_volume(low: float, volume: float, *, forced: bool):
    assert bool(signs(two_days(low, volume)).forced[-1]) is forced


def interest(before: float, after: float) -> Market:
    """Open interest a day before the last bar, and at it."""
    rows = ((START_MS + DAY_MS, before), (START_MS + 2 * DAY_MS, after))
    series = Series("binance", "BTC", Measure.OPEN_INTEREST_USD)
    return Market(gauges={series: Gauges.of((at, at, usd) for at, usd in rows)})


def liquidated(long_usd: float, short_usd: float, hours_heard: float = 24) -> Market:
    """What one venue told of the day before the last bar, and how much of that day it was heard."""
    at_ms = START_MS + 2 * DAY_MS - HOUR_MS
    told = {
        Measure.LIQUIDATED_LONG_USD: long_usd,
        Measure.LIQUIDATED_SHORT_USD: short_usd,
        Measure.LIQUIDATIONS_HEARD_SECONDS: hours_heard * 3600,
    }
    return Market(gauges={Series("bybit", "ALL", m): Gauges.of([(at_ms, at_ms, v)]) for m, v in told.items()})


@pytest.mark.parametrize(
    ("beside", "forced", "known"),
    [
        (interest(100.0, 97.0), True, ("open_interest",)),
        (interest(100.0, 97.1), False, ("open_interest",)),
        (interest(100.0, 130.0), False, ("open_interest",)),
        (liquidated(75.0, 25.0), True, ("liquidation_side",)),
        (liquidated(74.0, 26.0), False, ("liquidation_side",)),
        (liquidated(0.0, 90.0), False, ("liquidation_side",)),
        (joined(interest(100.0, 96.0), liquidated(90.0, 10.0)), True, ("open_interest", "liquidation_side")),
        (joined(interest(100.0, 99.0), liquidated(90.0, 10.0)), False, ("open_interest", "liquidation_side")),
        (joined(interest(100.0, 96.0), liquidated(10.0, 90.0)), False, ("open_interest", "liquidation_side")),
        (liquidated(0.0, 90.0, hours_heard=11), True, ()),
        (Market(), True, ()),
    ],
    ids=[
        "positions vanish",
        "too few vanish",
        "positions are added",
        "longs",
        "too few longs",
        "shorts",
        "both agree",
        "positions stay",
        "it was shorts",
        "hardly heard",
        "neither is known",
    ],
)
def test_open_interest_and_the_side_of_liquidations_contradict_where_they_are_known(
    beside: Market, known: tuple[str, ...], *, forced: bool
):
    found = signs(joined(two_days(90.0, 2.0), beside))
    assert bool(found.forced[-1]) is forced
    assert found.known(-1) == ("price", "volume", *known)


def test_how_far_it_fell_and_how_much_more_was_traded():
    last = signs(two_days(90.0, 2.03))
    assert last.fall[-1] == pytest.approx(0.1)
    assert last.volume_change[-1] == pytest.approx(1.03)


def test_the_high_of_the_bar_itself_says_nothing_for_it_may_have_come_after_the_low():
    up = market([(100.0, 99.0, 1.0)] * 24 + [(100.0, 99.0, 3.0)] * 23 + [(110.0, 99.0, 3.0)])
    assert not signs(up).forced[-1]


def test_a_high_of_more_than_a_day_ago_is_forgotten():
    old = market([(100.0, 94.0, 1.0)] * 48 + [(95.0, 94.0, 3.0)] * 24)
    # From the tenth hour on enough is traded; at the last one no bar of the day before is left.
    assert np.flatnonzero(signs(old, 72).forced).tolist() == list(range(57, 71))


def test_nothing_is_said_before_two_days_are_known():
    assert np.isnan(signs(two_days(90.0, 9.0)).volume_change[:43]).all()


@pytest.mark.parametrize(("missing", "known"), [(2, True), (3, False)])
def test_a_day_needs_bars_over_nine_tenths_of_it(missing: int, *, known: bool):
    rows = [(100.0, 99.0, 1.0)] * (24 - missing) + [(100.0, 99.0, 2.0)] * 24
    last = signs(market(rows, first=missing)).volume_change[-1]
    assert np.isnan(last) == (not known)


def test_volumes_are_compared_for_the_time_that_has_bars():
    rows = [(100.0, 99.0, 1.0)] * 22 + [(100.0, 99.0, 2.0)] * 24
    assert signs(market(rows, first=2)).volume_change[-1] == pytest.approx(1.0)


def test_a_coarse_bar_counts_only_where_no_finer_one_tells_of_its_time():
    hours = market([(100.0, 99.0, 4.0)] * 48)
    fine = market([(100.0, 99.0, 1.0)] * 8, QUARTER, first=4)
    partial = market([(100.0, 99.0, 1.0)] * 1, QUARTER, first=12)
    both = signs(hours.joined(fine).joined(partial))
    # Hours 1 and 2 are told by quarters, hour 3 by one of them alone.
    assert both.bars.step_ms.tolist() == [HOUR_MS, *[HOUR_MS // 4] * 9, *[HOUR_MS] * 44]


def test_no_bar_is_used_before_it_was_known():
    of = two_days(90.0, 2.0)
    for hours in (30, 47.5, 48):
        until_ms = START_MS + int(hours * HOUR_MS)
        blind, seeing = (read_signs(m, START_MS, until_ms, RULES) for m in (of.known_by(until_ms), of))
        assert blind.forced.tolist() == seeing.forced.tolist()


def test_the_same_bars_give_the_same_numbers_from_whatever_beginning():
    random = np.random.default_rng(1)
    price = 100 + np.cumsum(random.normal(0, 1, 24 * 20))
    of = market([(p + 1, p - 1, v) for p, v in zip(price, random.uniform(0.1, 9, 480), strict=True)])
    until_ms = START_MS + 20 * DAY_MS
    whole = read_signs(of, START_MS, until_ms, RULES)
    for days in (3, 11, 19):
        part = read_signs(of, START_MS + days * DAY_MS, until_ms, RULES)
        assert part.volume_change.tolist() == whole.volume_change[24 * days :].tolist()
        assert np.array_equal(part.fall, whole.fall[24 * days :], equal_nan=True)
