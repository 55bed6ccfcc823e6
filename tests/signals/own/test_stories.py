"""What a rule does, told in minutes: ticks of a reading, and the minutes at which the rule fires."""

import math
from datetime import UTC, datetime

import pytest

from signals.moments import from_ms
from signals.own.engine import RuleEngine
from signals.own.grammar import parse
from signals.own.live import Tick, run
from signals.own.rule import Ref

MINUTE = 60_000
START = 1_760_000_040_000
NOW = from_ms(START).astimezone(UTC)
BTC, PREMIUM = Ref("price", "BTC"), Ref("premium")
GONE = math.nan

STORIES: dict[str, tuple[str, Ref, dict[int, float], list[int]]] = {
    "fires when it becomes true": ("btc < 100", BTC, {0: 101, 1: 99}, [1]),
    "does not fire for what is true at first": ("btc < 100", BTC, {0: 99, 1: 98}, []),
    "waits for the next time where it was true at first": ("btc < 100", BTC, {0: 99, 1: 101, 2: 99}, [2]),
    "fires once": ("btc < 100", BTC, {0: 101, 1: 99, 2: 105, 3: 99}, [1]),
    "repeats at each crossing": ("btc < 100 repeat", BTC, {0: 101, 1: 99, 2: 105, 3: 99}, [1, 3]),
    "does not repeat within the margin": ("btc < 100 repeat", BTC, {0: 101, 1: 99, 2: 100.4, 3: 99}, [1]),
    "repeats from the margin on": ("btc < 100 repeat", BTC, {0: 101, 1: 99, 2: 100.5, 3: 99}, [1, 3]),
    "has the margin that is asked for": (
        "btc < 100 repeat hysteresis 2%",
        BTC,
        {0: 101, 1: 99, 2: 101.9, 3: 99, 4: 102, 5: 99},
        [1, 5],
    ),
    "is armed at once where it was only just false when set": ("btc < 100", BTC, {0: 100.1, 1: 99}, [1]),
    "is strict": ("btc < 100", BTC, {0: 101, 1: 100, 2: 99.99}, [2]),
    "is not strict": ("btc <= 100", BTC, {0: 101, 1: 100}, [1]),
    "takes a jump for a crossing": ("btc > 100", BTC, {0: 1, 1: 1000}, [1]),
    "fires after a crossing that nobody saw": ("btc < 100", BTC, {0: 101, 1: GONE, 90: 99}, [90]),
    "holds by time alone": ("premium > 0 for 10m", PREMIUM, {0: -1, 1: 1, 2: 2}, [11]),
    "holds anew after a break": ("premium > 0 for 10m", PREMIUM, {0: -1, 1: 1, 9: 0, 10: 1}, [20]),
    "did not hold where the last moment broke it": ("premium > 0 for 10m", PREMIUM, {0: -1, 1: 1, 11: 0}, []),
    "goes on to hold after a short gap": (
        "premium > 0 for 20m",
        PREMIUM,
        {0: -1, 1: 1, 5: GONE, 15: 1},
        [21],
    ),
    "holds anew after a gap longer than the patience": (
        "premium > 0 for 20m",
        PREMIUM,
        {0: -1, 1: 1, 5: GONE, 16: 1},
        [36],
    ),
    "does not fire while nothing is known": (
        "premium > 0 for 10m",
        PREMIUM,
        {0: -1, 1: 1, 8: GONE, 17: 1, 18: 1},
        [17],
    ),
    "does not fire after a gap that ends in false": (
        "premium > 0 for 10m",
        PREMIUM,
        {0: -1, 1: 1, 8: GONE, 17: -1},
        [],
    ),
    "counts a hold from its first look": ("premium > 0 for 10m", PREMIUM, {0: 1, 5: 1}, [10]),
    "tells of a new low": ("btc new low 1h", BTC, {0: 100, 30: 102, 60: 101, 61: 99.9}, [61]),
    "knows no low of a window that it did not see": ("btc new low 1h", BTC, {0: 100, 30: 102, 59: 99.9}, []),
    "tells a low that goes on only once": (
        "btc new low 1h repeat",
        BTC,
        {0: 100, 60: 101, 61: 99, 62: 98, 63: 97, 64: 97.4, 65: 96},
        [61],
    ),
    "tells the next low after a rise": (
        "btc new low 1h repeat",
        BTC,
        {0: 100, 60: 101, 61: 99, 62: 98, 63: 99, 64: 97},
        [61, 64],
    ),
    "tells of a new high": ("btc new high 1h", BTC, {0: 100, 30: 99, 60: 99, 61: 100.1}, [61]),
    "a new low at the first full window is no change": ("btc new low 1h", BTC, {0: 100, 61: 99}, []),
    "an equal low is not new": ("btc new low 1h", BTC, {0: 100, 30: 102, 60: 100}, []),
    "a low of a window with a large gap is none": (
        "btc new low 1h",
        BTC,
        {0: 100, 61: 101, 62: GONE, 75: 101, 80: 90},
        [],
    ),
    "is not told after its end": ("btc < 100 expires 30m", BTC, {0: 101, 30: 99}, []),
    "is told before its end": ("btc < 100 expires 30m", BTC, {0: 101, 29: 99}, [29]),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_rule(story):
    text, ref, told, expected = STORIES[story]
    engine = RuleEngine()
    engine.add(1, parse(text, NOW))
    ticks = [Tick(START + minute * MINUTE, ref, value) for minute, value in told.items()]
    fired = run(engine, ticks, START + 300 * MINUTE)
    assert [(firing.at_ms - START) // MINUTE for firing in fired] == expected


def test_terms_of_one_moment_count_together():
    """The moment's second value takes back what its first one seems to say."""
    engine = RuleEngine()
    engine.add(1, parse("btc > 100 and premium > 0", NOW))
    first = [Tick(START, BTC, 99.0), Tick(START, PREMIUM, 1.0)]
    crossed = [Tick(START + 1, BTC, 101.0), Tick(START + 1, PREMIUM, -1.0)]
    assert run(engine, [*first, *crossed], START + 1) == []
    assert run(engine, [Tick(START + 2, PREMIUM, 0.5)], START + 2) == [(1, START + 2, (101.0, 0.5))]


def test_nothing_is_told_of_a_term_that_is_not_known():
    engine = RuleEngine()
    engine.add(1, parse("btc > 100 and premium > 0", NOW))
    run(
        engine, [Tick(START, BTC, 99.0), Tick(START, PREMIUM, 1.0), Tick(START + 1, PREMIUM, GONE)], START + 1
    )
    assert run(engine, [Tick(START + 2, BTC, 101.0)], START + 2) == []
    assert [fired.at_ms for fired in run(engine, [Tick(START + 3, PREMIUM, 2.0)], START + 3)] == [START + 3]


def test_time_alone_decides_once_it_has_come():
    engine = RuleEngine()
    engine.add(1, parse("premium > 0 for 10m", NOW))
    run(engine, [Tick(START, PREMIUM, -1.0), Tick(START + MINUTE, PREMIUM, 1.0)], START + MINUTE)
    assert engine.advance(START + 11 * MINUTE - 1) == []
    assert engine.advance(START + 11 * MINUTE) == [(1, START + 11 * MINUTE, (1.0,))]


def test_a_rule_that_is_armed_but_true_already_fires_with_the_next_look():
    """It crossed between the preview and the saving."""
    engine = RuleEngine()
    rule = parse("btc < 100", NOW)
    engine.add(1, rule)
    engine.tick(BTC, START, 101.0)
    armed = engine.state_of(1)
    late = RuleEngine()
    late.add(0, parse("btc < 100 repeat", NOW))
    run(late, [Tick(START, BTC, 101.0), Tick(START + MINUTE, BTC, 99.0)], START + MINUTE)
    late.add(1, rule, armed)
    assert late.advance(START + 2 * MINUTE) == [(1, START + MINUTE, (99.0,))]


def test_five_thousand_rules_on_one_number_fire_together_and_are_armed_together():
    engine = RuleEngine()
    rule = parse("btc < 100000 repeat", datetime(2025, 10, 1, tzinfo=UTC))
    for number in range(5000):
        engine.add(number, rule)
    engine.tick(BTC, START, 101_000.0)
    assert len(engine.tick(BTC, START + 1, 99_000.0)) == 5000
    assert engine.tick(BTC, START + 2, 100_100.0) == []
    assert engine.tick(BTC, START + 3, 99_000.0) == []
    assert engine.tick(BTC, START + 4, 102_000.0) == []
    assert len(engine.tick(BTC, START + 5, 99_000.0)) == 5000
