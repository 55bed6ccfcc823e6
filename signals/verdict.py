"""The verdict: what the three conditions come to, and how it follows them through time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from signals.conditions import Change, Evidence, Judged, Kind, Standing, State, Verdict
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.market import Market

VERDICT = "verdict"


def decide(states: Mapping[str, str]) -> tuple[Verdict, str]:
    """The verdict over the conditions' states by id, and the reason."""
    if State.NO_DATA in states.values():
        return Verdict.UNKNOWN, "no_data"
    if all(state == State.MET for state in states.values()):
        return Verdict.BROKEN, "all_met"
    return Verdict.FRAGILE, "conditions_unmet"


def follow_verdict(
    standing: Standing, before: Mapping[str, str], changes: Iterable[Change], market: Market, until_ms: int
) -> Judged:
    """Walk the verdict along the conditions' changes, which are in order of time.

    `before` holds each condition's state at `standing.judged_ms`.
    """
    states = dict(before)
    turned: list[Change] = []
    for at_ms, together in groupby(changes, key=lambda change: change.at_ms):
        states.update((change.id, change.to_state) for change in together)
        verdict, reason = decide(states)
        if verdict == standing.state:
            continue
        if standing.state == Verdict.BROKEN and verdict is Verdict.FRAGILE:
            reason = "condition_lost"
        evidence = _evidence(states, market, at_ms)
        change = Change(at_ms, Kind.VERDICT, VERDICT, standing.state, verdict, reason, evidence)
        turned.append(change)
        standing = standing.after(change)
    return Judged(tuple(turned), replace(standing, judged_ms=until_ms))


def _evidence(states: Mapping[str, str], market: Market, at_ms: int) -> Evidence:
    btc, eth = (market.last_price(instrument, at_ms) for instrument in (BINANCE_BTC, BINANCE_ETH))
    return {
        "met": [condition for condition, state in states.items() if state == State.MET],
        "missing": [condition for condition, state in states.items() if state != State.MET],
        "btc_usd": btc and btc.price,
        "eth_usd": eth and eth.price,
    }
