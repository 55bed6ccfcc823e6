"""The engine: judges every condition and the verdict from where they stood to a moment.

Live and replay call the same function. Nothing is carried but the standings: all else is read from the market
again, so one sample at a time, chunks of any size and a whole history at once give the same changes.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from signals.conditions import Change, Condition, Judged, Standing, Verdict
from signals.etf_flow import EtfFlowCondition
from signals.eth_btc import EthBtc
from signals.market import Market
from signals.premium import Premium
from signals.verdict import VERDICT, follow_verdict

CONDITIONS: tuple[Condition, ...] = (Premium(), EtfFlowCondition(), EthBtc())
"""The three break conditions; a row here is what makes one count."""

Standings = Mapping[str, Standing]


class Outcome(NamedTuple):
    """What judging came to: the changes in order of time, and where everything stands now."""

    changes: tuple[Change, ...]
    standings: Standings


def first_standings(conditions: Sequence[Condition] = CONDITIONS, judged_ms: int = 0) -> Standings:
    """Before any fact: no condition has data, the verdict is unknown."""
    standings = {condition.id: Standing(judged_ms=judged_ms) for condition in conditions}
    return {**standings, VERDICT: Standing(state=Verdict.UNKNOWN, judged_ms=judged_ms)}


def judge(
    standings: Standings, market: Market, until_ms: int, conditions: Sequence[Condition] = CONDITIONS
) -> Outcome:
    """Judge every moment up to `until_ms` that has not been judged, using only what was known at each."""
    judged = {c.id: _judge_on(c, standings[c.id], market, until_ms) for c in conditions}
    before = {condition.id: standings[condition.id].state for condition in conditions}
    # Sorting is stable: at one moment the conditions keep their order.
    changes = sorted((change for j in judged.values() for change in j.changes), key=lambda c: c.at_ms)
    judged_ms = max(until_ms, standings[VERDICT].judged_ms)
    verdict = follow_verdict(standings[VERDICT], before, changes, market, judged_ms)
    return Outcome(
        tuple(sorted((*changes, *verdict.changes), key=lambda change: change.at_ms)),
        {**{condition: j.standing for condition, j in judged.items()}, VERDICT: verdict.standing},
    )


def _judge_on(condition: Condition, standing: Standing, market: Market, until_ms: int) -> Judged:
    """Where the clock was set back, what has been judged is not judged, and told, a second time."""
    if until_ms <= standing.judged_ms:
        return Judged((), standing)
    return condition.judge(standing, market, until_ms)
