"""The engine finds what plain re-evaluation finds, however rules are put together and time is cut."""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from signals.moments import from_ms
from signals.own.backtest import begin
from signals.own.engine import RuleEngine
from signals.own.rule import Op, Ref, Rule, Term
from signals.own.state import Firing, Phase, RuleState
from signals.own.values import Values
from tests.signals.own.plainly import PlainRule

MINUTE = 60_000
START = 1_760_000_040_000
BTC, PREMIUM, ETF = Ref("price", "BTC"), Ref("premium"), Ref("etf", "BTC")
VALUES = {
    BTC: [98_000.0, 99_400.0, 99_500.0, 99_600.0, 100_000.0, 100_000.5, 100_400.0, 100_500.0, 101_000.0],
    PREMIUM: [-0.05, -0.011, -0.01, -0.005, 0.0, 0.005, 0.01, 0.011, 0.05],
    ETF: [-300.0, -1.0, 0.0, 1.0, 300.0],
}
NOTHING = [None, math.nan, math.inf]
Told = tuple[Ref, int, float | None]


@st.composite
def told(draw: st.DrawFn) -> list[Told]:
    """Ticks of three readings, in order of time; sometimes several at one moment, sometimes an old one."""
    ticks: list[Told] = []
    at_ms = START
    refs = draw(st.sampled_from([[BTC], [PREMIUM], [BTC, PREMIUM], [BTC, BTC, PREMIUM, ETF]]))
    steps = draw(st.sampled_from([[0, 1, 2, 5, 10], [0, 1, 1, 1, 3, 7, 20, 60]]))
    blinks = draw(st.sampled_from([0, 1, 4]))
    for _ in range(draw(st.integers(1, 60))):
        at_ms += draw(st.sampled_from(steps)) * MINUTE
        ref = draw(st.sampled_from(refs))
        value = draw(st.sampled_from(VALUES[ref] * 3 + NOTHING * blinks))
        ticks.append((ref, at_ms, value))
    return ticks


@st.composite
def terms(draw: st.DrawFn) -> Term:
    ref = draw(st.sampled_from([BTC, BTC, PREMIUM, ETF]))
    op = draw(st.sampled_from([*Op][:4] * 2 + [*Op][4:]))
    if op.has_window:
        return Term(ref, op, window=timedelta(hours=draw(st.sampled_from([1, 2]))))
    return Term(ref, op, draw(st.sampled_from(VALUES[ref][1:-1])))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    expires = draw(st.sampled_from([None, None, None, START + 90 * MINUTE]))
    return Rule(
        terms=tuple(draw(st.lists(terms(), min_size=1, max_size=draw(st.sampled_from([1, 1, 2, 3]))))),
        hold=timedelta(minutes=draw(st.sampled_from([0, 0, 0, 2, 10, 45]))),
        repeats=draw(st.booleans()),
        hysteresis_pct=draw(st.sampled_from([None, None, 0.0, 0.01, 1.0])),
        expires_at=from_ms(expires) if expires else None,
    )


thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AFTER = 50 * 24 * 60 * MINUTE


def by_engine(engine: RuleEngine, ticks: list[Told]) -> list[Firing]:
    return [firing for tick in ticks for firing in engine.tick(*tick)]


def in_order(firings: list[Firing]) -> list[Firing]:
    return sorted(firings, key=lambda firing: (firing.at_ms, firing.rule_id))


def newer(ticks: list[Told]) -> list[Told]:
    """Without ticks that are not newer than the last one of their reading."""
    last: dict[Ref, int] = {}
    kept = []
    for ref, at_ms, value in ticks:
        if at_ms > last.get(ref, 0):
            last[ref] = at_ms
            kept.append((ref, at_ms, value))
    return kept


def past_of(ticks: list[Told]) -> dict[Ref, Values]:
    past = {}
    for ref in VALUES:
        rows = [
            (at, v if v is not None and math.isfinite(v) else math.nan)
            for r, at, v in newer(ticks)
            if r == ref
        ]
        at = np.array([at for at, _ in rows], np.int64)
        past[ref] = Values(at, at, np.array([v for _, v in rows], np.float64))
    return past


@thorough
@given(st.lists(rules(), min_size=1, max_size=8), told())
def test_the_engine_finds_what_working_everything_out_anew_finds(every, ticks):
    engine = RuleEngine()
    plain = [PlainRule(number, rule) for number, rule in enumerate(every)]
    for number, rule in enumerate(every):
        engine.add(number, rule)
    found = by_engine(engine, ticks)
    end_ms = ticks[-1][1] + AFTER
    found += engine.advance(end_ms)
    for ref, at_ms, value in newer(ticks):
        for rule in plain:
            rule.pass_time(at_ms - 1)
            rule.tick(ref, at_ms, value)
    for rule in plain:
        rule.pass_time(end_ms)
    event(f"fired {min(len(found), 5)}")
    assert in_order(found) == in_order([firing for rule in plain for firing in rule.firings])
    states = engine.states_changed()
    assert [states.get(rule.rule_id, RuleState()).phase for rule in plain] == [rule.phase for rule in plain]


@thorough
@given(st.lists(rules(), min_size=1, max_size=8), told())
def test_rules_know_nothing_of_each_other(every, ticks):
    together = RuleEngine()
    for number, rule in enumerate(every):
        together.add(number, rule)
    end_ms = ticks[-1][1] + AFTER
    alone = []
    for number, rule in enumerate(every):
        engine = RuleEngine()
        engine.add(number, rule)
        alone += by_engine(engine, ticks) + engine.advance(end_ms)
    assert in_order(by_engine(together, ticks) + together.advance(end_ms)) == in_order(alone)


@thorough
@given(st.lists(rules(), min_size=1, max_size=8), told(), st.lists(st.integers(0, 60), max_size=4))
def test_a_restart_goes_on_where_it_was(every, ticks, cuts):
    whole, engine = RuleEngine(), RuleEngine()
    for number, rule in enumerate(every):
        whole.add(number, rule)
        engine.add(number, rule)
    kept = dict.fromkeys(range(len(every)), RuleState())
    found = []
    for place, tick in enumerate(ticks):
        if place in cuts:
            kept |= engine.states_changed()
            kept = {number: RuleState.of(state.as_json()) for number, state in kept.items()}
            engine = RuleEngine()
            for number, rule in enumerate(every):
                engine.add(number, rule, kept[number], past_of(ticks[:place]))
        found += engine.tick(*tick)
    end_ms = ticks[-1][1] + AFTER
    found += engine.advance(end_ms)
    assert in_order(found) == in_order(by_engine(whole, ticks) + whole.advance(end_ms))


@thorough
@given(st.lists(rules(), min_size=2, max_size=6), told(), st.integers(0, 60))
def test_a_rule_that_comes_later_goes_on_as_if_it_had_been_there(every, ticks, place):
    """It is set as people set it: where it stands is worked out from the past."""
    first, *others = (replace(rule, repeats=True, expires_at=None) for rule in every)
    engine, alone = RuleEngine(), RuleEngine()
    for number, rule in enumerate(others, start=1):
        engine.add(number, rule)
    by_engine(engine, ticks[:place])
    trial = RuleEngine()
    trial.add(0, first)
    by_engine(trial, ticks[:place])
    state = begin(trial.state_of(0), is_true=trial.is_true(0))
    engine.add(0, first, state, past_of(ticks[:place]))
    alone.add(0, first, state, past_of(ticks[:place]))
    end_ms = ticks[-1][1] + AFTER
    together = by_engine(engine, ticks[place:]) + engine.advance(end_ms)
    mine = in_order([firing for firing in together if firing.rule_id == 0])
    assert mine == in_order(by_engine(alone, ticks[place:]) + alone.advance(end_ms))


@thorough
@given(st.lists(rules(), min_size=2, max_size=8), told(), st.data())
def test_a_rule_that_is_taken_out_leaves_the_others_as_they_are(every, ticks, data):
    engine, without = RuleEngine(), RuleEngine()
    for number, rule in enumerate(every):
        engine.add(number, rule)
        if number:
            without.add(number, rule)
    place = data.draw(st.integers(0, len(ticks)))
    found = by_engine(engine, ticks[:place])
    engine.remove(0)
    found += by_engine(engine, ticks[place:])
    expected = by_engine(without, ticks)
    end_ms = ticks[-1][1] + AFTER
    found += engine.advance(end_ms)
    expected += without.advance(end_ms)
    assert in_order([firing for firing in found if firing.rule_id]) == in_order(expected)
    for number in range(len(every)):
        engine.remove(number)
    assert (len(engine), engine.refs()) == (0, ())


@given(told(), rules())
def test_heard_ticks_told_again_change_nothing(ticks, rule):
    engine, again = RuleEngine(), RuleEngine()
    engine.add(1, rule)
    again.add(1, rule)
    found = []
    for place, tick in enumerate(newer(ticks)):
        found += again.tick(*tick)
        for old in newer(ticks)[:place]:
            found += again.tick(*old)
    assert found == by_engine(engine, newer(ticks))


def test_done_is_told_once_and_done_is_not_added():
    engine = RuleEngine()
    rule = Rule((Term(BTC, Op.BELOW, 100_000.0),))
    engine.add(7, rule)
    by_engine(engine, [(BTC, START, 101_000.0), (BTC, START + 1, 99_000.0)])
    assert engine.states_changed() == {7: RuleState(Phase.DONE)}
    assert engine.states_changed() == {}
    engine.add(7, rule, RuleState(Phase.DONE))
    assert len(engine) == 0
