"""The preview: where a rule would have fired, by facts known by then, and how it goes on from there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.moments import DAY_MS, MINUTE_MS, from_ms
from signals.own.backtest import would_have_fired
from signals.own.engine import RuleEngine
from signals.own.grammar import parse
from signals.own.live import in_order, memory, past_of, run, ticks
from signals.own.readings import values_of
from signals.own.rule import Ref, Rule
from signals.own.state import Firing, Phase
from tests.history import needs_history, november_2025
from tests.signals.markets import START, START_MS, bars, markets

slow = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow]
)
DAYS = 13
NOW_MS = START_MS + DAYS * DAY_MS
TEXTS = [
    "btc < 99500 repeat",
    "btc > 100500",
    "btc new low 1d repeat",
    "btc 1h < -0.3% repeat",
    "premium > 0 for 2h repeat",
    "premium > 0 and eth/btc < 0.035 repeat",
    "eth/btc new high 6h repeat",
    "etf btc < 0 repeat",
    "liquidations > 100m and funding > 0",
    "oi 1h > 1% repeat hysteresis 0.2%",
]


def prices(values: Sequence[tuple[int, float]]) -> Market:
    return bars(BINANCE_BTC, timedelta(minutes=5), values)


def rule_of(text: str) -> Rule:
    return parse(text, START)


def plainly(rule: Rule, market: Market, now_ms: int, days: int) -> list[Firing]:
    """Every value told, none passed over."""
    since_ms = now_ms - days * DAY_MS
    engine = RuleEngine()
    engine.add(1, rule, past=past_of(rule, market, since_ms))
    return run(engine, in_order({r: values_of(r, market, since_ms, now_ms) for r in rule.refs}), now_ms)


@slow
@given(markets(), st.sampled_from(TEXTS), st.integers(1, DAYS))
def test_values_that_turn_nothing_may_be_passed_over(market, text, days):
    rule = rule_of(f"{text} expires never")
    again = replace(rule, repeats=True)
    preview = would_have_fired(rule, market, from_ms(NOW_MS), days)
    assert list(preview.firings) == [firing.at_ms for firing in plainly(again, market, NOW_MS, days)]


@slow
@given(markets(), st.sampled_from(TEXTS), st.floats(0, 1))
def test_a_preview_knows_nothing_that_came_later(market, text, where):
    now_ms = START_MS + int(where * DAYS * DAY_MS)
    whole = would_have_fired(rule_of(text), market, from_ms(now_ms))
    blind = would_have_fired(rule_of(text), market.known_by(now_ms), from_ms(now_ms))
    assert (whole.firings, whole.is_true, whole.state) == (blind.firings, blind.is_true, blind.state)


@slow
@given(markets(), st.sampled_from(TEXTS), st.floats(0, 1), st.lists(st.floats(0, 1), max_size=5))
def test_what_runs_on_from_a_preview_fires_however_its_looks_are_cut(market, text, where, cuts):
    """As the bot does it: looks that overlap, restarts between them, and facts only as they are known."""
    begin_ms = START_MS + int(where * DAYS * DAY_MS)
    rule = rule_of(f"{text} expires never")
    state = would_have_fired(rule, market, from_ms(begin_ms)).state
    whole = RuleEngine()
    whole.add(1, rule, state, past_of(rule, market, begin_ms))
    expected = run(whole, ticks(rule.refs, market, begin_ms, NOW_MS), NOW_MS)
    found, last_ms = [], begin_ms
    for cut in [*sorted(cuts), 1.0]:
        until_ms = begin_ms + int(cut * (NOW_MS - begin_ms))
        engine = RuleEngine()
        engine.add(1, rule, state, past_of(rule, market, last_ms))
        known = market.known_by(until_ms)
        found += run(engine, ticks(rule.refs, known, last_ms - 10 * MINUTE_MS, until_ms), until_ms)
        state = engine.states_changed().get(1, state)
        last_ms = until_ms
    assert [firing.at_ms for firing in found] == [firing.at_ms for firing in expected]


def test_a_preview_says_where_it_would_have_fired_and_what_is_true_now():
    falls = [(minute, 101.0 if minute < 600 else 99.0) for minute in range(5, 1441, 5)]
    preview = would_have_fired(rule_of("btc < 100"), prices(falls), START + timedelta(days=1))
    assert preview.firings == (START_MS + 600 * MINUTE_MS,)
    assert preview.is_true
    assert preview.now == {Ref("price", "BTC"): 99.0}
    assert preview.state.phase is Phase.FIRED


def test_a_rule_that_just_left_its_threshold_is_armed_all_the_same():
    """99.9 is within the margin; who sets `btc < 100` at 100.1 wants to hear of 99.9."""
    values = [(5, 101.0), (10, 99.9), (15, 100.1)]
    preview = would_have_fired(rule_of("btc < 100"), prices(values), START + timedelta(minutes=16))
    assert (preview.is_true, preview.state.phase) == (False, Phase.ARMED)


def test_a_hold_that_has_begun_goes_on():
    values = [(minute, 99.0 if minute < 60 else 101.0) for minute in range(5, 121, 5)]
    preview = would_have_fired(rule_of("btc > 100 for 2h"), prices(values), START + timedelta(hours=2))
    assert preview.firings == ()
    assert (preview.state.phase, preview.state.since_ms) == (Phase.ARMED, START_MS + 60 * MINUTE_MS)


def test_what_is_not_known_is_said():
    preview = would_have_fired(rule_of("premium > 0"), Market(), START)
    assert (preview.firings, preview.is_true, preview.now) == ((), None, {})
    assert preview.coverage == {Ref("premium"): 0.0}
    assert preview.state.phase is Phase.NEW


def test_coverage_is_the_share_of_the_days_with_a_value():
    values = [(minute, 100.0) for minute in range(5, 721, 5)]
    preview = would_have_fired(rule_of("btc < 1"), prices(values), START + timedelta(days=1), days=1)
    # From the first close until the last one has stood for two bars.
    assert abs(preview.coverage[Ref("price", "BTC")] - 725 / 1440) < 1e-4


def test_a_rule_looks_back_as_far_as_its_windows_and_its_hold():
    assert memory(rule_of("btc new low 7d")) > timedelta(days=14)
    assert memory(rule_of("btc < 1 for 20d")) > timedelta(days=20)


@needs_history
def test_over_recorded_weeks_a_fall_is_found_where_a_plain_loop_finds_it():
    market = november_2025()
    now = from_ms(int(max(rows.at_ms[-1] for rows in market.prices.values())))
    preview = would_have_fired(rule_of("btc < 105000 expires never"), market, now, days=30)
    series = preview.series[Ref("price", "BTC")]
    expected, armed = [], None
    for at_ms, value in zip(series.known_ms.tolist(), series.value.tolist(), strict=True):
        if np.isnan(value):
            continue
        if value < 105_000:
            if armed:
                expected.append(at_ms)
            armed = False
        elif armed is None or value >= 105_000 * 1.005:
            armed = True
    assert expected
    assert list(preview.firings) == expected
