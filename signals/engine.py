"""The engine: judges every condition, the verdict and the shock from where they stood to a moment.

Live and replay call the same function. Nothing is carried but the standings: all else is read from the market
again, so one sample at a time, chunks of any size and a whole history at once give the same changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from signals.conditions import Change, Condition, Standing, Verdict
from signals.etf_flow import EtfFlowCondition
from signals.eth_btc import EthBtc
from signals.market import Market
from signals.premium import Premium
from signals.shock import NO_SHOCK_YET, SHOCK, Shock
from signals.verdict import VERDICT, follow_verdict

CONDITIONS: tuple[Condition, ...] = (Premium(), EtfFlowCondition(), EthBtc())
"""The three break conditions; a row here is what makes one count."""

_SHOCK = Shock()

Standings = Mapping[str, Standing]


class Outcome(NamedTuple):
    """What judging came to: the changes in order of time, and where everything stands now."""

    changes: tuple[Change, ...]
    standings: Standings


def first_standings(conditions: Sequence[Condition] = CONDITIONS, judged_ms: int = 0) -> Standings:
    """Before any fact: no condition has data, the verdict is unknown, no shock is open."""
    standings = {condition.id: Standing(judged_ms=judged_ms) for condition in conditions}
    verdict = Standing(state=Verdict.UNKNOWN, judged_ms=judged_ms)
    return {**standings, VERDICT: verdict, SHOCK: replace(NO_SHOCK_YET, judged_ms=judged_ms)}


def judge(
    standings: Standings,
    market: Market,
    until_ms: int,
    conditions: Sequence[Condition] = CONDITIONS,
    *,
    shock: Shock = _SHOCK,
) -> Outcome:
    """Judge every moment up to `until_ms` that has not been judged, using only what was known at each."""
    judged = {c.id: c.judge(standings[c.id], market, until_ms) for c in conditions}
    before = {condition.id: standings[condition.id].state for condition in conditions}
    # Sorting is stable: at one moment the conditions keep their order.
    changes = sorted((change for j in judged.values() for change in j.changes), key=lambda c: c.at_ms)
    verdict = follow_verdict(standings[VERDICT], before, changes, market, until_ms)
    course = shock.judge(standings[SHOCK], market, standings[VERDICT], verdict.changes, until_ms)
    return Outcome(
        tuple(sorted((*changes, *verdict.changes, *course.changes), key=lambda change: change.at_ms)),
        {
            **{condition: j.standing for condition, j in judged.items()},
            VERDICT: verdict.standing,
            SHOCK: course.standing,
        },
    )
