"""Snapshots: what was known of a moment, and nothing later but the flow of its day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from signals.conditions import Verdict
from signals.engine import CONDITIONS
from signals.facts import EtfFlow
from signals.market import Market
from signals.moments import to_ms
from signals.session_report import SessionRules
from signals.snapshot import read_snapshot, standings_at
from signals.verdict import VERDICT
from tests.bot.recorded import needs_recorded_weeks, recorded_market
from tests.signals.markets import premium_of, session_minutes

RULES = SessionRules()
WEDNESDAY = date(2025, 11, 26)
EVENING = datetime(2025, 11, 26, 23, tzinfo=UTC)


def flow(session: date, total_usd: float, final: datetime | None) -> EtfFlow:
    return EtfFlow("BTC", session, "sosovalue", total_usd, final or EVENING, final)


def test_the_mean_of_a_session_counts_only_where_enough_of_it_was_seen():
    minutes = session_minutes(WEDNESDAY)
    seen = read_snapshot(premium_of([(minute, 0.0004) for minute in minutes]), EVENING, RULES)
    assert seen.premium is not None
    assert seen.premium.day == WEDNESDAY
    assert seen.premium.mean_pct == pytest.approx(0.04)
    half = minutes[: len(minutes) // 2]
    assert read_snapshot(premium_of([(minute, 0.0004) for minute in half]), EVENING, RULES).premium is None


def test_the_flow_of_a_day_is_the_one_that_became_final_after_it():
    morning_after = EVENING + timedelta(hours=14)
    market = Market().add(
        [
            flow(WEDNESDAY - timedelta(days=1), 5e6, EVENING - timedelta(hours=9)),
            flow(WEDNESDAY, -3e6, morning_after),
            flow(WEDNESDAY + timedelta(days=2), 9e6, morning_after + timedelta(days=2)),
        ]
    )
    assert read_snapshot(market, EVENING, RULES).flows["BTC"].total_usd == 5e6
    assert read_snapshot(market, EVENING, RULES, flows_by=morning_after).flows["BTC"].total_usd == -3e6
    later = morning_after + timedelta(days=9)
    assert read_snapshot(market, EVENING, RULES, flows_by=later).flows["BTC"].total_usd == -3e6


def test_a_flow_that_is_not_final_is_not_laid_beside_others():
    market = Market().add([flow(WEDNESDAY, -3e6, None)])
    assert read_snapshot(market, EVENING, RULES).flows == {}


def test_of_nothing_nothing_is_known():
    found = read_snapshot(Market(), EVENING, RULES)
    assert found.is_empty
    assert (found.eth_btc, found.premium, found.funding, found.liquidated) == (None, None, None, None)


@needs_recorded_weeks
@pytest.mark.parametrize("day", [5, 11, 18, 31])
def test_nothing_later_changes_what_was_known_and_where_things_stood(day: int):
    at = datetime(2025, 10, day, tzinfo=UTC)
    whole = recorded_market()
    blind = whole.known_by(to_ms(at))
    assert read_snapshot(whole, at, RULES) == read_snapshot(blind, at, RULES)
    assert standings_at(whole, at, CONDITIONS) == standings_at(blind, at, CONDITIONS)


@needs_recorded_weeks
def test_the_days_before_a_moment_are_enough_to_say_where_things_stood():
    for day, verdict in ((5, Verdict.BROKEN), (11, Verdict.FRAGILE), (31, Verdict.FRAGILE)):
        at = datetime(2025, 10, day, tzinfo=UTC)
        of_twenty_days = recorded_market().since(to_ms(at - timedelta(days=20)))
        assert standings_at(of_twenty_days, at, CONDITIONS)[VERDICT].state == verdict
