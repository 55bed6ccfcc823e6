"""The fence and the keeper with clocks of their own, and the threads of a real one."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.lead import keeper
from bot.lead.decision import GIVEN_UP_AFTER, STUCK_AFTER
from bot.lead.fence import CONFIRMED_FOR, TAKEN_OVER_AFTER, Fence
from bot.lead.keeper import Keeper
from bot.lead.ticker import Ticker
from storage.database import StorageError

STEP = CONFIRMED_FOR.total_seconds() / 2


@dataclass
class World:
    """A clock, and a database that may have another leader by now or be silent."""

    now: float = 100.0
    leads: bool = True
    is_silent: bool = False
    asked: int = 0
    told: list[str] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def is_leading(self) -> bool:
        self.asked += 1
        if self.is_silent:
            raise StorageError("postgresql://db: the connection was lost")
        return self.leads

    def fence(self) -> Fence:
        return Fence(self.is_leading, self.clock)

    def keeper(self, fence: Fence) -> Keeper:
        return Keeper(fence, self.is_leading, lambda: self.told.append("cut"), self.told.append, self.clock)


def test_an_answer_counts_for_a_moment_and_then_the_database_is_asked_again() -> None:
    world = World()
    fence = world.fence()
    assert (fence.is_open(), world.asked) == (True, 0)
    world.now += STEP
    assert (fence.is_open(), world.asked) == (True, 0)
    world.now += 2 * STEP
    assert (fence.is_open(), fence.is_open(), world.asked) == (True, True, 1)


@pytest.mark.parametrize("what", ["another leads", "silence"])
def test_the_fence_closes_for_good_where_the_lead_is_not_confirmed(what: str) -> None:
    world = World()
    fence = world.fence()
    world.now += 3 * STEP
    world.leads, world.is_silent = what == "silence", what == "silence"
    assert not fence.is_open()
    world.leads, world.is_silent = True, False
    assert not fence.is_open()


def test_an_answer_that_was_long_in_coming_counts_from_when_it_was_asked_for() -> None:
    world = World()
    fence = world.fence()
    was_leading = world.is_leading

    def slowly() -> bool:
        world.now += 10 * STEP
        return was_leading()

    fence._is_leading = slowly
    assert fence.confirm()
    assert world.now - fence.spoke_at > CONFIRMED_FOR.total_seconds()


def test_a_new_leader_waits_for_longer_than_any_answer_counts() -> None:
    assert TAKEN_OVER_AFTER > CONFIRMED_FOR


def test_a_lease_that_is_renewed_keeps_the_lead() -> None:
    world = World()
    fence = world.fence()
    keeper = world.keeper(fence)
    for _ in range(10):
        world.now += GIVEN_UP_AFTER.total_seconds() * 0.9
        fence.confirm()
        keeper.renew()
        keeper.look()
    assert (world.told, fence.is_open()) == ([], True)


def test_the_lead_is_lost_once_with_the_fence_closed_and_the_connection_cut() -> None:
    world = World(is_silent=True)
    fence = world.fence()
    keeper = world.keeper(fence)
    world.now += GIVEN_UP_AFTER.total_seconds()
    keeper.look()
    assert world.told == []
    world.now += 0.5
    for _ in range(3):
        keeper.look()
    assert world.told == ["cut", "the lease could not be renewed for 3.5 s"]
    world.is_silent = False
    assert not fence.is_open()


def test_another_leader_is_noticed_at_the_next_renewal() -> None:
    world = World()
    keeper = world.keeper(world.fence())
    world.leads = False
    keeper.renew()
    keeper.look()
    assert world.told == ["cut", "another process has taken the lead"]


def test_a_program_that_only_renews_its_lease_loses_the_lead() -> None:
    world = World()
    keeper = world.keeper(world.fence())
    world.now += STUCK_AFTER.total_seconds() + 1
    keeper.renew()
    keeper.look()
    assert world.told == ["cut", "the program is stuck, or its connection is, for 21.0 s"]


def test_its_threads_notice_a_silent_database_though_nobody_else_does_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeper, "LOOKS_EVERY", timedelta(milliseconds=1))
    world, lost = World(), threading.Event()
    kept = Keeper(world.fence(), world.is_leading, lambda: None, lambda _: lost.set(), world.clock)
    kept.start()
    assert not lost.is_set()
    world.is_silent = True
    world.now += GIVEN_UP_AFTER.total_seconds() * 2
    assert lost.wait(10)
    kept.stop()


def test_a_tick_that_fails_keeps_no_other_from_coming_and_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    over, full = threading.Event(), StorageError("db: the disk is full")
    errors: list[Exception | None] = [full, full, ValueError("a bug"), full, None, full]

    def tick() -> None:
        if errors and (error := errors.pop(0)):
            raise error
        if not errors:
            over.set()

    ticker = Ticker(tick, timedelta(milliseconds=1), "sign of life")
    ticker.start()
    assert over.wait(10)
    ticker.stop()
    told, bug = "sign of life: db: the disk is full", "sign of life: a bug"
    relief = "sign of life: it is well again"
    assert caplog.messages == [told, bug, relief, told, relief]
    assert "Traceback" in caplog.text
