from datetime import UTC, date, datetime, timedelta

import pytest

from signals.conditions import Standing, State
from signals.facts import BINANCE_BTC, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT, Quote
from signals.market import Market
from signals.moments import from_ms, to_ms
from signals.premium import Premium, premium_samples, read_premium
from signals.readings import Quality
from signals.session_report import Label, SessionRules, judge_session
from tests.signals.markets import START, bars, joined, premium_of, session_minutes

MONDAY, TUESDAY = date(2025, 11, 24), date(2025, 11, 25)
HALF_DAY = date(2025, 11, 28)
UP, DOWN = 0.001, -0.001


def day_of(values, day=MONDAY):
    minutes = session_minutes(day)
    return list(zip(minutes, [*values, *[values[-1]] * (len(minutes) - len(values))], strict=True))


def turns(market, until=START + timedelta(days=10)):
    changes, _ = Premium().judge(Standing(), market, to_ms(until))
    return [(from_ms(change.at_ms), change.to_state, change.reason) for change in changes]


def quote(instrument, at, mid):
    return Quote(instrument, at, mid - 0.5, mid + 0.5, at)


@pytest.mark.parametrize(
    ("above", "mean", "coverage", "label"),
    [
        (0.90, 0.01, 1.0, Label.POSITIVE),
        (0.89, 0.01, 1.0, Label.MIXED),
        (0.95, -0.01, 1.0, Label.MIXED),
        (0.95, 0.0, 1.0, Label.MIXED),
        (0.10, -0.01, 1.0, Label.NEGATIVE),
        (0.11, -0.01, 1.0, Label.MIXED),
        (0.05, 0.01, 1.0, Label.MIXED),
        (1.0, 0.01, 0.9, Label.POSITIVE),
        (1.0, 0.01, 0.899, Label.UNKNOWN),
        (0.0, 0.0, 0.0, Label.UNKNOWN),
    ],
)
def test_a_session_is_judged_by_its_share_above_zero_its_mean_and_its_coverage(above, mean, coverage, label):
    assert judge_session(above, round(1 - above, 9), mean, coverage, SessionRules()) == label


def test_a_positive_session_meets_the_condition_at_its_close():
    [turn] = turns(premium_of(day_of([UP])), START + timedelta(days=1))
    assert turn == (datetime(2025, 11, 24, 21, tzinfo=UTC), "met", "session_positive")


def test_a_half_day_ends_at_one_in_new_york():
    [turn] = turns(premium_of(day_of([DOWN], HALF_DAY)), START + timedelta(days=5))
    assert turn[0] == datetime(2025, 11, 28, 18, tzinfo=UTC)


def test_what_happens_on_a_holiday_does_not_count():
    thanksgiving = [(minute + 3 * 24 * 60, UP) for minute in session_minutes(MONDAY)]
    assert turns(premium_of(thanksgiving), START + timedelta(days=4)) == []


def test_it_holds_while_every_sample_since_the_open_is_positive():
    tuesday = day_of([UP, UP, DOWN, UP], TUESDAY)
    found = turns(premium_of([*day_of([DOWN]), *tuesday]), START + timedelta(days=2))
    assert [(at.strftime("%d %H:%M"), state, reason) for at, state, reason in found] == [
        ("24 21:00", "unmet", "session_negative"),
        ("25 14:45", "holding", "samples_positive"),
        ("25 15:15", "unmet", "sample_not_positive"),
        ("25 21:00", "met", "session_positive"),
    ]


def test_a_zero_is_not_positive():
    found = turns(premium_of([*day_of([DOWN]), *day_of([0.0, DOWN], TUESDAY)]), START + timedelta(days=2))
    assert [state for _, state, _ in found] == ["unmet"]


def test_a_mixed_session_changes_nothing():
    mixed = day_of([UP, DOWN] * 13, TUESDAY)
    found = turns(premium_of([*day_of([UP]), *mixed]), START + timedelta(days=2))
    assert [state for _, state, _ in found] == ["met"]


def test_a_session_with_too_few_samples_changes_nothing():
    gappy = day_of([DOWN], TUESDAY)[:22]
    found = turns(premium_of([*day_of([UP]), *gappy]), START + timedelta(days=2))
    assert [state for _, state, _ in found] == ["met"]


def test_a_session_without_its_closing_sample_is_judged_five_minutes_later():
    [turn] = turns(premium_of(day_of([UP])[:-1]), START + timedelta(days=1))
    assert turn[0] == datetime(2025, 11, 24, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize("looks", [1, 3])
def test_a_session_is_judged_though_its_closing_bar_comes_after_a_look(looks):
    *before, last = day_of([UP])
    close = START + timedelta(minutes=last[0])
    standing = Standing()
    for look in range(looks):
        at_ms = to_ms(close + timedelta(seconds=look))
        changes, standing = Premium().judge(standing, premium_of(before), at_ms)
        assert changes == ()
    [change], standing = Premium().judge(
        standing, premium_of([*before, last]), to_ms(close + timedelta(seconds=5))
    )
    assert (change.to_state, change.evidence["samples"]) == ("met", 26)
    assert Premium().judge(standing, premium_of([*before, last]), to_ms(close + timedelta(hours=1)))[0] == ()


def test_a_session_that_was_judged_without_its_closing_bar_is_not_judged_again():
    *before, last = day_of([UP])
    late = START + timedelta(minutes=last[0], seconds=301)
    [change], standing = Premium().judge(Standing(), premium_of(before), to_ms(late))
    assert change.evidence["samples"] == 25
    again, _ = Premium().judge(standing, premium_of([*before, last]), to_ms(late + timedelta(hours=1)))
    assert again == ()


def test_a_day_of_silence_means_no_data():
    found = turns(premium_of(day_of([UP])), START + timedelta(days=3))
    assert found[-1] == (datetime(2025, 11, 25, 21, tzinfo=UTC), "no_data", "stale")


def test_after_silence_the_next_session_decides_anew():
    wednesday = date(2025, 11, 26)
    mixed = [*day_of([UP]), *day_of([UP, DOWN] * 13, wednesday)]
    assert turns(premium_of(mixed), START + timedelta(days=3))[-1][1] == State.NO_DATA
    positive = [*day_of([UP]), *day_of([UP], wednesday)]
    assert turns(premium_of(positive), START + timedelta(days=3))[-1][1:] == ("met", "session_positive")


def test_the_usdt_price_is_taken_out_where_it_is_known():
    minutes = session_minutes(MONDAY)
    quarter = timedelta(minutes=15)
    market = joined(
        premium_of([(minute, -0.0005) for minute in minutes]),
        bars(COINBASE_USDT, quarter, [(minute, 0.999) for minute in minutes[:13]]),
        bars(KRAKEN_USDT, quarter, [(minute, 0.998) for minute in minutes[:13]]),
    )
    samples = premium_samples(market)
    assert samples.adjusted.tolist() == [True] * 14 + [False] * 12  # a price is good for one more step
    assert samples.value[0] == pytest.approx(0.9995 / 0.9985 - 1)
    assert samples.value[-1] == samples.raw[-1] == pytest.approx(-0.0005)


def test_live_quotes_give_one_sample_a_minute_of_the_newest_quotes_of_one_moment():
    at = START + timedelta(hours=15)
    market = Market().add(
        fact
        for second, premium in ((5, 1), (35, 2), (55, 3))
        for fact in (
            quote(COINBASE_BTC, at + timedelta(seconds=second), 100_000 + premium),
            # The last one comes three seconds apart: not of the same moment.
            quote(BINANCE_BTC, at + timedelta(seconds=second + (3 if second == 55 else 1)), 100_000),
        )
    )
    samples = premium_samples(market)
    assert [from_ms(ms) for ms in samples.at_ms.tolist()] == [at + timedelta(minutes=1)]
    assert samples.value[0] == pytest.approx(2e-5)


def test_a_sample_is_counted_once_where_live_quotes_and_candles_overlap():
    minutes = session_minutes(MONDAY, 5)
    at = [START + timedelta(minutes=minute) for minute in range(minutes[0] - 5, minutes[0] + 60)]
    live = Market().add(
        quote(instrument, moment, 100_000) for moment in at for instrument in (COINBASE_BTC, BINANCE_BTC)
    )
    samples = premium_samples(joined(live, premium_of([(minute, 0.0) for minute in minutes], 5)))
    assert samples.step_ms.sum() == 6.5 * 60 * 60 * 1000 + 60_000  # the session, and the minute before it


def test_the_reading_says_what_is_missing():
    reading = read_premium(Market(), START)
    assert reading.quality is Quality.MISSING
    assert [source.age for source in reading.sources] == [None] * 4


def test_the_reading_is_stale_when_the_prices_are():
    market = premium_of(day_of([UP]))
    close = START + timedelta(hours=21)
    assert read_premium(market, close).quality is Quality.OK
    assert read_premium(market, close + timedelta(minutes=31)).quality is Quality.STALE


def test_the_reading_shows_the_session_so_far():
    reading = read_premium(premium_of(day_of([DOWN, DOWN, UP, UP])), START + timedelta(hours=15, minutes=30))
    assert (reading.in_session, reading.session_share_positive, reading.session_coverage) == (True, 0.5, 1.0)
    assert reading.gap_usd == pytest.approx(100)
    assert reading.raw_pct == pytest.approx(0.1)
