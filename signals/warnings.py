"""Warnings: playbook rules that can fire on their own. They never move the verdict, but may depend on it."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from signals.conditions import Change, Judged, Kind, Point, Standing, follow
from signals.episode import Episode, ShockState
from signals.market import Market
from signals.moments import DAY_MS

LOOK_BACK_MS = 2 * DAY_MS
"""No warning needs an older fact than this to judge a moment, unless it says so itself."""


class Verdicts(NamedTuple):
    """What the verdict was, moment by moment: `states[i]` from `from_ms[i]` on, and the first one before."""

    from_ms: tuple[int, ...]
    states: tuple[str, ...]

    @classmethod
    def along(cls, standing: Standing, changes: Iterable[Change]) -> Self:
        """From where the verdict stood, along its changes in order of time."""
        changes = tuple(changes)
        from_ms = (standing.judged_ms, *(change.at_ms for change in changes))
        return cls(from_ms, (standing.state, *(change.to_state for change in changes)))

    def at(self, moment_ms: int) -> str:
        """The verdict at a moment; a change at that very moment has happened."""
        return self.states[max(bisect_right(self.from_ms, moment_ms) - 1, 0)]


class Episodes(NamedTuple):
    """Which episode was open, moment by moment, None where none was: `open[i]` from `from_ms[i]` on.

    `open[0]` stands for all time before as well.
    """

    from_ms: tuple[int, ...] = (0,)
    open: tuple[Episode | None, ...] = (None,)

    @classmethod
    def along(cls, standing: Standing, changes: Iterable[Change]) -> Self:
        """From where the shock stood, along its changes in order of time."""
        changes = tuple(changes)
        # A bar reaches us after its close: the change that it makes may lie before what was judged last.
        first_ms = min((standing.judged_ms, *(change.at_ms for change in changes)))
        opened = (_opened(standing.state, standing), *(_opened(c.to_state, c) for c in changes))
        return cls((first_ms, *(change.at_ms for change in changes)), opened)

    def at(self, moment_ms: int) -> Episode | None:
        """The episode that is open at a moment; a change at that very moment has happened."""
        return self.open[max(bisect_right(self.from_ms, moment_ms) - 1, 0)]


def _opened(state: str, told: Standing | Change) -> Episode | None:
    return Episode.of(told.evidence) if state == ShockState.OPEN else None


NO_EPISODES = Episodes()


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What warnings are judged before, besides the market: what was judged ahead of them."""

    verdicts: Verdicts
    episodes: Episodes = NO_EPISODES


class WarningRule(Protocol):
    """A warning: a pure rule over the market, the verdict and the episode of each moment."""

    @property
    def id(self) -> str:
        """Its name everywhere: file, text key, database value, topic of subscriptions."""

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """Judge every moment after `standing.judged_ms` up to `until_ms` by what was known at each."""


def recent(market: Market, standing: Standing, back_ms: int = LOOK_BACK_MS) -> Market:
    """As much of the market as is needed to judge on from where a warning stands."""
    return market.since(standing.judged_ms - back_ms)


def follow_warning(
    warning: str, standing: Standing, points: Iterable[Point], until_ms: int, seen_ms: int | None
) -> Judged:
    """Walk a warning along its points, in order of time."""
    return follow(warning, standing, points, until_ms, seen_ms, kind=Kind.WARNING)
