"""Who leads: every row of the decisions, and that no two can lead by them at once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lead.decision import (
    EXPIRES_AFTER,
    GIVEN_UP_AFTER,
    RENEWED_EVERY,
    STUCK_AFTER,
    Act,
    Signs,
    go_on,
    stand_by,
)
from bot.lead.keeper import LOOKS_EVERY
from storage.lease import Lease

SECOND, NOTHING = timedelta(seconds=1), timedelta(0)


def lease(renewed_ago: timedelta) -> Lease:
    return Lease("worker-a", 7, 4711, renewed_ago)


@pytest.mark.parametrize(
    ("has_lock", "known", "act", "reason"),
    [
        (True, None, Act.LEAD, "nobody else holds the lock"),
        # A leader that was killed: its lease looks fresh, and its lock is free.
        (True, lease(NOTHING), Act.LEAD, "nobody else holds the lock"),
        (True, lease(1000 * SECOND), Act.LEAD, "nobody else holds the lock"),
        (False, None, Act.STAND_BY, "another process begins to lead"),
        (False, lease(NOTHING), Act.STAND_BY, "worker-a leads"),
        (False, lease(EXPIRES_AFTER), Act.STAND_BY, "worker-a leads"),
        (
            False,
            lease(6.5 * SECOND),
            Act.END_THE_OLD,
            "worker-a holds the lock and has said nothing for 6.5 s",
        ),
        # The clock of the database was set back.
        (False, lease(-1000 * SECOND), Act.STAND_BY, "worker-a leads"),
    ],
)
def test_whoever_stands_by(has_lock, known, act, reason):
    assert stand_by(known, has_lock=has_lock) == (act, reason)


@pytest.mark.parametrize(
    ("signs", "act", "reason"),
    [
        (Signs(False, NOTHING, NOTHING), Act.GO_ON, "the lease is renewed"),
        (Signs(None, GIVEN_UP_AFTER, STUCK_AFTER), Act.GO_ON, "the lease is renewed"),
        (Signs(True, NOTHING, NOTHING), Act.STEP_DOWN, "another process has taken the lead"),
        (Signs(False, 3.1 * SECOND, NOTHING), Act.STEP_DOWN, "the lease could not be renewed for 3.1 s"),
        (
            Signs(False, NOTHING, 20.5 * SECOND),
            Act.STEP_DOWN,
            "the program is stuck, or its connection is, for 20.5 s",
        ),
        # Reading two months of prices on a busy machine.
        (Signs(False, SECOND, 10 * SECOND), Act.GO_ON, "the lease is renewed"),
    ],
)
def test_whoever_leads(signs: Signs, act: Act, reason: str) -> None:
    assert go_on(signs) == (act, reason)


@given(st.timedeltas(NOTHING, timedelta(minutes=1)))
def test_a_leader_has_given_up_before_its_lease_may_be_taken(silence: timedelta) -> None:
    """With as much as a look and a renewal between the two clocks, which both go on at the same rate."""
    in_the_middle = silence - LOOKS_EVERY - RENEWED_EVERY
    if stand_by(lease(silence), has_lock=False).act is Act.END_THE_OLD:
        assert go_on(Signs(None, in_the_middle, NOTHING)).act is Act.STEP_DOWN
