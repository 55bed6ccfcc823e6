"""A snapshot: the readings of one moment that can be laid beside those of another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from signals.calendar import last_closed_session
from signals.conditions import Condition
from signals.engine import Standings, first_standings, judge
from signals.etf_flow import settled_flows
from signals.facts import EtfFlow
from signals.leverage import COINS, Funding, Interest, interest_at, mean_funding
from signals.liquidations import ALL, Sides, all_sides
from signals.market import Market
from signals.moments import HOUR_MS, to_ms
from signals.premium import premium_samples
from signals.price import read_price
from signals.quorum import TOLERANCE
from signals.readings import Quality
from signals.session_report import PERCENT, SessionRules, report_session

_HEARD_MS = 12 * HOUR_MS
"""Liquidations that were heard for less than half of the day are not laid beside others."""


@dataclass(frozen=True, slots=True)
class SessionMean:
    """The mean premium of a finished US session, in percent."""

    day: date
    mean_pct: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one moment; None where it is not.

    Prices are dollars, by coin; `interest` is BTC's open interest in dollars by venue; `flows` are the final
    numbers of the last session up to the day, by coin.
    """

    at: datetime
    prices: Mapping[str, float]
    premium: SessionMean | None
    flows: Mapping[str, EtfFlow]
    interest: Interest
    funding: Funding | None
    liquidated: Sides | None

    @property
    def eth_btc(self) -> float | None:
        """What an ETH costs in BTC."""
        return self.prices["ETH"] / self.prices["BTC"] if len(self.prices) > 1 else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known."""
        return not (self.prices or self.flows or self.interest or self.funding or self.liquidated)


def read_snapshot(
    market: Market, at: datetime, rules: SessionRules, flows_by: datetime | None = None
) -> Snapshot:
    """What was known at a moment.

    Of flows what was final at `flows_by`: a session's is so only a day later, and belongs to its day all the
    same.
    """
    at_ms = to_ms(at)
    known = market.known_by(at_ms)
    readings = {coin: read_price(known, coin, at) for coin in COINS}
    sides = all_sides(known, ALL, at_ms)
    return Snapshot(
        at=at,
        prices={
            coin: reading.price
            for coin, reading in readings.items()
            if reading.price is not None and reading.quality is Quality.OK
        },
        premium=_session_mean(known, at, rules),
        flows=_flows(market, at, to_ms(flows_by or at)),
        interest=interest_at(known, COINS[0], at_ms),
        funding=mean_funding(known, COINS[0], at_ms),
        liquidated=sides if sides.heard_ms >= _HEARD_MS else None,
    )


def _session_mean(market: Market, at: datetime, rules: SessionRules) -> SessionMean | None:
    """Of the last session that was over; None where less of it was seen than a rule would ask for."""
    session = last_closed_session(at)
    samples = premium_samples(market.since(to_ms(session.opens) - HOUR_MS))
    if not len(samples):
        return None
    report = report_session(session, samples, rules)
    if not report.count or report.coverage_by(session.closes) < rules.coverage:
        return None
    return SessionMean(session.day, report.mean * PERCENT)


def _flows(market: Market, at: datetime, by_ms: int) -> Mapping[str, EtfFlow]:
    """Of each coin the last session that was over at a moment, where its flow was final by another one."""
    last = last_closed_session(at).day
    found: dict[str, EtfFlow] = {}
    for coin, flows in market.flows.items():
        final = [flow for flow in settled_flows(flows, by_ms) if flow.session <= last]
        if final:
            found[coin] = final[-1]
    return found


def standings_at(
    market: Market, at: datetime, conditions: Sequence[Condition], tolerance: float = TOLERANCE
) -> Standings:
    """Where conditions and verdict stood at a moment, judged from the facts of some time before it."""
    first, at_ms = first_standings(conditions, ()), to_ms(at)
    return judge(first, market.known_by(at_ms), at_ms, conditions, (), tolerance=tolerance).standings
