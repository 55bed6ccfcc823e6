"""Who is told what: the decision for one alert and one chat, always with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from signals.conditions import Alarm, Change, Kind, State
from signals.moments import to_ms

Sound = Literal["sound", "silent"]


class Reason(StrEnum):
    """Why a chat is told, or not."""

    SUBSCRIBED = "subscribed"
    PROGRESS = "progress"
    """Only progress towards a state: told without a sound."""
    ENDED = "ended"
    """Only warnings that ended: told without a sound."""
    QUIET = "quiet"
    """A warning that is off came to have data, or to have none: nobody is helped by hearing of it."""
    MUTED = "muted"
    NOT_SUBSCRIBED = "not_subscribed"
    OUTDATED = "outdated"
    FIRST_LOOK = "first_look"
    """Worked out from facts from before the watch began: history, not news."""


class Decision(NamedTuple):
    """Whether to tell, how, and why."""

    tell: bool
    silent: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a chat wants to hear: topics with their sound, and until when it is muted."""

    topics: dict[str, Sound]
    muted_until: datetime | None = None


def is_worth_telling(change: Change) -> bool:
    """Whether anybody may want to hear of a change: of a warning only that it is on, or is no longer."""
    return change.kind is not Kind.WARNING or Alarm.ON in {change.from_state, change.to_state}


def is_news(changes: Iterable[Change], now: datetime, lifetime: timedelta, *, first_look: bool) -> Reason:
    """Whether changes of one moment are worth an alert: `SUBSCRIBED`, or why they are not."""
    if first_look:
        return Reason.FIRST_LOOK
    telling = [change for change in changes if is_worth_telling(change)]
    if not telling:
        return Reason.QUIET
    oldest_ms = to_ms(now - lifetime)
    return Reason.SUBSCRIBED if any(change.at_ms > oldest_ms for change in telling) else Reason.OUTDATED


def decide(changes: Iterable[Change], hearing: Hearing, now: datetime) -> Decision:
    """Whether and how one chat is told of changes that belong together."""
    heard = [change for change in changes if change.id in hearing.topics and is_worth_telling(change)]
    if not heard:
        return Decision(tell=False, silent=True, reason=Reason.NOT_SUBSCRIBED)
    if hearing.muted_until and now < hearing.muted_until:
        return Decision(tell=False, silent=True, reason=Reason.MUTED)
    hushed = {change.id: _why_hushed(change) for change in heard}
    if all(hushed.values()):
        reason = Reason.PROGRESS if Reason.PROGRESS in hushed.values() else Reason.ENDED
        return Decision(tell=True, silent=True, reason=reason)
    loud = any(hearing.topics[id_] == "sound" for id_, why in hushed.items() if why is None)
    return Decision(tell=True, silent=not loud, reason=Reason.SUBSCRIBED)


def _why_hushed(change: Change) -> Reason | None:
    """Why a change makes no sound by itself; None where it does."""
    if change.kind is Kind.WARNING:
        return None if change.to_state == Alarm.ON else Reason.ENDED
    if State.HOLDING in {change.from_state, change.to_state} and change.to_state != State.MET:
        return Reason.PROGRESS
    return None


def decide_own(
    fired_at: datetime, muted_until: datetime | None, now: datetime, lifetime: timedelta
) -> Decision:
    """Whether and how a chat is told that a rule of its own became true.

    It asked for exactly this, so only its own silence, or age, keeps it away. The rule has fired anyhow.
    """
    if fired_at <= now - lifetime:
        return Decision(tell=False, silent=True, reason=Reason.OUTDATED)
    if muted_until and now < muted_until:
        return Decision(tell=False, silent=True, reason=Reason.MUTED)
    return Decision(tell=True, silent=False, reason=Reason.SUBSCRIBED)
