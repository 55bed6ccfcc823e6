"""Who is told what, and when: the decision for one alert and one chat, always with its reason.

An alert is told now, held until a moment at which it is decided anew, or not told. Once nothing holds it any
more, all that a chat was not told of is summed up (`signals.summing`) and told in one message.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Literal, NamedTuple

from signals.conditions import Alarm, Change, Kind, State, Verdict
from signals.episode import ShockState
from signals.moments import to_ms
from signals.quiet_hours import QuietHours, next_day

Sound = Literal["sound", "silent"]


class Reason(StrEnum):
    """Why a chat is told, is told later, or is not."""

    SUBSCRIBED = "subscribed"
    PROGRESS = "progress"
    """Only progress towards a state: told without a sound."""
    ENDED = "ended"
    """Only warnings that ended: told without a sound."""
    QUIET = "quiet"
    """A warning that is off came to have data, or to have none: nobody is helped by hearing of it."""
    MUTED = "muted"
    QUIET_HOURS = "quiet_hours"
    COOLDOWN = "cooldown"
    """The chat was told of the same subjects a short while ago: what becomes of them is told later."""
    CAP = "cap"
    """The chat has got as many alerts today as it wants on one day."""
    NOT_SUBSCRIBED = "not_subscribed"
    OUTDATED = "outdated"
    FIRST_LOOK = "first_look"
    """Worked out from facts from before the watch began: history, not news."""


class Decision(NamedTuple):
    """Whether to tell, how, and why. Where `until` is given it is held, and decided anew then."""

    tell: bool
    silent: bool
    reason: Reason
    until: datetime | None = None


class Hold(NamedTuple):
    """Why something is held back, and until when."""

    reason: Reason
    until: datetime


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a thread of a chat wants to hear, what keeps it from hearing now, and what it heard of late."""

    topics: dict[str, Sound]
    muted_until: datetime | None = None
    quiet_hours: QuietHours | None = None
    zone: tzinfo = UTC
    """Its quiet hours and its days are meant in it."""
    verdict_always: bool = False
    """Whether what concerns the verdict is told whatever holds the rest."""
    cap: int = 0
    """How many alerts it gets on one day at most; 0: no cap."""
    told_today: int = 0
    cooldown: timedelta = timedelta(0)
    last_told: Mapping[str, datetime] = field(default_factory=dict)
    """When it was last told of each subject, as far as that is not long ago."""
    held: Mapping[str, Hold] = field(default_factory=dict)
    """What is held back from it at present, by subject."""


def is_worth_telling(change: Change) -> bool:
    """Whether anybody may want to hear of a change: of a warning only that it is on, or is no longer.

    A change to the very same state is there only to be told: that nothing was watched for a while.
    """
    states = {change.from_state, change.to_state}
    return change.kind is not Kind.WARNING or Alarm.ON in states or len(states) == 1


def is_news(changes: Iterable[Change], now: datetime, lifetime: timedelta, *, first_look: bool) -> Reason:
    """Whether changes of one moment are worth an alert: `SUBSCRIBED`, or why they are not."""
    if first_look:
        return Reason.FIRST_LOOK
    telling = [change for change in changes if is_worth_telling(change)]
    if not telling:
        return Reason.QUIET
    oldest_ms = to_ms(now - lifetime)
    return Reason.SUBSCRIBED if any(change.at_ms > oldest_ms for change in telling) else Reason.OUTDATED


def heard(changes: Iterable[Change], topics: Collection[str]) -> list[Change]:
    """The changes that somebody with these topics hears of."""
    return [change for change in changes if change.id in topics and is_worth_telling(change)]


def decide(changes: Iterable[Change], hearing: Hearing, now: datetime) -> Decision:
    """Whether, when and how one chat is told of changes that belong together."""
    mine = heard(changes, hearing.topics)
    if not mine:
        return Decision(tell=False, silent=True, reason=Reason.NOT_SUBSCRIBED)
    hold = None if _breaks_through(mine, hearing) else _why_held(mine, hearing, now)
    if hold is not None:
        return Decision(tell=False, silent=True, reason=hold.reason, until=hold.until)
    silent, reason = loudness(mine, hearing.topics)
    return Decision(tell=True, silent=silent, reason=reason)


def hush(hearing: Hearing, now: datetime) -> Hold | None:
    """What keeps a chat from hearing anything at a moment: its mute, or its quiet hours."""
    if hearing.muted_until and now < hearing.muted_until:
        return Hold(Reason.MUTED, hearing.muted_until)
    end = hearing.quiet_hours.end_of(now, hearing.zone) if hearing.quiet_hours else None
    return Hold(Reason.QUIET_HOURS, end) if end else None


def capped(hearing: Hearing, now: datetime) -> Hold | None:
    """Whether a chat has had its alerts for today."""
    if hearing.cap and hearing.told_today >= hearing.cap:
        return Hold(Reason.CAP, next_day(now, hearing.zone))
    return None


def hold_again(reasons: Collection[str], hearing: Hearing, now: datetime) -> Hold | None:
    """Why what was held for these reasons cannot be told yet, once its time has come; None where it can.

    What a mute or quiet hours held comes whatever the cap says: it is one message, and promised.
    """
    if (still := hush(hearing, now)) is not None:
        return still
    return capped(hearing, now) if set(reasons) <= {Reason.COOLDOWN, Reason.CAP} else None


def loudness(mine: Iterable[Change], topics: Mapping[str, Sound]) -> tuple[bool, Reason]:
    """Whether changes that are heard make no sound, and why they are told."""
    hushed = {change.id: _why_hushed(change) for change in mine}
    if all(hushed.values()):
        return True, Reason.PROGRESS if Reason.PROGRESS in hushed.values() else Reason.ENDED
    loud = any(topics[id_] == "sound" for id_, why in hushed.items() if why is None)
    return not loud, Reason.SUBSCRIBED


def urgency(change: Change) -> int:
    """The place of a change among others, the most urgent first: 0 for the verdict."""
    if change.kind is Kind.WARNING:
        return 3 if change.to_state == Alarm.ON else 4
    return (Kind.VERDICT, Kind.SHOCK, Kind.CONDITION).index(change.kind)


def _breaks_through(mine: Iterable[Change], hearing: Hearing) -> bool:
    return hearing.verdict_always and any(change.kind is Kind.VERDICT for change in mine)


def _why_held(mine: Iterable[Change], hearing: Hearing, now: datetime) -> Hold | None:
    return hush(hearing, now) or _resting(mine, hearing, now) or capped(hearing, now)


def _resting(mine: Iterable[Change], hearing: Hearing, now: datetime) -> Hold | None:
    """The cooldown, where every change has to wait for it: one that is free takes the others along."""
    rests = [_rest(change, hearing, now) for change in mine]
    holds = [rest for rest in rests if rest is not None]
    return max(holds, key=lambda hold: hold.until) if len(holds) == len(rests) else None


def _rest(change: Change, hearing: Hearing, now: datetime) -> Hold | None:
    """Why a change waits for what was told, or is held, of its subject."""
    if is_pressing(change):
        return None
    # What follows something that is held is held with it, for only both together say what became of it.
    if (hold := hearing.held.get(change.id)) is not None:
        return hold
    told_at = hearing.last_told.get(change.id)
    if told_at is None or now >= told_at + hearing.cooldown:
        return None
    return Hold(Reason.COOLDOWN, told_at + hearing.cooldown)


def is_pressing(change: Change) -> bool:
    """Whether a change waits for no cooldown, because it is why people listen, or can be no mere flap.

    Those are the verdict between fragile and broken, a shock that opens or deepens, a warning that got worse.
    """
    match change.kind:
        case Kind.VERDICT:
            return Verdict.UNKNOWN not in {change.from_state, change.to_state}
        case Kind.SHOCK:
            return change.to_state == ShockState.OPEN
        case _:
            return change.from_state == change.to_state


def _why_hushed(change: Change) -> Reason | None:
    """Why a change makes no sound by itself; None where it does."""
    if change.kind is Kind.WARNING:
        return None if change.to_state == Alarm.ON else Reason.ENDED
    if State.HOLDING in {change.from_state, change.to_state} and change.to_state != State.MET:
        return Reason.PROGRESS
    return None


def decide_own(fired_at: datetime, hearing: Hearing, now: datetime, lifetime: timedelta) -> Decision:
    """Whether, when and how a chat is told that a rule of its own became true.

    It asked for exactly this: only its mute, its quiet hours, or age, keeps it away, and no cap or cooldown.
    """
    if fired_at <= now - lifetime:
        return Decision(tell=False, silent=True, reason=Reason.OUTDATED)
    if (hold := hush(hearing, now)) is not None:
        return Decision(tell=False, silent=True, reason=hold.reason, until=hold.until)
    return Decision(tell=True, silent=False, reason=Reason.SUBSCRIBED)
