"""The playbook: five things to look at after a crash, and whether each speaks for or against fragility."""

from dataclasses import dataclass
from enum import StrEnum

from signals.adl_reading import AdlReading
from signals.conditions import Alarm, Standing, State
from signals.levels_reading import LevelsReading
from signals.leverage_reading import LeverageReading, Stance
from signals.readings import Quality
from signals.review import Answer


class Speaks(StrEnum):
    """What a point says of the market."""

    AGAINST = "against"
    """Against fragility."""
    FOR = "for"
    """For fragility."""
    NEITHER = "neither"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why it says so; each has its text."""

    BOTH_MET = "both_met"
    NOT_BOTH = "not_both"
    ABOVE_SUPPORT = "above_support"
    IN_SUPPORT = "in_support"
    BELOW_SUPPORT = "below_support"
    REGAINED = "regained"
    STABILIZING = "stabilizing"
    BLEEDING = "bleeding"
    HEALTHY = "healthy"
    BUILDING = "building"
    UNDECIDED = "undecided"
    REVIEWED = "reviewed"
    WAITING = "waiting"
    SILENCE = "silence"
    RISK_UP = "risk_up"
    CALM = "calm"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class PlaybookPoint:
    """One of the five, by its name, with what it says and why."""

    name: str
    speaks: Speaks
    reason: Reason


def flows_point(premium: Standing, etf_flow: Standing) -> PlaybookPoint:
    """Premium and ETF flows together: until both hold, a rally is where shorts come back."""
    states = {premium.state, etf_flow.state}
    if State.NO_DATA in states:
        return PlaybookPoint("flows", Speaks.UNKNOWN, Reason.NO_DATA)
    if states == {State.MET}:
        return PlaybookPoint("flows", Speaks.AGAINST, Reason.BOTH_MET)
    return PlaybookPoint("flows", Speaks.FOR, Reason.NOT_BOTH)


def support_point(levels: LevelsReading, support: Standing) -> PlaybookPoint:
    """The support zone: a close below it opens the next level."""
    price, found = levels.price.price, levels.levels
    if found is None or price is None:
        return PlaybookPoint("support", Speaks.UNKNOWN, Reason.NO_DATA)
    closed_below = support.state == Alarm.ON and support.reason == "closed_below"
    if closed_below or price < found.support.low_usd:
        return PlaybookPoint("support", Speaks.FOR, Reason.BELOW_SUPPORT)
    if price <= found.support.high_usd:
        return PlaybookPoint("support", Speaks.NEITHER, Reason.IN_SUPPORT)
    return PlaybookPoint("support", Speaks.AGAINST, Reason.ABOVE_SUPPORT)


_ETH = {
    State.MET: (Speaks.AGAINST, Reason.REGAINED),
    State.HOLDING: (Speaks.NEITHER, Reason.STABILIZING),
    State.UNMET: (Speaks.FOR, Reason.BLEEDING),
}


def eth_point(eth_btc: Standing) -> PlaybookPoint:
    """ETH/BTC: where its loss is not regained, tail risk was priced anew."""
    speaks, reason = _ETH.get(State(eth_btc.state), (Speaks.UNKNOWN, Reason.NO_DATA))
    return PlaybookPoint("eth", speaks, reason)


_LEVERAGE = {
    Stance.HEALTHY: (Speaks.AGAINST, Reason.HEALTHY),
    Stance.BUILDING: (Speaks.FOR, Reason.BUILDING),
    Stance.OPEN: (Speaks.NEITHER, Reason.UNDECIDED),
    Stance.UNKNOWN: (Speaks.UNKNOWN, Reason.NO_DATA),
}


def leverage_point(reading: LeverageReading) -> PlaybookPoint:
    """Funding, and how fast open interest is rebuilt."""
    return PlaybookPoint("leverage", *_LEVERAGE[reading.stance])


_REVIEWS = {
    Answer.REVIEWED: (Speaks.AGAINST, Reason.REVIEWED),
    Answer.LATE: (Speaks.NEITHER, Reason.REVIEWED),
    Answer.WAITING: (Speaks.NEITHER, Reason.WAITING),
    Answer.SILENCE: (Speaks.FOR, Reason.SILENCE),
    Answer.UNHEARD: (Speaks.UNKNOWN, Reason.NO_DATA),
}


def adl_point(reading: AdlReading) -> PlaybookPoint:
    """What exchanges say of auto-deleveraging: a review after a shock is good news, silence is not."""
    if any(state.risk and not state.is_stale for state in reading.states):
        return PlaybookPoint("adl", Speaks.FOR, Reason.RISK_UP)
    if reading.review is not None:
        return PlaybookPoint("adl", *_REVIEWS[reading.review.answer])
    if reading.quality is not Quality.OK:
        return PlaybookPoint("adl", Speaks.UNKNOWN, Reason.NO_DATA)
    return PlaybookPoint("adl", Speaks.AGAINST, Reason.CALM)
