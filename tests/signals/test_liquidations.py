"""`liquidations`: what three venues told of 24 hours, and how much of them was heard."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.conditions import Alarm, Change, Standing
from signals.forced import long_share
from signals.gauges import Gauge, Measure, Series
from signals.liquidations import Liquidations
from signals.liquidations_reading import read_liquidations
from signals.market import Market
from signals.moments import to_ms
from signals.readings import Quality
from signals.warnings import Backdrop, Verdicts
from tests.signals.markets import START, joined

STRETCH = timedelta(minutes=5)
NOBODY = Backdrop(Verdicts((0,), ("fragile",)))
LONG, SHORT = Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD
MILLION = 1e6


def heard(venue: str, stretches: int, events: Mapping[int, tuple[float, float]], first: int = 1) -> Market:
    """A venue that was heard for so many stretches, with what was liquidated in some, in millions."""
    facts = []
    for n in range(first, first + stretches):
        at, known_at = START + n * STRETCH, START + n * STRETCH + timedelta(seconds=7)
        facts.append(Gauge(Series(venue, "ALL", Measure.LIQUIDATIONS_HEARD_SECONDS), at, 300.0, known_at))
        for measure, usd in zip((LONG, SHORT), events.get(n, (0, 0)), strict=True):
            if usd:
                facts.append(Gauge(Series(venue, "ALL", measure), at, usd * MILLION, known_at))
    return Market().add(facts)


def judged(market: Market, *ends: timedelta) -> list[Change]:
    standing, changes = Standing(), list[Change]()
    for end in ends:
        found = Liquidations().judge(standing, market, NOBODY, to_ms(START + end))
        standing = found.standing
        changes += found.changes
    return changes


@pytest.mark.parametrize(
    ("long", "short", "reason"),
    [(499, 0, "few"), (400, 100, "longs"), (100, 400, "shorts"), (300, 300, "both")],
)
def test_it_comes_on_at_half_a_billion_and_names_a_side_from_three_quarters_on(long, short, reason):
    market = heard("bybit", 20, {10: (long, short)})
    assert judged(market, timedelta(hours=1.6))[-1].reason == reason


def test_it_ends_when_the_day_holds_less_than_seven_tenths_of_that():
    market = heard("bybit", 400, {10: (200, 0), 20: (310, 0), 100: (40, 0)})
    found = [(change.to_state, change.reason) for change in judged(market, timedelta(hours=30))]
    assert found == [(Alarm.OFF, "few"), (Alarm.ON, "longs"), (Alarm.OFF, "few")]


def test_venues_are_added_up_and_how_much_was_heard_is_said():
    market = joined(heard("bybit", 24, {10: (300, 0)}), heard("okx", 12, {10: (250, 10)}))
    last = judged(market, timedelta(hours=2.1))[-1]
    assert last.evidence == {"long_dollars": 550e6, "short_dollars": 10e6, "heard_hours": 0.8}


def test_where_nobody_was_heard_for_an_hour_nothing_is_known():
    found = judged(heard("okx", 3, {}), timedelta(hours=5))
    assert [(change.to_state, change.reason) for change in found] == [
        (Alarm.OFF, "few"),
        (Alarm.NO_DATA, "not_heard"),
    ]


events = st.dictionaries(
    st.integers(1, 60), st.tuples(st.sampled_from([0, 90, 400]), st.sampled_from([0, 200]))
)


@given(events, events, st.integers(1, 60), st.lists(st.integers(0, 400), max_size=8))
@settings(max_examples=40, deadline=None)
def test_one_look_at_a_time_gives_the_same_as_all_at_once(bybit, okx, stretches, ends):
    market = joined(heard("bybit", 60, bybit), heard("okx", stretches, okx, first=20))
    pieces = judged(market, *(timedelta(minutes=end) for end in sorted(ends)), timedelta(days=2))
    assert pieces == judged(market, timedelta(days=2))


def test_the_reading_says_what_was_heard_of_the_day_and_where_most_fell():
    market = joined(
        heard("bybit", 288, {10: (30, 5), 200: (60, 2)}), heard("okx", 144, {200: (1, 1)}, first=144)
    )
    reading = read_liquidations(market, START + timedelta(days=1, minutes=1))
    assert reading.quality is Quality.OK
    assert (reading.total.long_usd, reading.total.short_usd) == (91e6, 8e6)
    assert {venue.venue: venue.heard for venue in reading.venues} == {
        "binance": timedelta(0),
        "bybit": timedelta(days=1),
        "okx": timedelta(hours=12),
    }
    assert (reading.burst_usd, reading.burst_at) == (64e6, START + 200 * STRETCH)
    assert reading.everywhere is None


def test_a_shock_asks_only_venues_that_were_heard_for_half_of_the_day():
    day = to_ms(START + timedelta(days=1, seconds=30))
    heard_long = heard("bybit", 288, {10: (30, 10)})
    assert long_share(joined(heard_long, heard("okx", 20, {10: (0, 900)})), day) == pytest.approx(0.75)
    assert long_share(heard("okx", 20, {10: (0, 900)}), day) is None
    assert long_share(Market(), day) is None
