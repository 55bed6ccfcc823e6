"""`thin_book`, and the depth that people look at: each venue against its own week."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.conditions import Alarm, Change, Standing
from signals.depth import read_depth
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.moments import DAY_MS, to_ms
from signals.readings import Quality
from signals.thin_book import ThinBook
from signals.warnings import Backdrop, Verdicts
from tests.signals.markets import START

QUARTER = timedelta(minutes=15)
NOBODY = Backdrop(Verdicts((0,), ("fragile",)))


def books(venues: Mapping[str, Sequence[float]]) -> Market:
    """What stands within 1 % of each venue's book, in millions, at each quarter of an hour."""
    return Market().add(
        Gauge(Series(venue, "BTC", Measure.DEPTH_1PCT_USD), at, value * 1e6, at + timedelta(seconds=2))
        for venue, values in venues.items()
        for at, value in zip((START + n * QUARTER for n in range(len(values))), values, strict=True)
    )


def judged(market: Market, *ends: timedelta) -> list[tuple[str, str]]:
    standing, changes = Standing(), list[Change]()
    for end in ends:
        found = ThinBook().judge(standing, market, NOBODY, to_ms(START + end))
        standing = found.standing
        changes += found.changes
    return [(change.to_state, change.reason) for change in changes]


TWO_DAYS = [10.0] * (2 * 96 + 1)
LATER = timedelta(days=20)
OFF, ON = (Alarm.OFF, "filled"), (Alarm.ON, "thin")
SILENT = (Alarm.NO_DATA, "no_books")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ([], [OFF, SILENT]),
        ([5.1], [OFF, SILENT]),
        ([4.9], [OFF, ON, SILENT]),
        ([4.9, 5.9, 5.1, 4.9], [OFF, ON, SILENT]),
        ([4.9, 6.1, 5.9], [OFF, ON, OFF, SILENT]),
    ],
    ids=["as usual", "not quite", "thin", "hovers and stays on", "fills up and hovers"],
)
def test_a_book_is_thin_below_half_of_its_median_until_it_is_above_six_tenths(after, told):
    assert judged(books({"binance": [*TWO_DAYS, *after]}), LATER) == told


def test_until_a_venue_was_seen_for_two_days_nothing_is_usual():
    assert judged(books({"binance": [*TWO_DAYS[:150], 1.0, 1.0]}), LATER) == []


@pytest.mark.parametrize(
    ("thin", "state"), [((), Alarm.OFF), (("okx",), Alarm.OFF), (("okx", "binance"), Alarm.ON)]
)
def test_most_venues_have_to_be_thin(thin, state):
    venues = ("okx", "binance", "coinbaseexchange")
    market = books({venue: [*TWO_DAYS, 4.0 if venue in thin else 10.0] for venue in venues})
    changes = judged(market, timedelta(days=2, minutes=16))
    assert changes[-1][0] == state


def test_a_venue_that_fell_silent_is_not_counted_and_two_large_ones_do_not_outweigh_a_small_one():
    market = books({"okx": [*TWO_DAYS, *[4.0] * 20], "binance": [*TWO_DAYS, *[900.0] * 3]})
    assert judged(market, LATER) == [OFF, ON, SILENT]


def test_a_week_is_enough_to_remember_and_older_books_do_not_count():
    # Ten days of 10, eight of 4: after some days, 4 is what is usual.
    market = books({"okx": [*[10.0] * 960, *[4.0] * 768]})
    assert judged(market, timedelta(days=18)) == [OFF, ON, OFF]


values = st.lists(st.sampled_from([2.0, 4.0, 5.5, 7.0, 10.0]), min_size=1, max_size=60)


@given(
    st.dictionaries(st.sampled_from(["okx", "binance", "bybit"]), values), st.lists(st.integers(0, 80 * 15))
)
@settings(max_examples=40, deadline=None)
def test_one_look_at_a_time_gives_the_same_as_all_at_once(after, minutes):
    market = books({venue: [*TWO_DAYS, *more] for venue, more in after.items()})
    ends = [timedelta(days=2, minutes=minute) for minute in sorted(minutes)]
    assert judged(market, *ends, LATER) == judged(market, LATER)


def test_what_is_needed_of_the_past_is_a_week():
    market = books({"okx": [*[10.0] * 960, *[4.0] * 10]})
    at = timedelta(days=10)
    standing = ThinBook().judge(Standing(), market, NOBODY, to_ms(START + at)).standing
    trimmed = market.since(to_ms(START + at) - 8 * DAY_MS)
    for end in (timedelta(days=10, hours=1), LATER):
        until_ms = to_ms(START + end)
        assert ThinBook().judge(standing, trimmed, NOBODY, until_ms) == ThinBook().judge(
            standing, market, NOBODY, until_ms
        )


def a_look(venue: str, at: timedelta, **numbers: float) -> list[Gauge]:
    named = {Series(venue, "BTC", Measure[name.upper()]): value for name, value in numbers.items()}
    return [Gauge(series, START + at, value, START + at) for series, value in named.items()]


def test_the_reading_shows_each_venue_and_what_was_not_seen():
    market = books({"binance": [*TWO_DAYS, 4.0]}).add(
        [
            *a_look(
                "binance",
                timedelta(days=2, minutes=15),
                depth_covered_pct=3.0,
                depth_seen_usd=9e6,
                depth_2pct_usd=9e6,
            ),
            *a_look("bybit", timedelta(days=2), depth_covered_pct=0.4, depth_seen_usd=2.5e6),
            *a_look("okx", timedelta(days=1), depth_covered_pct=0.7, depth_seen_usd=1e6),
        ]
    )
    reading = read_depth(market, START + timedelta(days=2, minutes=30))
    found = {venue.venue: venue for venue in reading.venues}
    assert reading.quality is Quality.OK
    assert (found["binance"].within_1pct_usd, found["binance"].within_2pct_usd) == (4e6, 9e6)
    assert found["binance"].ratio == pytest.approx(0.4)
    assert (found["bybit"].within_1pct_usd, found["bybit"].ratio, found["bybit"].is_stale) == (
        None,
        None,
        False,
    )
    assert found["okx"].is_stale
    assert reading.interest_over_depth is None


def test_open_interest_is_held_against_the_depth_of_those_that_are_known():
    market = books({"binance": [10.0]}).add(
        [
            *a_look(
                "binance", timedelta(0), depth_covered_pct=3.0, depth_seen_usd=2e7, open_interest_usd=8e9
            ),
            *a_look("okx", timedelta(0), open_interest_usd=3e9),
            *a_look("bybit", timedelta(hours=-3), open_interest_usd=5e9),
        ]
    )
    reading = read_depth(market, START + timedelta(minutes=10))
    assert reading.interest_over_depth == pytest.approx(1100)
    assert reading.interest_venues == ("binance", "okx")
    assert reading.depth_venues == ("binance",)


def test_without_any_book_nothing_is_claimed():
    reading = read_depth(Market(), START)
    assert (reading.quality, reading.venues, reading.interest_over_depth) == (Quality.MISSING, (), None)
