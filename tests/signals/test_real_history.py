"""The three conditions over the recorded weeks of October and November 2025."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from signals.conditions import Change
from signals.eth_btc import eth_btc_samples
from signals.market import BINANCE_BTC, COINBASE_BTC
from signals.moments import from_ms, iso, to_ms
from signals.premium import premium_samples, read_premium
from signals.replay import left_out, replay
from tests.history import needs_history, november_2025
from tests.signals.plain_rules import etf_changes, eth_btc_changes, premium_changes

pytestmark = needs_history

SINCE, UNTIL = datetime(2025, 9, 15, tzinfo=UTC), datetime(2025, 11, 15, tzinfo=UTC)


def changes(subject: str, since: datetime = SINCE) -> list[Change]:
    return [change for change in replay(november_2025(), since, UNTIL).changes if change.id == subject]


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
