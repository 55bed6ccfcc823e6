"""What the three peers of the benchmark agree on: the rules' numbers, and the turns they have to find."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from signals.calendar import Session, sessions
from signals.conditions import State
from signals.engine import first_standings, judge
from signals.market import Market
from signals.moments import from_ms

SHARE = COVERAGE = 0.9
GRACE = timedelta(minutes=5)
WINDOW_HOURS = 336
HOLDING_AGE, MET_AGE = timedelta(hours=24), timedelta(hours=72)
REGAINED = 0.5

NO_DATA, UNMET, HOLDING, MET = State.NO_DATA, State.UNMET, State.HOLDING, State.MET

_ORDER = ("premium", "etf_flow", "eth_btc", "verdict")


class Turn(NamedTuple):
    """A condition or the verdict went from one state to another."""

    at_ms: int
    id: str
    before: str
    after: str


def in_order(turns: Iterable[Turn]) -> list[Turn]:
    """As the engine tells them: by time, within a moment the conditions in their order, then the verdict."""
    return sorted(turns, key=lambda turn: (turn.at_ms, _ORDER.index(turn.id)))


def judge_by_engine(market: Market, until_ms: int) -> list[Turn]:
    """Every turn that the engine finds in one call."""
    changes = judge(first_standings(warnings=()), market, until_ms, warnings=()).changes
    return [Turn(change.at_ms, change.id, change.from_state, change.to_state) for change in changes]


def sessions_of(first_ms: int, last_ms: int) -> list[Session]:
    """The sessions of a stretch of time."""
    return list(sessions(from_ms(first_ms).date(), from_ms(last_ms - 1).date()))
