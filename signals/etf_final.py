"""When the ETF flow of a session is final, judged from what its source said before and says now.

Issuers report from the evening of a session to the next afternoon, so the first numbers are partial sums. A
number that is not final yet is preliminary: fit to be shown, not to be judged by.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from signals.calendar import last_closed_session, session_on
from signals.etf_flow import final_by
from signals.facts import EtfFlow

SAME_NUMBER_USD = 150_000.0
"""Two numbers are the same one up to here: sums of amounts that were rounded to 0.1 m."""
REVISION_USD = 1_000_000.0
"""A final number that moves by more was revised; what is less is noise of the source and is passed over."""
AGREE_AFTER = timedelta(minutes=60)
"""Two answers so far apart that say the same settle a number."""

SAY_WHEN_COMPLETE = frozenset({"sosovalue", "farside"})
"""The sources that tell whether every fund has reported. Of the others only the clock can be believed."""

_HISTORY = time(13, 30, tzinfo=UTC)
_NOTHING_JUDGED = datetime.min.replace(tzinfo=UTC)


class Finality(StrEnum):
    """Why a number is final, or why not."""

    AGREED = "agreed"
    DEADLINE = "deadline"
    HISTORY = "history"
    STANDS = "stands"

    NO_SESSION = "no_session"
    NOT_OVER = "not_over"
    INCOMPLETE = "incomplete"
    SUM_DIFFERS = "sum_differs"
    ZERO_UNCONFIRMED = "zero_unconfirmed"
    TOO_YOUNG = "too_young"


class Number(NamedTuple):
    """A number of a session as it is to be kept, why it is final or not, and what stood before it."""

    flow: EtfFlow
    reason: Finality
    before: EtfFlow | None = None
    final_before: EtfFlow | None = None

    @property
    def is_news(self) -> bool:
        """Whether it says anything that was not known: another total, or that it is final or complete."""
        return self.before is None or _told(self.flow) != _told(self.before)

    @property
    def is_revision(self) -> bool:
        """Whether it takes the place of a number that had been final."""
        return self.final_before is not None and self.reason is Finality.AGREED


@dataclass(frozen=True, slots=True)
class Settled:
    """What a source's answer comes to: the numbers to keep, and those that no session can have."""

    numbers: tuple[Number, ...]
    rejected: tuple[Number, ...]


def settle(
    answer: Iterable[EtfFlow],
    stored: Sequence[EtfFlow],
    now: datetime,
    judged_by: datetime = _NOTHING_JUDGED,
) -> Settled:
    """What a source's answer comes to at `now`, given every number that any source gave before.

    The flows of the answer carry the moment of the answer as `known_at` and no `final_at`; those in `stored`
    the moment at which their source first said so. `judged_by`: up to when the condition has been judged.
    """
    numbers = [_number(flow, stored, now, judged_by) for flow in answer]
    impossible = (Finality.NO_SESSION, Finality.NOT_OVER)
    return Settled(
        tuple(number for number in numbers if number.reason not in impossible),
        tuple(number for number in numbers if number.reason in impossible),
    )


def known_as_history(session: date) -> datetime:
    """The moment at which a number counts as known of which nobody noted the time."""
    return datetime.combine(session + timedelta(days=1), _HISTORY)


def _number(flow: EtfFlow, stored: Sequence[EtfFlow], now: datetime, judged_by: datetime) -> Number:
    of_session = [s for s in stored if (s.asset, s.session) == (flow.asset, flow.session)]
    before = sorted((s for s in of_session if s.source == flow.source), key=lambda s: s.known_at)
    others = [other for other in of_session if other.source != flow.source]
    last = before[-1] if before else None
    final = next((number for number in reversed(before) if number.final_at), None)
    if final and abs(final.total_usd - flow.total_usd) <= REVISION_USD:
        return Number(replace(final, known_at=flow.known_at), Finality.STANDS, last, final)
    reason = _doubt(flow, others, now) or _maturity(flow, before, now, revises=final is not None)
    return Number(_dated(flow, reason, now, judged_by), reason, last, final)


def _doubt(flow: EtfFlow, others: Iterable[EtfFlow], now: datetime) -> Finality | None:
    """What keeps a number from being final however long it stands."""
    session = session_on(flow.session)
    if session is None:
        return Finality.NO_SESSION
    if now < session.closes:
        return Finality.NOT_OVER
    if not flow.complete and (flow.source in SAY_WHEN_COMPLETE or now < final_by(flow.session)):
        return Finality.INCOMPLETE
    if flow.funds_usd and abs(flow.total_usd - sum(flow.funds_usd.values())) > SAME_NUMBER_USD:
        return Finality.SUM_DIFFERS
    # Zero is also what a table shows before anybody has reported.
    if flow.total_usd == 0 and not any(abs(other.total_usd) <= SAME_NUMBER_USD for other in others):
        return Finality.ZERO_UNCONFIRMED
    return None


def _maturity(flow: EtfFlow, before: Sequence[EtfFlow], now: datetime, *, revises: bool) -> Finality:
    """Whether a number that nothing speaks against has stood for long enough."""
    same = list(takewhile(lambda number: _is_same(number, flow), reversed(before)))
    if same and now - same[-1].known_at >= AGREE_AFTER:
        return Finality.AGREED
    # A final number gives way only to one that was seen twice: a single odd answer must not move a verdict.
    if revises or now < final_by(flow.session):
        return Finality.TOO_YOUNG
    return Finality.DEADLINE if before else Finality.HISTORY


def _dated(flow: EtfFlow, reason: Finality, now: datetime, judged_by: datetime) -> EtfFlow:
    if reason is Finality.HISTORY:
        known_at = known_as_history(flow.session)
        # Dated back behind what has been judged, the newest number would never be judged by.
        if known_at <= judged_by and flow.session == last_closed_session(now).day:
            known_at = now
        return replace(flow, known_at=known_at, final_at=known_at)
    return replace(flow, final_at=now) if reason in (Finality.AGREED, Finality.DEADLINE) else flow


def _is_same(before: EtfFlow, after: EtfFlow) -> bool:
    return abs(before.total_usd - after.total_usd) <= SAME_NUMBER_USD


def _told(flow: EtfFlow) -> tuple[float, bool, bool]:
    return flow.total_usd, flow.complete, flow.final_at is not None
