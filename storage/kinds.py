"""The kinds of deliveries: in which lane each is sent, and for how long it is worth sending.

    reply > alert > edit > digest > broadcast

Over all chats a lane goes before the next one, and within a lane the more urgent first. Within one chat
alerts, digests and notices keep their order, whatever their lanes: a digest that came after the alert that
made it obsolete would tell the past as news. What is ahead of an alert there is hastened with it. Only a
reply overtakes, for somebody waits for it and it says of what moment it is, and only a broadcast gives way.
"""

from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple

_DAY = timedelta(days=1)


class Lane(IntEnum):
    """Which deliveries go first, over all chats. Edits of boards are no deliveries, but have their lane."""

    REPLY = 0
    ALERT = 1
    EDIT = 2
    DIGEST = 3
    BROADCAST = 4


class Kind(NamedTuple):
    """`lifetime`: an older one is not sent. `urgency`: 0 (the most) to 9, where it has none of its own.

    `is_numbered`: its text shows a number that nothing else has, by which one that comes twice is recognised.
    """

    lane: Lane
    lifetime: timedelta
    urgency: int = 5
    is_numbered: bool = False


KINDS = {
    "answer": Kind(Lane.REPLY, timedelta(minutes=10)),  # one that comes later has been asked for again
    "test": Kind(Lane.REPLY, timedelta(minutes=10)),  # the test post of a channel
    "back": Kind(Lane.REPLY, timedelta(hours=1)),  # the bot may write again
    "channel": Kind(Lane.REPLY, _DAY),  # the bot was added to a channel, or lost its rights there
    "alert": Kind(Lane.ALERT, _DAY, is_numbered=True),  # later it is not news any more
    "own": Kind(Lane.ALERT, _DAY, urgency=2, is_numbered=True),  # as urgent as a condition
    "rights": Kind(Lane.ALERT, _DAY, urgency=8),  # the bot may not write in a chat: to its keepers
    "admission": Kind(Lane.ALERT, timedelta(days=7), urgency=9),  # may the bot be in a chat: to operators
    "notice": Kind(Lane.EDIT, timedelta(hours=1)),  # a board that cannot be pinned
    "digest": Kind(Lane.DIGEST, _DAY, is_numbered=True),
    "brief": Kind(Lane.DIGEST, timedelta(hours=3)),  # it is about the morning
    "broadcast": Kind(Lane.BROADCAST, _DAY),
}
"""Every kind that there is."""

_URGENCIES = 10
_OVERTAKES, _IN_ORDER, _GIVES_WAY = range(3)
_TURNS = {Lane.REPLY: _OVERTAKES, Lane.BROADCAST: _GIVES_WAY}


def rank_of(kind: str, urgency: int | None = None) -> int:
    """The place of a delivery among those of all chats, the lowest first. `urgency` None: the usual one.

    Raises:
        KeyError: there is no such kind.
    """
    usual = KINDS[kind]
    return first_rank(usual.lane) + min(usual.urgency if urgency is None else urgency, _URGENCIES - 1)


def first_rank(lane: int) -> int:
    """The lowest rank of a lane."""
    return lane * _URGENCIES


def turn_of(kind: str) -> int:
    """The place of a delivery among those of its chat: of those with the same turn the oldest goes first."""
    return _TURNS.get(KINDS[kind].lane, _IN_ORDER)
