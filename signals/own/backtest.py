"""Where a rule would have fired: the last days told again to the engine that will run it.

Every value stands from when it was known, and nothing that became known later plays a part. Prices are those
at hand, closes of bars for most of the time: what happened within a bar is not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from signals.market import Market
from signals.moments import length_ms, to_ms
from signals.own.engine import RuleEngine
from signals.own.live import in_order, memory, run
from signals.own.prices import Instruments, instrument_of
from signals.own.readings import values_of
from signals.own.rule import Ref, Rule
from signals.own.state import Phase, RuleState
from signals.own.values import Values
from signals.rows import Bools, Floats

_ID = 1


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done, and where it stands.

    `firings`: the moments in ms UTC, as if it repeated; a rule that is told once would have ended with the
    first. `series`: the readings over those days, for a chart. `coverage`: for which share of the days, from
    0 to 1, each was known. `now`: the last value of each, where one is known. `is_true` says whether the rule
    is true at `now` already, None where that is not known. `state` is what it is to be added to an engine
    with.
    """

    firings: tuple[int, ...]
    series: Mapping[Ref, Values]
    coverage: Mapping[Ref, float]
    now: Mapping[Ref, float]
    is_true: bool | None
    state: RuleState


def would_have_fired(
    rule: Rule, market: Market, now: datetime, days: int = 30, find: Instruments = instrument_of
) -> Preview:
    """The firings of a rule over the last days, by the facts in the market."""
    now_ms = to_ms(now)
    since_ms = now_ms - length_ms(timedelta(days=days))
    begin_ms = since_ms - length_ms(memory(rule))
    every = {ref: values_of(ref, market, begin_ms, now_ms, find) for ref in rule.refs}
    series = {ref: values.between(since_ms, now_ms) for ref, values in every.items()}
    engine = RuleEngine()
    past = {ref: values.between(begin_ms, since_ms) for ref, values in every.items()}
    engine.add(_ID, replace(rule, repeats=True, expires_at=None), past=past)
    firings = run(engine, in_order(_telling(engine, series)), now_ms)
    return Preview(
        firings=tuple(firing.at_ms for firing in firings),
        series=series,
        coverage={ref: _coverage(values, since_ms, now_ms) for ref, values in every.items()},
        now={ref: float(values.value[-1]) for ref, values in every.items() if _is_known(values)},
        is_true=engine.is_true(_ID),
        state=begin(engine.state_of(_ID), is_true=engine.is_true(_ID)),
    )


def begin(state: RuleState, *, is_true: bool | None) -> RuleState:
    """Where a rule begins that stood so at the end of the past.

    One that is true waits to become so again. Any other is armed, also where it fired a while ago and has not
    left its threshold by the margin: who sets a rule wants to hear of the next time. A `for` that has begun
    goes on.
    """
    if is_true is None:
        return replace(state, phase=Phase.NEW, since_ms=None)
    return replace(state, phase=Phase.FIRED if is_true else Phase.ARMED)


def _telling(engine: RuleEngine, series: Mapping[Ref, Values]) -> dict[Ref, Values]:
    """Without values that change nothing: on the same side of every border as the one before."""
    return {ref: values.rows(_turns(values, engine.borders(ref))) for ref, values in series.items()}


def _turns(values: Values, borders: Floats | None) -> Bools:
    if borders is None:
        return np.ones(len(values), np.bool_)
    place = np.where(np.isnan(values.value), -1, borders.searchsorted(values.value, "right"))
    turns = np.append(True, place[1:] != place[:-1])[: len(place)]
    # The last one says up to when a rule was true.
    turns[-1:] = True
    return turns


def _is_known(values: Values) -> bool:
    return len(values) > 0 and not np.isnan(values.value[-1])


def _coverage(values: Values, since_ms: int, until_ms: int) -> float:
    """The share of a time in which values stood."""
    begins = values.known_ms.clip(since_ms, until_ms)
    lengths = np.diff(begins, append=until_ms)
    known_ms = int(lengths[~np.isnan(values.value)].sum())
    return known_ms / (until_ms - since_ms)
