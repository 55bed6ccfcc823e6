"""Ticks out of the market: what became known of some readings, in order of time, told to an engine."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from heapq import merge
from typing import NamedTuple

from signals.market import Market
from signals.moments import length_ms
from signals.own.engine import RuleEngine
from signals.own.prices import Instruments, instrument_of
from signals.own.readings import values_of
from signals.own.rule import Ref, Rule
from signals.own.state import Firing
from signals.own.values import Values

_A_DAY = timedelta(days=1)


class Tick(NamedTuple):
    """From a moment on a reading has a value; NaN: nothing is known of it."""

    at_ms: int
    ref: Ref
    value: float


def ticks(
    refs: Iterable[Ref], market: Market, since_ms: int, until_ms: int, find: Instruments = instrument_of
) -> Iterator[Tick]:
    """What became known of readings after one moment and up to another.

    Facts may arrive after the moment at which they count as known, such as a bar that the venue writes
    seconds after its close: let stretches of time overlap. The engine passes over what it has heard.
    """
    return in_order({ref: values_of(ref, market, since_ms, until_ms, find) for ref in refs})


def in_order(values: Mapping[Ref, Values]) -> Iterator[Tick]:
    """The values of several readings as ticks; those of one moment by the name of their reading."""
    told = [_ticks(ref, some) for ref, some in values.items()]
    return merge(*told)


def _ticks(ref: Ref, values: Values) -> Iterator[Tick]:
    for at_ms, value in zip(values.known_ms.tolist(), values.value.tolist(), strict=True):
        yield Tick(at_ms, ref, value)


def run(engine: RuleEngine, told: Iterable[Tick], until_ms: int) -> list[Firing]:
    """What fires with some ticks, and by a moment by which there are no others."""
    firings: list[Firing] = []
    for tick in told:
        firings += engine.tick(tick.ref, tick.at_ms, tick.value)
    return firings + engine.advance(until_ms)


def past_of(
    rule: Rule, market: Market, until_ms: int, find: Instruments = instrument_of
) -> dict[Ref, Values]:
    """What a rule has to know when it begins, or begins again: its readings over its windows and its hold."""
    since_ms = until_ms - length_ms(memory(rule))
    return {ref: values_of(ref, market, since_ms, until_ms, find) for ref in rule.refs}


def memory(rule: Rule) -> timedelta:
    """How far back a rule looks."""
    windows = [term.window for term in rule.terms if term.window]
    return max([*(2 * window for window in windows), rule.hold, _A_DAY]) + _A_DAY
