"""Properties of the engine: how time is cut does not matter, and nothing is used before it was known."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals.conditions import Change
from signals.engine import CONDITIONS, WARNINGS, Standings, first_standings, judge
from signals.eth_btc import eth_btc_samples
from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.moments import DAY_MS
from signals.pairs import prices_of
from signals.premium import premium_samples
from signals.verdict import decide
from tests.signals.markets import START_MS, markets, moments

slow = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow]
)

UNTIL_MS = START_MS + 14 * DAY_MS
pytestmark = pytest.mark.timeout(600)
"""A time limit met amid an example looks like its failure, and minutes are spent on making it smaller."""
A_STRETCH = min(settings.default.max_examples if settings.default else 100, 300)
"""So many samples, each of which has the whole market judged; by night more."""


def judge_at(
    market: Market, ends: list[int], standings: Standings | None = None
) -> tuple[list[Change], Standings]:
    standings = standings or first_standings()
    changes: list[Change] = []
    for until_ms in ends:
        outcome = judge(standings, market, until_ms)
        standings = outcome.standings
        changes += outcome.changes
    return changes, standings


@slow
@given(markets(), moments())
def test_chunks_of_any_size_give_the_same_changes_as_all_at_once(market, ends):
    pieces, whole = judge_at(market, ends), judge_at(market, [UNTIL_MS])
    assert pieces == whole


@slow
@given(markets(), st.lists(st.integers(START_MS, UNTIL_MS), max_size=20))
def test_a_clock_that_is_set_back_changes_nothing_that_was_judged(market, ends):
    to_and_fro, whole = judge_at(market, [*ends, UNTIL_MS]), judge_at(market, [UNTIL_MS])
    assert to_and_fro == whole


@settings(slow, max_examples=4)
@given(markets(), st.floats(0, 1))
def test_one_sample_at_a_time_gives_the_same_changes_as_all_at_once(market, where):
    """A stretch of samples somewhere, one by one: days of bars, or hours of live quotes."""
    streams = (premium_samples(market), eth_btc_samples(market), prices_of(market, BINANCE_BTC))
    known = sorted({int(ms) for stream in streams for ms in stream.known_ms})
    begin = int(where * max(len(known) - A_STRETCH, 0))
    samples = judge_at(market, [*known[begin : begin + A_STRETCH], UNTIL_MS])
    assert samples == judge_at(market, [UNTIL_MS])


@slow
@given(markets(), moments())
def test_no_fact_is_used_before_it_was_known(market, ends):
    standings = first_standings()
    for until_ms in ends:
        blind = judge(standings, market.known_by(until_ms), until_ms)
        assert blind == judge(standings, market, until_ms)
        standings = blind.standings


@slow
@given(markets())
def test_changes_are_in_order_and_each_begins_where_the_last_one_ended(market):
    changes, standings = judge_at(market, [UNTIL_MS])
    assert [c.at_ms for c in changes] == sorted(c.at_ms for c in changes)
    states = {name: standing.state for name, standing in first_standings().items()}
    for change in changes:
        # A shock that deepens, or that another one follows, stays open; a warning that gets worse stays on.
        goes_on = change.reason in {"deeper", "aftershock", "closed_below", "more"}
        # Some get worse for the very reason for which they came on.
        if change.id not in {"adl", "exploit", "repo", "funding"}:
            assert (change.from_state != change.to_state) is not goes_on
        assert change.from_state == states[change.id]
        states[change.id] = change.to_state
        verdict, _ = decide({c.id: states[c.id] for c in CONDITIONS})
        # The verdict's own change follows the conditions' of the same moment, and the warnings' come last.
        if change.id == "verdict":
            assert verdict == change.to_state
    assert states == {name: standing.state for name, standing in standings.items()}


@slow
@given(markets(), st.integers(0, 14 * DAY_MS))
def test_looking_back_over_the_window_is_enough(market, after):
    """What the live bot does: judge from where it stands, with no more than three weeks of market."""
    _, standings = judge_at(market, [START_MS + after])
    trimmed = market.since(START_MS + after - 20 * DAY_MS)
    assert judge(standings, trimmed, UNTIL_MS) == judge(standings, market, UNTIL_MS)


def test_without_any_fact_nothing_is_said():
    outcome = judge(first_standings(), Market(), UNTIL_MS)
    assert outcome.changes == ()
    assert {name: s.state for name, s in outcome.standings.items()} == {
        "premium": "no_data",
        "etf_flow": "no_data",
        "eth_btc": "no_data",
        "verdict": "unknown",
        "shock": "calm",
        **dict.fromkeys((warning.id for warning in WARNINGS), "no_data"),
    }


@pytest.mark.parametrize(
    ("states", "verdict", "reason"),
    [
        ("met met met", "broken", "all_met"),
        ("met met holding", "fragile", "conditions_unmet"),
        ("unmet unmet unmet", "fragile", "conditions_unmet"),
        ("met met no_data", "unknown", "no_data"),
        ("no_data unmet met", "unknown", "no_data"),
    ],
)
def test_the_verdict_of_three_states(states, verdict, reason):
    names = ("premium", "etf_flow", "eth_btc")
    assert decide(dict(zip(names, states.split(), strict=True))) == (verdict, reason)
