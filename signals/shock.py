"""`shock`: a forced deleveraging opens an episode; a broken verdict that is held closes it.

It is judged bar by bar. A fall is one for as long as the rule of `signals.deleveraging` goes on to hold, with
pauses of up to a day; when it holds again after a longer one that is another shock, an aftershock, which has
references of its own and takes the place of the one before. A low that is a good deal below the one told last
is told again, any other is only noted. The episode closes once the verdict has been broken for some whole US
sessions since the shock.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import isnan
from typing import NamedTuple

import numpy as np

from signals.bars import BarStream, bar_stream, newest_bar
from signals.calendar import NEW_YORK, session_after
from signals.conditions import Change, Kind, Standing, Verdict
from signals.deleveraging import INSTRUMENT, DeleveragingRules, Signs, read_signs
from signals.episode import Episode, ShockState, Trough
from signals.facts import BINANCE_ETH
from signals.levels import LevelsSet, Origin
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, from_ms, length_ms, to_ms
from signals.rows import Floats
from signals.shock_levels import levels_from_shock

SHOCK = "shock"

NO_SHOCK_YET = Standing(state=ShockState.CALM, reason="no_shock_yet")
"""Before any fact."""


@dataclass(frozen=True, slots=True)
class ShockRules:
    """The thresholds; the defaults are the design's."""

    signs: DeleveragingRules = field(default_factory=DeleveragingRules)
    pause: timedelta = timedelta(days=1)
    """The rule may cease to hold for so long, and it is still the same fall."""
    deeper: float = 0.03
    """How far below the low told last a new one has to be to be told, as a share."""
    held_sessions: int = 5
    """For so many US sessions the verdict has to be broken."""


class Course(NamedTuple):
    """What judging came to: the changes, where the shock stands, the levels it had set and set now."""

    changes: tuple[Change, ...]
    standing: Standing
    levels: tuple[LevelsSet, ...]


@dataclass(frozen=True, slots=True)
class Shock:
    """The rule, from where it stood to a moment."""

    rules: ShockRules = ShockRules()

    def judge(
        self, standing: Standing, market: Market, verdict: Standing, turns: Sequence[Change], until_ms: int
    ) -> Course:
        """Judge every bar known by `until_ms` that has not been judged.

        Which have been is told by `seen_ms`: a bar reaches us seconds after its close, when that moment has
        been judged already. `verdict` is where the verdict stood before, `turns` are its changes since.
        """
        after_ms, newest_ms = standing.seen_ms or 0, newest_bar(market, INSTRUMENT)
        if newest_ms is None or newest_ms <= after_ms:
            return Course((), replace(standing, judged_ms=until_ms), tuple(levels_set_by(standing)))
        signs = read_signs(market, after_ms, until_ms, self.rules.signs)
        eth = bar_stream(market, BINANCE_ETH, after_ms - 2 * DAY_MS, until_ms)
        walk = _Walk(self.rules, signs, eth, standing)
        walk.along(_Held(verdict, turns, self.rules.held_sessions))
        return Course(tuple(walk.changes), walk.standing(until_ms), (*levels_set_by(standing), *walk.levels))


class _Held:
    """Whether the verdict has been broken for long enough, followed along its changes."""

    def __init__(self, verdict: Standing, turns: Sequence[Change], sessions: int) -> None:
        self._turns = list(reversed(turns))
        self._sessions = sessions
        self._broken_ms = verdict.since_ms if verdict.state == Verdict.BROKEN else None
        self._since_ms = self._until_ms = -1

    def at(self, moment_ms: int, opened_ms: int) -> bool:
        """Whether it is, counted from a shock on at the earliest. Moments have to ascend."""
        while self._turns and self._turns[-1].at_ms <= moment_ms:
            turn = self._turns.pop()
            self._broken_ms = turn.at_ms if turn.to_state == Verdict.BROKEN else None
        if self._broken_ms is None:
            return False
        since_ms = max(self._broken_ms, opened_ms)
        if since_ms != self._since_ms:
            self._since_ms, self._until_ms = since_ms, _close_of(self._sessions, since_ms)
        # Later than the close itself, at which the verdict may turn.
        return moment_ms > self._until_ms


def _close_of(count: int, since_ms: int) -> int:
    """When the last of so many sessions closes, all of which open at a moment or later."""
    since = from_ms(since_ms)
    session = session_after(since.astimezone(NEW_YORK).date() - timedelta(days=1))
    while session.opens < since:
        session = session_after(session.day)
    for _ in range(count - 1):
        session = session_after(session.day)
    return to_ms(session.closes)


class _Walk:
    """One episode after the other, along the bars."""

    def __init__(self, rules: ShockRules, signs: Signs, eth: BarStream, standing: Standing) -> None:
        self._rules, self._signs, self._eth = rules, signs, eth
        self._standing = standing
        self._episode = Episode.of(standing.evidence)
        self.changes: list[Change] = []
        self.levels: list[LevelsSet] = []
        self._source: tuple[float, float] | None = None
        self._levels = next((fact.levels for fact in levels_set_by(standing)), None)

    def standing(self, judged_ms: int) -> Standing:
        """Where the shock stands at the end of the way."""
        at_ms = self._signs.bars.at_ms
        seen_ms = int(at_ms[-1]) if len(at_ms) else self._standing.seen_ms
        evidence = self._episode.as_evidence() if self._episode else {}
        return replace(self._standing, evidence=evidence, judged_ms=judged_ms, seen_ms=seen_ms)

    def along(self, held: _Held) -> None:
        """Walk over all bars; where it is calm, from one at which the rule holds to the next."""
        forced = (self._signs.first + np.flatnonzero(self._signs.forced)).tolist()
        falling, at, low = set(forced), self._signs.bars.at_ms.tolist(), self._signs.bars.low.tolist()
        row = self._signs.first
        while row < len(at):
            episode = self._episode
            if episode is None or self._standing.state == ShockState.CALM:
                row = next(iter(forced[bisect_left(forced, row) :]), len(at))
                if row < len(at):
                    self._open(row, "deleveraging", None)
            elif row in falling and at[row] - episode.fell_ms > length_ms(self._rules.pause):
                self._open(row, "aftershock", episode)
            else:
                self._go_on(episode.at_bar(at[row]), row, low[row], holds=row in falling)
                if held.at(at[row], episode.opened_ms):
                    self._change(at[row], ShockState.CALM, "verdict_held")
            self._note_levels(at[min(row, len(at) - 1)])
            row += 1

    def _open(self, row: int, reason: str, before: Episode | None) -> None:
        at_ms, high_row = int(self._signs.bars.at_ms[row]), int(self._signs.high_row[row - self._signs.first])
        low_row = high_row + 1 + int(self._signs.bars.low[high_row + 1 : row + 1].argmin())
        low, high_ms = self._trough(low_row), int(self._signs.bars.at_ms[high_row])
        self._episode = Episode(
            opened_ms=at_ms,
            reference_ms=high_ms,
            btc_usd=float(self._signs.bars.high[high_row]),
            eth_usd=self._of_eth(self._eth.high, high_ms),
            low=low,
            volume_change=float(self._signs.volume_change[row - self._signs.first]),
            known=self._signs.known(row - self._signs.first),
            interest_change=_told(self._signs.interest_change[row - self._signs.first]),
            long_share=_told(self._signs.long_share[row - self._signs.first]),
            fell_ms=at_ms,
            told_low_usd=low.btc_usd,
            settled_low_usd=low.btc_usd,
            settled_ms=at_ms,
            number=before.number + 1 if before else 1,
            chain_ms=before.chain_ms if before else at_ms,
            volume_venues=int(self._signs.volume_venues[row - self._signs.first]),
        )
        self._change(at_ms, ShockState.OPEN, reason)

    def _go_on(self, episode: Episode, row: int, low_usd: float, *, holds: bool) -> None:
        """One more bar of an open episode: what it notes, and whether it is told."""
        at_ms = int(self._signs.bars.at_ms[row])
        volume = float(self._signs.volume_change[row - self._signs.first])
        if holds:
            episode = replace(episode, fell_ms=at_ms)
        if volume > episode.volume_change and at_ms - episode.fell_ms <= length_ms(self._rules.pause):
            episode = replace(episode, volume_change=volume)
        if low_usd < episode.low.btc_usd:
            episode = episode.deepened(self._trough(row))
        is_news = low_usd <= episode.told_low_usd * (1 - self._rules.deeper)
        self._episode = replace(episode, told_low_usd=low_usd) if is_news else episode
        if is_news:
            self._change(at_ms, ShockState.OPEN, "deeper")

    def _trough(self, row: int) -> Trough:
        at_ms = int(self._signs.bars.at_ms[row])
        return Trough(float(self._signs.bars.low[row]), at_ms, self._of_eth(self._eth.low, at_ms))

    def _of_eth(self, column: Floats, moment_ms: int) -> float | None:
        """What ETH's bar of a moment says; None where there is none."""
        row = int(self._eth.rows_after(np.array([moment_ms]))[0]) - 1
        recent = row >= 0 and moment_ms - int(self._eth.at_ms[row]) < HOUR_MS
        return float(column[row]) if recent else None

    def _change(self, at_ms: int, state: ShockState, reason: str) -> None:
        before, evidence = self._standing, self._episode.as_evidence() if self._episode else {}
        self.changes.append(Change(at_ms, Kind.SHOCK, SHOCK, before.state, state, reason, evidence))
        since_ms = before.since_ms if reason == "deeper" else at_ms
        self._standing = replace(before, state=state, since_ms=since_ms, reason=reason, evidence=evidence)

    def _note_levels(self, at_ms: int) -> None:
        """The levels of a shock where they are other ones from a bar on."""
        episode = self._episode if self._standing.state == ShockState.OPEN else None
        source = (episode.btc_usd, episode.settled_low_usd) if episode else None
        if source == self._source:
            return
        self._source, levels = source, levels_from_shock(episode) if episode else None
        if levels != self._levels:
            self._levels = levels
            self.levels.append(LevelsSet(levels, from_ms(at_ms), Origin.SHOCK))


def _told(value: float) -> float | None:
    return None if isnan(value) else float(value)


def levels_set_by(standing: Standing) -> Iterator[LevelsSet]:
    """The levels that an open episode had set before."""
    episode = Episode.of(standing.evidence)
    if episode and standing.state == ShockState.OPEN:
        yield LevelsSet(levels_from_shock(episode), from_ms(episode.settled_ms), Origin.SHOCK)
