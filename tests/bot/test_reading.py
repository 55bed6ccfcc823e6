"""The market is read anew beside the event loop: looks and facts go on meanwhile, and none is lost."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.table import answer
from bot.desk import Desk
from bot.reading import read_beside
from bot.settings import Settings
from bot.watching.live import read_anew
from bot.watching.watch import Watch
from signals.conditions import Change, Kind
from signals.facts import BINANCE_BTC, COINBASE_BTC, Candle, Fact, Quote
from signals.levels import Band, Levels, LevelsSet
from signals.moments import to_ms
from storage.alerts import SavedChange, raise_alert, read_changes
from storage.database import Database, StorageError, open_database
from storage.market import load_market, save_facts
from tests.bot.desks import NOW, ask_of

MINUTE = timedelta(minutes=1)
LEVELS = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(open_database(tmp_path / "aftershock.db")) as db:
        yield Desk(db, Settings(_env_file=None), lambda: NOW)  # type: ignore[call-arg]  # pydantic's own


class Gate:
    """Where the market is read: what was read waits in its thread until the test lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = asyncio.Event()
        self.opened = threading.Event()
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr("bot.watching.watch.load_market", self._read)

    def _read(self, db: Database, since: Any) -> Any:
        market = load_market(db, since)
        self._loop.call_soon_threadsafe(self.reached.set)
        assert self.opened.wait(30), "nothing went on while the market was read"
        return market


def quote(minute: int, price: float, instrument: Any = BINANCE_BTC) -> Quote:
    at = NOW + minute * MINUTE
    return Quote(instrument, at, price, price, at)


def bar(closed_at: datetime, price: float) -> Candle:
    return Candle(BINANCE_BTC, 5 * MINUTE, closed_at - 5 * MINUTE, price, price, price, price, 1.0)


def hear(watch: Watch, desk: Desk, *facts: Fact) -> None:
    save_facts(desk.db, facts)
    watch.see(facts)


async def test_what_comes_while_the_market_is_read_anew_stays_and_what_storage_threw_away_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(desk, lambda _chat, _news: ("", ()), lambda: None)
    save_facts(desk.db, [quote(-2, 1.0), quote(-1, 2.0)])
    await watch.load_beside()
    desk.market = desk.market.add([quote(-9, 9.0)])  # Of memory only: it was thrown away.
    gate = Gate(monkeypatch)

    reading = asyncio.create_task(watch.reload_market())
    await gate.reached.wait()
    for minute in range(3):
        hear(watch, desk, quote(minute, 3.0 + minute), quote(minute, 7.0, COINBASE_BTC))
        await asyncio.sleep(0)
    desk.set_levels(LevelsSet(LEVELS, NOW, set_by=7))
    hear(watch, desk, quote(-1, 2.5))
    gate.opened.set()
    await reading

    assert desk.market.track(BINANCE_BTC).price.tolist() == [1.0, 2.5, 3.0, 4.0, 5.0]
    assert desk.market.track(COINBASE_BTC).price.tolist() == [7.0, 7.0, 7.0]
    assert [each.levels for each in desk.market.levels] == [LEVELS]


async def test_a_market_that_cannot_be_read_anew_stays_and_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save_facts(desk.db, [quote(-1, 2.0)])
    watch, tried = Watch(desk, lambda _chat, _news: ("", ()), lambda: None), asyncio.Event()
    await watch.load_beside()
    loop = asyncio.get_running_loop()
    answers = iter((StorageError("the disk is gone"), RuntimeError("a bug")))

    def read(db: Database, since: Any) -> Any:
        for error in answers:
            raise error
        loop.call_soon_threadsafe(tried.set)
        return load_market(db, since)

    monkeypatch.setattr("bot.watching.watch.load_market", read)
    going_on = asyncio.create_task(read_anew(watch, every=timedelta(0)))
    await tried.wait()
    going_on.cancel()
    assert "the market was not read anew: the disk is gone" in caplog.text
    assert "a bug" in caplog.text
    assert desk.market.track(BINANCE_BTC).price.tolist() == [2.0]


async def test_what_is_read_beside_is_of_one_moment(desk: Desk) -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def count(db: Database) -> list[int]:
        counts = [len(load_market(db).track(BINANCE_BTC))]
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(30)
        return [*counts, len(load_market(db).track(BINANCE_BTC))]

    save_facts(desk.db, [quote(0, 1.0)])
    reading = asyncio.create_task(read_beside(desk.db, count))
    await begun.wait()
    save_facts(desk.db, [quote(1, 1.0)])
    go_on.set()
    assert await reading == [1, 1]
    assert await read_beside(desk.db, lambda db: len(load_market(db).track(BINANCE_BTC))) == 2


def test_the_end_of_the_program_does_not_wait_for_what_is_read(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    came_to_an_end: list[bool] = []

    def read(_: Database) -> None:
        begun.set()
        came_to_an_end.append(go_on.wait(30))

    async def program() -> None:
        with closing(open_database(tmp_path / "aftershock.db")) as db:
            reading = asyncio.create_task(read_beside(db, read))
            while not begun.is_set():  # noqa: ASYNC110  # it is another thread that sets it
                await asyncio.sleep(0)
            reading.cancel()

    asyncio.run(program())
    assert came_to_an_end == []
    go_on.set()


async def test_the_scorecard_holds_nobody_up_and_says_what_it_says_in_memory(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = NOW - timedelta(days=3)
    change = Change(to_ms(at), Kind.CONDITION, "premium", "unmet", "met", "session_positive", {})
    raise_alert(desk.db, at, at, [change])
    save_facts(desk.db, [bar(at, 100.0), bar(at + timedelta(days=1), 103.0)])
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def read(db: Database, *, limit: int) -> list[SavedChange]:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(30), "nothing went on while the scorecard was worked out"
        return read_changes(db, limit=limit)

    monkeypatch.setattr("bot.commands.scorecard.read_changes", read)
    asking = asyncio.create_task(answer(ask_of(desk), "scorecard"))
    await begun.wait()
    save_facts(desk.db, [quote(1, 1.0)])
    go_on.set()
    assert "BTC +3.0 %" in (await asking).text
