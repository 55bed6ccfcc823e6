"""Replay: what the engine would have said over past facts, each used only from the moment it was known."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from signals.conditions import Change, Condition
from signals.engine import CONDITIONS, WARNINGS, first_standings, judge
from signals.market import Market
from signals.moments import to_ms
from signals.quorum import TOLERANCE
from signals.shock import Shock
from signals.warnings import WarningRule

_SHOCK = Shock()


class Replay(NamedTuple):
    """The changes of the time asked for, and those of the time before, which warmed the rules up."""

    warm_up: tuple[Change, ...]
    changes: tuple[Change, ...]


def replay(
    market: Market,
    since: datetime,
    until: datetime,
    conditions: Sequence[Condition] = CONDITIONS,
    warnings: Sequence[WarningRule] = WARNINGS,
    *,
    shock: Shock = _SHOCK,
    tolerance: float = TOLERANCE,
) -> Replay:
    """Judge everything up to `until`; what changed from `since` on, both moments included, is told apart.

    `tolerance`: as for `signals.engine.judge`.
    """
    standings = first_standings(conditions, warnings)
    outcome = judge(standings, market, to_ms(until), conditions, warnings, shock=shock, tolerance=tolerance)
    changes = outcome.changes
    warm_up = sum(change.at_ms < to_ms(since) for change in changes)
    return Replay(changes[:warm_up], changes[warm_up:])
