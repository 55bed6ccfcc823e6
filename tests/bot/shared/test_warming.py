"""A process that stands by gets ready to lead, and nothing that counts has changed by that."""

import asyncio

import pytest

from bot.desk import Desk
from bot.settings import Settings
from bot.shared import warming, worker
from bot.surroundings import utc_now
from signals.market import Market
from storage.database import open_database


async def test_whoever_stands_by_imports_and_judges_once_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()

    def judged(_: Desk, market: Market, __: object) -> None:
        done.append(market)
        loop.call_soon_threadsafe(ready.set)

    monkeypatch.setattr(warming, "load_library", lambda: done.append("library"))
    monkeypatch.setattr(Desk, "judged", judged)
    async with asyncio.timeout(10), worker.standing_by(open_database(":memory:"), Settings()):
        assert done == []
        await ready.wait()
    assert done == ["library", Market()]


async def test_who_cannot_get_ready_stands_by_all_the_same(monkeypatch, caplog) -> None:
    def load() -> None:
        raise ImportError("no ccxt")

    monkeypatch.setattr(warming, "load_library", load)
    await warming.warm_up(Desk(open_database(":memory:"), Settings(), utc_now))
    assert caplog.messages == ["Bug: this process cannot get ready to lead"]
