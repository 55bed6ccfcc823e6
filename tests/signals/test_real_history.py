"""The three conditions over the recorded weeks of October and November 2025."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from signals.conditions import Change
from signals.episode import Episode
from signals.eth_btc import eth_btc_samples
from signals.facts import BINANCE_BTC, COINBASE_BTC
from signals.left_out import left_out
from signals.levels import Band, Levels
from signals.market import Track
from signals.moments import from_ms, iso, length_ms, to_ms
from signals.premium import premium_samples, read_premium
from signals.replay import replay
from signals.shock_levels import levels_from_shock
from tests.history import needs_history, november_2025
from tests.signals.plain_rules import etf_changes, eth_btc_changes, premium_changes, shocks

pytestmark = needs_history

QUARTER = timedelta(minutes=15)
SINCE, UNTIL = datetime(2025, 9, 15, tzinfo=UTC), datetime(2025, 11, 15, tzinfo=UTC)


@cache
def replayed(since: datetime) -> Sequence[Change]:
    return replay(november_2025(), since, UNTIL).changes


def changes(subject: str, since: datetime = SINCE) -> list[Change]:
    return [change for change in replayed(since) if change.id == subject]


def turns(subject: str) -> list[tuple[datetime, str, str]]:
    return [(from_ms(change.at_ms), change.from_state, change.to_state) for change in changes(subject)]


def test_the_premium_turns_as_a_plain_loop_over_its_samples_says():
    samples = premium_samples(november_2025())
    rows = [(from_ms(at), float(v)) for at, v in zip(samples.at_ms, samples.value, strict=True)]
    assert turns("premium") == list(premium_changes(rows, timedelta(minutes=15)))


def test_the_etf_flows_turn_as_a_plain_loop_over_the_sessions_says():
    flows = [(flow.session, flow.total_usd) for flow in november_2025().flows["BTC"]]
    assert turns("etf_flow") == list(etf_changes(flows))


def test_eth_btc_turns_as_a_plain_loop_over_its_samples_says():
    samples = eth_btc_samples(november_2025())
    rows = [(from_ms(at), float(v)) for at, v in zip(samples.at_ms, samples.ratio, strict=True)]
    assert turns("eth_btc") == list(eth_btc_changes(rows))


def test_the_verdict_broke_twice_and_was_revoked_by_the_crash_and_by_outflows():
    assert [
        (iso(c.at_ms), c.to_state, c.reason) for c in changes("verdict", datetime(2025, 10, 1, tzinfo=UTC))
    ] == [
        ("2025-10-02T17:30:00Z", "broken", "all_met"),
        ("2025-10-10T15:00:00Z", "fragile", "condition_lost"),
        ("2025-10-25T13:30:00Z", "broken", "all_met"),
        ("2025-10-30T13:30:00Z", "fragile", "condition_lost"),
    ]


SHOCKS = [
    ("2025-10-10T21:30:00Z", "deleveraging", 102_000.00),
    ("2025-10-17T09:15:00Z", "aftershock", 104_505.00),
    ("2025-10-21T22:45:00Z", "aftershock", 108_271.68),
    ("2025-10-30T13:30:00Z", "aftershock", 107_925.06),
    ("2025-11-03T16:15:00Z", "aftershock", 105_306.56),
    ("2025-11-04T17:15:00Z", "deeper", 101_250.00),
    ("2025-11-13T19:00:00Z", "deeper", 98_147.40),
    ("2025-11-14T00:30:00Z", "aftershock", 98_000.40),
    ("2025-11-14T12:45:00Z", "deeper", 94_560.48),
]
"""When, why, and the low by then. README says of each what happened on that day."""


def test_the_crash_of_october_and_its_aftershocks_are_found():
    assert [(iso(c.at_ms), c.reason, c.evidence["low_usd"]) for c in changes("shock")] == SHOCKS


def test_a_plain_loop_over_the_bars_finds_the_same_shocks():
    columns = november_2025().bars[Track(BINANCE_BTC, QUARTER)].columns()
    bars = list(zip(*(column.tolist() for column in columns), strict=True))
    found = [(iso(at_ms), reason) for at_ms, reason in shocks(bars, length_ms(QUARTER))]
    assert found == [(at, reason) for at, reason, _ in SHOCKS if reason != "deeper"]


def test_the_shock_of_the_articles_day_as_the_desk_saw_it():
    [shock] = [c for c in changes("shock") if iso(c.at_ms) == "2025-11-03T16:15:00Z"]
    told = shock.evidence
    assert (told["btc_usd"], told["reference_at"], told["fall_pct"]) == (
        110_750.0,
        "2025-11-03T00:15:00Z",
        4.92,
    )
    # The article of that evening has ETH down 9 % to 3,596.
    assert (told["eth_usd"], told["low_eth_usd"], told["eth_fall_pct"], told["beta"]) == (
        3_913.74,
        3_564.13,
        8.93,
        1.82,
    )
    assert told["known"] == ["price", "volume"]


def test_the_levels_of_that_day_are_the_articles():
    [shock] = [c for c in changes("shock") if iso(c.at_ms) == "2025-11-03T16:15:00Z"]
    episode = Episode.of(shock.evidence)
    assert episode is not None
    assert levels_from_shock(episode) == Levels(
        Band(105_000.0, 107_000.0), 103_000.0, Band(109_000.0, 111_000.0)
    )


def test_the_one_outage_of_those_weeks_is_told():
    assert [(iso(c.at_ms), c.to_state, c.reason) for c in changes("blind") if c.from_state != "no_data"] == [
        ("2025-10-25T15:25:00Z", "on", "silent"),
        ("2025-10-25T21:05:00Z", "off", "back"),
    ]


def test_samples_are_built_from_five_minute_bars_only_where_all_three_are_there():
    samples = set(premium_samples(november_2025()).at_ms.tolist())
    missing = [minute for minute in range(14 * 60, 22 * 60, 15) if to_ms(_at(minute)) not in samples]
    # Coinbase's bars that open at 14:55 and from 15:15 to 20:55 are missing that day.
    assert missing == [15 * 60, *range(15 * 60 + 30, 21 * 60 + 1, 15)]


def _at(minute: int) -> datetime:
    return datetime(2025, 10, 25, tzinfo=UTC) + timedelta(minutes=minute)


def test_without_a_usdt_price_the_raw_premium_is_used_and_said_to_be():
    market = november_2025()
    assert "USDT/USD" in set(left_out(market))
    assert not premium_samples(market).adjusted.any()
    assert all(
        change.evidence["adjusted_share"] == 0
        for change in changes("premium")
        if "samples" in change.evidence
    )


def test_the_reading_of_the_third_of_november_says_what_the_desk_saw():
    reading = read_premium(november_2025(), datetime(2025, 11, 3, 21, 0, tzinfo=UTC))
    assert reading.session is not None
    assert reading.session.day == date(2025, 11, 3)
    assert reading.negative_streak == 3
    assert reading.adjusted_pct is None
    assert reading.raw_pct == pytest.approx(100 * (_close(COINBASE_BTC, 5) / _close(BINANCE_BTC, 15) - 1))


def _close(instrument: object, minutes: int) -> float:
    prices = next(
        p for t, p in november_2025().prices.items() if t == (instrument, timedelta(minutes=minutes))
    )
    at_ms = to_ms(datetime(2025, 11, 3, 21, 0, tzinfo=UTC))
    return float(prices.price[np.searchsorted(prices.at_ms, at_ms)])
