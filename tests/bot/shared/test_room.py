"""Telegram's limit is one for all processes: what web processes answer, the leader does not send."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from bot.delivery.pace import PAID, TELEGRAM, Pace
from bot.desk import Desk
from bot.shared.messenger import Messenger
from bot.shared.rate import Rate
from bot.shared.room import LeavingRoom
from bot.shared.worker import heeding_others
from storage.chats import ensure_chat
from storage.database import Database, open_database
from storage.processes import is_gone, say_alive
from tests.bot.desks import new_desk

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
ANN = 7


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "shared.db")) as db:
        yield db


def per_second(pace: Pace) -> int:
    return round(timedelta(seconds=1) / pace.gap)


def test_the_leader_sends_as_much_less_as_web_processes_answer(db: Database) -> None:
    ensure_chat(db, ANN, "private", "Ann", NOON)
    now = 100.0
    messenger = Messenger(db, lambda: NOON)
    rate = Rate(lambda: messenger.said, lambda: now)
    usual, paid = Pace(TELEGRAM), Pace(PAID)
    room = LeavingRoom(db, (usual, paid))
    for _ in range(10):
        messenger.note_reply(ANN)
    now += 1.0
    say_alive(db, "web-a", "web", rate.per_second())
    say_alive(db, "web-b", "web", 4)
    room.look()
    assert (per_second(usual), per_second(paid)) == (14, 986)
    now += 1.0
    say_alive(db, "web-a", "web", rate.per_second())
    is_gone(db, "web-b")
    room.look()
    assert (per_second(usual), per_second(paid)) == (28, 1000)


def test_a_sign_of_life_that_comes_late_tells_of_all_that_was_said_meanwhile() -> None:
    said, now = 0, 0.0
    rate = Rate(lambda: said, lambda: now)
    said, now = 25, 10.0
    assert rate.per_second() == 3
    # Two right after one another make no burst of it.
    said, now = 26, 10.001
    assert rate.per_second() == 1
    assert rate.per_second() == 0


async def test_whoever_leads_looks_at_that_all_the_time(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.shared.room.LOOKS_EVERY", timedelta(0))
    with new_desk() as desk:
        bot = Bot(Desk(db, desk.settings, desk.clock), "7:TEST", "http://127.0.0.1:1")
        async with heeding_others(bot), asyncio.timeout(10):
            say_alive(db, "web-a", "web", 8)
            while per_second(bot.pace) != 20:  # noqa: ASYNC110  # it is another task that looks
                await asyncio.sleep(0)
