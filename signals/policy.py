"""Who is told what: the decision for one alert and one chat, always with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from signals.conditions import Change, State
from signals.moments import to_ms

Sound = Literal["sound", "silent"]


class Reason(StrEnum):
    """Why a chat is told, or not."""

    SUBSCRIBED = "subscribed"
    PROGRESS = "progress"
    """Only progress towards a state: told without a sound."""
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


def is_news(changes: Iterable[Change], now: datetime, lifetime: timedelta, *, first_look: bool) -> Reason:
    """Whether changes of one moment are worth an alert: `SUBSCRIBED`, or why they are not."""
    if first_look:
        return Reason.FIRST_LOOK
    oldest_ms = to_ms(now - lifetime)
    return Reason.SUBSCRIBED if any(change.at_ms > oldest_ms for change in changes) else Reason.OUTDATED


def decide(changes: Iterable[Change], hearing: Hearing, now: datetime) -> Decision:
    """Whether and how one chat is told of changes that belong together."""
    heard = [change for change in changes if change.id in hearing.topics]
    if not heard:
        return Decision(tell=False, silent=True, reason=Reason.NOT_SUBSCRIBED)
    if hearing.muted_until and now < hearing.muted_until:
        return Decision(tell=False, silent=True, reason=Reason.MUTED)
    if all(_is_progress(change) for change in heard):
        return Decision(tell=True, silent=True, reason=Reason.PROGRESS)
    loud = any(hearing.topics[change.id] == "sound" for change in heard if not _is_progress(change))
    return Decision(tell=True, silent=not loud, reason=Reason.SUBSCRIBED)


def _is_progress(change: Change) -> bool:
    return State.HOLDING in {change.from_state, change.to_state} and change.to_state != State.MET
