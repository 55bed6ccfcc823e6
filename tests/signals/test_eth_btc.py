from datetime import timedelta

import pytest

from signals.conditions import Standing, State
from signals.eth_btc import EthBtc, eth_btc_samples, fall_beta, read_eth_btc
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.market import Market
from signals.moments import HOUR_MS, from_ms, to_ms
from signals.readings import Quality
from tests.signals.markets import START, START_MS, bars, joined, ratio_of

HOUR = timedelta(hours=1)


def hourly(*runs):
    """ETH/BTC values, one an hour: runs of (hours, value)."""
    values = [value for hours, value in runs for _ in range(hours)]
    return ratio_of([(60 * (hour + 1), value) for hour, value in enumerate(values)])


def turns(market, until=None):
    samples = eth_btc_samples(market)
    end_ms = int(samples.known_ms[-1]) if until is None else to_ms(until)
    changes, _ = EthBtc().judge(Standing(), market, end_ms)
    return [((from_ms(c.at_ms) - START) / HOUR, c.to_state, c.reason) for c in changes]


def test_it_has_stopped_when_the_low_is_old_and_half_of_the_fall_is_regained():
    market = hourly((10, 0.040), (1, 0.030), (24, 0.031), (100, 0.0351))
    assert turns(market) == [
        (11, "unmet", "new_low"),
        (35, "holding", "low_aged"),
        (83, "met", "half_regained"),
    ]


@pytest.mark.parametrize(("value", "met"), [(0.03499, False), (0.035, True), (0.036, True)])
def test_exactly_half_is_enough(value, met):
    found = turns(hourly((10, 0.040), (1, 0.030), (100, value)))
    assert (found[-1][1] == State.MET) is met


def test_a_low_within_an_hour_is_seen_at_once_and_forgotten_by_the_window():
    market = joined(hourly((10, 0.040), (1, 0.030), (40, 0.031)), ratio_of([(60 * 45 + 15, 0.029)], 15))
    assert turns(market) == [
        (11, "unmet", "new_low"),
        (35, "holding", "low_aged"),
        (45.25, "unmet", "new_low"),
        # The window is made of full hours: the next one does not know of that quarter's price.
        (46, "holding", "low_aged"),
    ]


def test_the_window_forgets_what_is_older_than_two_weeks():
    fallen = hourly((10, 0.050), (1, 0.030), (400, 0.034))
    # Half of the fall from 0.05 is not regained, until that peak and then the low have left the window.
    assert turns(fallen)[-1] == (346, "met", "half_regained")


def test_a_market_that_only_rises_has_nothing_to_regain():
    assert turns(ratio_of([(60 * hour, 0.03 + hour * 1e-5) for hour in range(1, 100)])) == [
        (73, "met", "half_regained")
    ]


def test_hours_without_a_price_mean_no_data():
    assert turns(hourly((10, 0.040), (1, 0.030)), START + timedelta(hours=20))[-1] == (17, "no_data", "stale")


def test_after_silence_the_window_decides_anew():
    market = joined(hourly((10, 0.040), (1, 0.030)), ratio_of([(60 * hour, 0.031) for hour in range(30, 40)]))
    assert [state for _, state, _ in turns(market)] == ["unmet", "no_data"]
    lower = joined(market, ratio_of([(60 * 40, 0.029)]))
    assert turns(lower)[-1] == (40, "unmet", "new_low")


@pytest.mark.parametrize(("hours", "met"), [(6, True), (7, True), (8, False)])
def test_what_was_not_seen_may_have_been_lower(hours: int, *, met: bool):
    """Of the 72 hours for which a low has to be old a tenth may be missing."""
    begun, gone = hourly((10, 0.040), (1, 0.030), (19, 0.036)), 30 + hours
    market = joined(begun, ratio_of([(60 * hour, 0.036) for hour in range(gone, 84)]))
    assert (turns(market)[-1][1] == State.MET) is met
    # Once the gap has left those hours it does not count any more.
    longer = joined(begun, ratio_of([(60 * hour, 0.036) for hour in range(gone, 120)]))
    assert turns(longer)[-1][1] == State.MET


def test_a_low_that_was_filled_in_after_an_outage_still_counts():
    met = hourly((10, 0.040), (1, 0.030), (100, 0.036))
    until_ms = START_MS + 111 * HOUR_MS
    _, standing = EthBtc().judge(Standing(), met, until_ms)
    assert standing.state == State.MET
    filled = joined(met, hourly((10, 0.040), (1, 0.030), (100, 0.036), (3, 0.029), (2, 0.030)))
    # Nothing was seen of the three hours at 0.029 when they happened: they came with a later backfill.
    _, blind = EthBtc().judge(standing, met, until_ms + 4 * HOUR_MS)
    [change], _ = EthBtc().judge(blind, filled, until_ms + 5 * HOUR_MS)
    assert (change.to_state, change.reason) == (State.UNMET, "new_low")


def test_beta_is_what_eth_did_in_the_hours_in_which_btc_fell():
    btc, eth = [100.0], [10.0]
    for move in (-0.01, 0.02, -0.02, -0.005):
        btc.append(btc[-1] * (1 + move))
        eth.append(eth[-1] * (1 + (3 * move if move < 0 else move)))
    market = joined(
        bars(BINANCE_BTC, HOUR, [(60 * hour, price) for hour, price in enumerate(btc, 1)]),
        bars(BINANCE_ETH, HOUR, [(60 * hour, price) for hour, price in enumerate(eth, 1)]),
    )
    assert fall_beta(eth_btc_samples(market), START_MS + 5 * HOUR_MS, 336) == pytest.approx(3.0)


def test_there_is_no_beta_without_a_falling_btc():
    assert fall_beta(eth_btc_samples(hourly((5, 0.03))), START_MS + 5 * HOUR_MS, 336) is None


def test_the_reading_says_how_far_it_is_to_half():
    reading = read_eth_btc(hourly((10, 0.040), (1, 0.030), (10, 0.032)), START + timedelta(hours=21))
    assert (reading.low, reading.peak, reading.low_age) == (0.030, 0.040, timedelta(hours=10))
    assert reading.regained == pytest.approx(0.2)
    assert reading.target_ratio == pytest.approx(0.035)
    assert reading.window_coverage == pytest.approx(21 / 336)


def test_before_the_first_full_hour_there_is_a_ratio_but_no_swing():
    """So it is on a first start without history: the first minutes must neither be judged nor fail."""
    begun = ratio_of([(15, 0.031), (30, 0.030)], 15)
    reading = read_eth_btc(begun, START + timedelta(minutes=30))
    assert (reading.quality, reading.low) == (Quality.OK, None)
    assert reading.ratio == pytest.approx(0.030)
    assert turns(begun) == []


def test_the_reading_of_an_empty_market_is_missing():
    assert read_eth_btc(Market(), START).quality is Quality.MISSING
