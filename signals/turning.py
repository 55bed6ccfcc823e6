"""Turning back: whether a change takes back what was told of its subject before.

Somebody who scrolls to an old alert should find out from there that it does not hold any more, so the alert
that takes it back answers it. A state that goes further the same way takes nothing back.
"""

from signals.conditions import Alarm, Change, Kind, State
from signals.episode import ShockState

_GOES_FURTHER = {(State.HOLDING, State.MET)}
"""What was told came true: nobody has to be told that it does not hold."""


def takes_back(change: Change, told_state: str) -> bool:
    """Whether a change ends what an alert told before, which was that its subject came to `told_state`."""
    if change.to_state == told_state:
        return False
    match change.kind:
        case Kind.WARNING:
            # A warning that comes on again is a new one, however the last one ended.
            return told_state == Alarm.ON
        case Kind.SHOCK:
            return told_state == ShockState.OPEN
        case _:
            return (told_state, change.to_state) not in _GOES_FURTHER
