"""The engine: judges conditions, verdict, shock and warnings from where they stood to a moment.

Live and replay call the same function. Nothing is carried but the standings: all else is read from the market
again, so one sample at a time, chunks of any size and a whole history at once give the same changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from signals.adl import Adl
from signals.believed import believed
from signals.blind import Blind
from signals.conditions import Change, Condition, Judged, Standing, Verdict
from signals.etf_flow import EtfFlowCondition
from signals.eth_beta import EthBeta
from signals.eth_btc import EthBtc
from signals.exploit import Exploit
from signals.funding import FundingWarning
from signals.liquidations import Liquidations
from signals.market import Market
from signals.premium import Premium
from signals.quorum import TOLERANCE
from signals.rally_zone import RallyZone
from signals.relever import Relever
from signals.repo import Repo
from signals.shock import NO_SHOCK_YET, SHOCK, Shock
from signals.support import Support
from signals.thin_book import ThinBook
from signals.verdict import VERDICT, follow_verdict
from signals.warnings import Backdrop, Episodes, Verdicts, WarningRule

CONDITIONS: tuple[Condition, ...] = (Premium(), EtfFlowCondition(), EthBtc())
"""The three break conditions; a row here is what makes one count."""

WARNINGS: tuple[WarningRule, ...] = (
    Relever(),
    FundingWarning(),
    Liquidations(),
    Exploit(),
    Repo(),
    RallyZone(),
    Support(),
    EthBeta(),
    Adl(),
    ThinBook(),
    Blind(),
)
"""The playbook's rules that can fire on their own; a row here is what makes one heard of."""

_SHOCK = Shock()

Standings = Mapping[str, Standing]


class Outcome(NamedTuple):
    """What judging came to: the changes in order of time, and where everything stands now."""

    changes: tuple[Change, ...]
    standings: Standings


def first_standings(
    conditions: Sequence[Condition] = CONDITIONS,
    warnings: Sequence[WarningRule] = WARNINGS,
    judged_ms: int = 0,
) -> Standings:
    """Before any fact: no condition and no warning has data, the verdict is unknown."""
    ids = (*(condition.id for condition in conditions), *(warning.id for warning in warnings))
    standings = {id_: Standing(judged_ms=judged_ms) for id_ in ids}
    verdict = Standing(state=Verdict.UNKNOWN, judged_ms=judged_ms)
    return {**standings, VERDICT: verdict, SHOCK: replace(NO_SHOCK_YET, judged_ms=judged_ms)}


def judge(
    standings: Standings,
    market: Market,
    until_ms: int,
    conditions: Sequence[Condition] = CONDITIONS,
    warnings: Sequence[WarningRule] = WARNINGS,
    *,
    shock: Shock = _SHOCK,
    tolerance: float = TOLERANCE,
) -> Outcome:
    """Judge every moment up to `until_ms` that has not been judged, using only what was known at each.

    `tolerance`: the share within which venues agree on a price; what the others contradict is not used.
    """
    market = believed(market, tolerance)
    # Where the clock was set back, what has been judged is not judged, and told, a second time.
    behind = {id_ for id_, standing in standings.items() if until_ms <= standing.judged_ms}
    judged = {id_: Judged((), standing) for id_, standing in standings.items()}
    judged |= {c.id: c.judge(standings[c.id], market, until_ms) for c in conditions if c.id not in behind}
    before = {condition.id: standings[condition.id].state for condition in conditions}
    turned = _in_order(judged)
    judged_ms = max(until_ms, standings[VERDICT].judged_ms)
    judged[VERDICT] = follow_verdict(standings[VERDICT], before, turned, market, judged_ms)
    shock_ms = max(until_ms, standings[SHOCK].judged_ms)
    course = shock.judge(standings[SHOCK], market, standings[VERDICT], judged[VERDICT].changes, shock_ms)
    judged[SHOCK] = Judged(course.changes, course.standing)
    # Warnings know the levels that a shock set, where the operator set none.
    market = market.joined(Market(levels=course.levels))
    backdrop = Backdrop(
        Verdicts.along(standings[VERDICT], judged[VERDICT].changes),
        Episodes.along(standings[SHOCK], course.changes),
    )
    judged |= {
        w.id: w.judge(standings[w.id], market, backdrop, until_ms) for w in warnings if w.id not in behind
    }
    return Outcome(tuple(_in_order(judged)), {subject: each.standing for subject, each in judged.items()})


def _in_order(judged: Mapping[str, Judged]) -> list[Change]:
    """All changes in order of time; at one moment conditions, verdict, shock and warnings in this order."""
    return sorted((change for each in judged.values() for change in each.changes), key=lambda c: c.at_ms)
