"""`etf_flow`: US spot Bitcoin ETF outflows stop or reverse.

Only final numbers count. Of each session the source that was final first is believed, so that two sources
that disagree in the last digits never turn the condition; that source's later revisions are followed.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from operator import itemgetter

from signals.calendar import session_after
from signals.conditions import Evidence, Judged, Point, Standing, State, follow
from signals.facts import EtfFlow
from signals.market import Market
from signals.moments import to_ms
from signals.readings import EtfReading, Quality, SessionFlow, Source

SESSIONS_FOR_MET = 2
SESSIONS_FOR_UNMET = 3

FINAL_BY = time(20, tzinfo=UTC)
"""On the day after a session its number is final at the latest by then, if it is complete."""


@dataclass(frozen=True, slots=True)
class EtfFlowRules:
    """The thresholds."""

    asset: str = "BTC"
    overdue_sessions: int = 2
    """With so many sessions past their time without a final number, older ones say nothing any more."""


def settled_flows(flows: Sequence[EtfFlow], by_ms: int) -> tuple[EtfFlow, ...]:
    """The final number of each session as it stood at a moment, oldest session first."""
    return next(iter(settled_at(flows, [by_ms]).values()))


def settled_at(flows: Sequence[EtfFlow], moments_ms: Iterable[int]) -> dict[int, tuple[EtfFlow, ...]]:
    """`settled_flows` at each of some ascending moments, in one walk over the flows."""
    settled: dict[int, tuple[EtfFlow, ...]] = {}
    believed: dict[date, EtfFlow] = {}
    final = deque(sorted(((final_ms(flow), flow) for flow in flows), key=itemgetter(0)))
    for moment_ms in moments_ms:
        while final and final[0][0] <= moment_ms:
            _, flow = final.popleft()
            first = believed.setdefault(flow.session, flow)
            if first.source == flow.source:
                believed[flow.session] = flow
        settled[moment_ms] = tuple(believed[session] for session in sorted(believed))
    return settled


@dataclass(frozen=True, slots=True)
class EtfFlowCondition:
    """The condition."""

    rules: EtfFlowRules = EtfFlowRules()
    id: str = "etf_flow"

    def judge(self, standing: Standing, market: Market, until_ms: int) -> Judged:
        """See `signals.conditions.Condition`."""
        flows = market.flows.get(self.rules.asset, ())
        known = sorted({ms for flow in flows if (ms := final_ms(flow)) <= until_ms})
        points = self._points(standing, flows, known, until_ms)
        return follow(self.id, standing, points, until_ms, known[-1] if known else standing.seen_ms)

    def _points(
        self, standing: Standing, flows: Sequence[EtfFlow], known: Sequence[int], until_ms: int
    ) -> Iterator[Point]:
        settled = State(standing.settled)
        # What was final before the stretch counts once: it may become overdue within it.
        judged = bisect_right(known, standing.judged_ms)
        finals = settled_at(flows, known[max(judged - 1, 0) :])
        overdue = {self._overdue_ms(final[-1].session) for final in finals.values()}
        moments = sorted(ms for ms in finals.keys() | overdue if standing.judged_ms < ms <= until_ms)
        for at_ms, final in settled_at(flows, moments).items():
            if self._overdue_ms(final[-1].session) <= at_ms:
                settled = State.NO_DATA
                yield Point(at_ms, settled, settled, "stale", _evidence(final))
            else:
                settled, state, reason = judge_flows(final, settled)
                yield Point(at_ms, state, settled, reason, _evidence(final))

    def _overdue_ms(self, session: date) -> int:
        """When the sessions after `session` that still have no number are too many."""
        for _ in range(self.rules.overdue_sessions):
            session = session_after(session).day
        return to_ms(final_by(session))


def judge_flows(final: Sequence[EtfFlow], settled: State) -> tuple[State, State, str]:
    """The rule: from the final flows, oldest first, and the settled state to (settled, state, reason)."""
    run = _unbroken(final)
    if len(run) >= SESSIONS_FOR_MET and all(flow.total_usd >= 0 for flow in run[-SESSIONS_FOR_MET:]):
        return State.MET, State.MET, "two_sessions_not_out"
    last_three = run[-SESSIONS_FOR_UNMET:]
    if (
        len(last_three) == SESSIONS_FOR_UNMET
        and run[-1].total_usd < 0
        and sum(f.total_usd for f in last_three) < 0
    ):
        return State.UNMET, State.UNMET, "outflow_resumed"
    if settled == State.UNMET and run and run[-1].total_usd >= 0:
        return settled, State.HOLDING, "inflow_after_outflow"
    return settled, settled, "flow_negative"


def read_etf_flow(market: Market, asset: str, now: datetime) -> EtfReading:
    """The newest number of each of the last sessions, final or not, and the run the newest belongs to."""
    now_ms = to_ms(now)
    flows = [flow for flow in market.flows.get(asset, ()) if to_ms(flow.known_at) <= now_ms]
    final = {flow.session: flow for flow in settled_flows(flows, now_ms)}
    newest = {flow.session: flow for flow in sorted(flows, key=lambda flow: flow.known_at)} | final
    rows = [newest[session] for session in sorted(newest, reverse=True)]
    if not rows:
        return EtfReading(asset, Quality.MISSING)
    run = list(takewhile(lambda flow: _is_out(flow) == _is_out(rows[0]), rows))
    return EtfReading(
        asset=asset,
        quality=Quality.STALE if now >= final_by(session_after(rows[0].session).day) else Quality.OK,
        sources=(Source(rows[0].source, now - rows[0].known_at),),
        session=rows[0].session,
        total_usd=rows[0].total_usd,
        final=rows[0].session in final,
        source=rows[0].source,
        streak=len(run),
        streak_total_usd=sum(flow.total_usd for flow in run),
        last=tuple(SessionFlow(row.session, row.total_usd, row.session in final) for row in rows[:10]),
    )


def _is_out(flow: EtfFlow) -> bool:
    return flow.total_usd < 0


def final_by(session: date) -> datetime:
    """The moment by which a complete number of a session is final."""
    return datetime.combine(session + timedelta(days=1), FINAL_BY)


def _unbroken(final: Sequence[EtfFlow]) -> Sequence[EtfFlow]:
    """The newest flows that have no session missing between them."""
    run: list[EtfFlow] = []
    for flow in reversed(final):
        if run and session_after(flow.session).day != run[-1].session:
            break
        run.append(flow)
        if len(run) == SESSIONS_FOR_UNMET:
            break
    return run[::-1]


def _evidence(final: Sequence[EtfFlow]) -> Evidence:
    if not final:
        return {}
    last = final[-1]
    recent = final[-SESSIONS_FOR_UNMET:]
    return {
        "asset": last.asset,
        "session": last.session.isoformat(),
        "total_usd": last.total_usd,
        "previous": [[flow.session.isoformat(), flow.total_usd] for flow in recent[:-1]],
        "last3_usd": sum(flow.total_usd for flow in recent),
        "source": last.source,
    }


def final_ms(flow: EtfFlow) -> int:
    """When a flow counts: never for a preliminary one."""
    return to_ms(max(flow.final_at, flow.known_at)) if flow.final_at else _NEVER_MS


_NEVER_MS = 2**62
