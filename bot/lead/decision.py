"""Who leads: pure decisions, each with its reason, of whoever stands by and of whoever leads.

The lock of the database decides, and it goes with the connection that writes: whoever is killed loses it at
once, and whoever has lost it cannot write. The lease is for a leader that is cut off: its connection, and
with it its lock, may seem alive to the database for minutes. It gives up before anybody ends that connection.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from storage.lease import Lease

RENEWED_EVERY = timedelta(seconds=1)
GIVEN_UP_AFTER = timedelta(seconds=3)
"""A leader that could not renew its lease for so long does not send or judge any more."""
EXPIRES_AFTER = timedelta(seconds=4.5)
"""A lease that was not renewed for so long may be taken: a second or two after its holder has given it up."""
STUCK_AFTER = timedelta(seconds=20)
"""A program that only renews its lease does not lead. Making an alert for very many chats takes seconds."""


class Act(StrEnum):
    """What to do."""

    LEAD = "lead"
    STAND_BY = "stand by"
    END_THE_OLD = "end the connection of the old leader"
    GO_ON = "go on"
    STEP_DOWN = "step down"


class Decision(NamedTuple):
    """What to do, and why: a line for the log."""

    act: Act
    reason: str


def stand_by(lease: Lease | None, *, has_lock: bool) -> Decision:
    """What a process does that does not lead."""
    if has_lock:
        return Decision(Act.LEAD, "nobody else holds the lock")
    if lease is None:
        return Decision(Act.STAND_BY, "another process begins to lead")
    if lease.renewed_ago > EXPIRES_AFTER:
        ago = lease.renewed_ago.total_seconds()
        return Decision(
            Act.END_THE_OLD, f"{lease.holder} holds the lock and has said nothing for {ago:.1f} s"
        )
    return Decision(Act.STAND_BY, f"{lease.holder} leads")


class Signs(NamedTuple):
    """What a leader knows of itself.

    `is_taken`: whether another has taken the lead, None where that could not be asked yet. `renewed_ago`:
    since the lease was renewed; `spoke_ago`: since the database answered over the connection of the lock.
    """

    is_taken: bool | None
    renewed_ago: timedelta
    spoke_ago: timedelta


def go_on(signs: Signs) -> Decision:
    """What a process does that leads."""
    if signs.is_taken:
        return Decision(Act.STEP_DOWN, "another process has taken the lead")
    if signs.renewed_ago > GIVEN_UP_AFTER:
        ago = signs.renewed_ago.total_seconds()
        return Decision(Act.STEP_DOWN, f"the lease could not be renewed for {ago:.1f} s")
    if signs.spoke_ago > STUCK_AFTER:
        ago = signs.spoke_ago.total_seconds()
        return Decision(Act.STEP_DOWN, f"the program is stuck, or its connection is, for {ago:.1f} s")
    return Decision(Act.GO_ON, "the lease is renewed")
