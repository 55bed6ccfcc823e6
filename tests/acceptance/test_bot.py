"""Stories of the whole bot as a real process, with Telegram and all venues on loopback, in real time."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground.cast import Cast, gather_cast
from bot.playground.refusals import RefusedError
from bot.playground.server import PlaygroundServer
from signals.facts import BINANCE_ETH, COINBASE_ETH, KRAKEN_ETH
from storage.alerts import read_changes
from storage.database import open_database
from storage.heartbeat import last_beat, record_beat
from tests.acceptance.process import environment, running_bot
from tests.playground.stage import new_playground
from tests.storage.postgres_server import PASSWORD, PostgresServer
from tests.venues import SOURCES, Fault, Venues

A_MINUTE_AND_SOME = 90.0
ALERT = re.compile(r"^A-(\d+)", re.MULTILINE)
"""An alert's own last line begins so; an answer about it names it within a line."""

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class World:
    server: PlaygroundServer
    venues: Venues
    cast: Cast
    folder: Path
    database: Path | str
    disturb_database: Callable[[], None] = lambda: None

    @property
    def env(self) -> dict[str, str]:
        return environment(self.database, self.server, self.venues)

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    def say(self, text: str) -> None:
        self.server.people.say(self.cast.alice, self.server.telegram.bot, text)

    async def hears(self, containing: str, timeout_s: float = 60.0) -> str:
        return (await self.server.wait_for_message(self.cast.alice, containing, timeout_s=timeout_s)).text


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with new_playground() as server, Venues() as venues:
        yield World(server, venues, gather_cast(server.people), tmp_path, tmp_path / "bot.db")
    assert server.violations == []


@pytest.fixture(params=["sqlite", "postgres"])
def world_on_each_engine(world: World, request: pytest.FixtureRequest) -> World:
    if request.param == "sqlite":
        return world
    server: PostgresServer = request.getfixturevalue("postgres")
    return replace(world, database=server.new_database(empty=True), disturb_database=server.crash_and_start)


async def test_eth_falls_and_the_subscriber_hears_it_though_telegram_fails_and_the_bot_is_killed(
    world_on_each_engine,
):
    """The alert path from a venue's price to a phone, with everything on the way failing once.

    A PostgreSQL crashes too, under a bot that goes on when it is back.
    """
    world = world_on_each_engine
    async with running_bot(world.env, world.log) as bot:
        world.say("/subscribe all")
        await world.hears("ETH/BTC")
        world.say("/status")
        await bot.logs("caught up")
        world.server.faults.add(RefusedError(500, "restart"), "sendMessage", times=10_000)
        for instrument in (BINANCE_ETH, COINBASE_ETH, KRAKEN_ETH):
            world.venues.price(instrument, 3_300.0, 3_300.5)
        failed = await world.server.wait_for_call("sendMessage", ok=False, timeout_s=A_MINUTE_AND_SOME)
        assert "ETH/BTC" in str(failed.params["text"])
        await bot.kill()
    world.server.faults.queued.clear()
    async with running_bot(world.env, world.folder / "second.log") as bot:
        told = await world.hears("A-")
        assert "ETH/BTC" in told.splitlines()[0]
        await bot.logs("caught up")
        world.disturb_database()
        world.say("/why eth")
        assert "ETH/BTC" in await world.hears("not met on")
        assert await bot.terminate() == 0
    numbers = [number for m in world.server.sent(world.cast.alice) for number in ALERT.findall(m.text)]
    assert numbers
    assert len(numbers) == len(set(numbers)), "an alert came twice"
    assert PASSWORD not in world.log.read_text() + bot.log


async def test_without_internet_the_bot_starts_and_says_so(world):
    for source in SOURCES:
        world.venues[source].fault = Fault.CLOSED
    async with running_bot(world.env, world.log) as bot:
        world.say("/status")
        assert "Unknown" in await world.hears("Data:")
        world.venues[SOURCES[0]].fault = None
        assert await bot.terminate() == 0
        assert "Traceback" not in bot.log


async def test_the_token_is_in_no_log_and_no_database(world):
    async with running_bot(world.env | {"AFTERSHOCK_LOG_LEVEL": "DEBUG"}, world.log) as bot:
        world.say("/status")
        await world.hears("Data:")
        assert await bot.terminate() == 0
        secret = world.server.token.split(":")[1]
        assert secret not in bot.log
    for path in world.folder.glob("bot.db*"):
        assert secret.encode() not in path.read_bytes()


async def test_a_second_bot_on_the_same_database_is_refused_with_one_line(world):
    async with running_bot(world.env, world.log):
        world.say("/status")
        await world.hears("Data:")
        async with running_bot(world.env, world.folder / "second.log") as second:
            assert await second.ended() == 1
            [line] = second.log.splitlines()
            assert line.startswith("aftershock: ")
            assert "another bot is running on this database" in line


async def test_a_wrong_token_ends_the_start_with_one_line_that_names_the_setting(world):
    env = world.env | {"TELEGRAM_BOT_TOKEN": "7000000001:wrong"}
    async with running_bot(env, world.log) as bot:
        assert await bot.ended() == 2
        assert bot.log.splitlines()[-1].startswith("aftershock: TELEGRAM_BOT_TOKEN: ")
        assert "wrong" not in bot.log


async def test_what_happened_in_the_past_is_history_and_no_alert(world):
    async with running_bot(world.env, world.log) as bot:
        world.say("/subscribe all")
        await world.hears("ETH/BTC")
        await bot.logs("caught up")
        world.say("/history")
        await world.hears("ETH/BTC")
        assert await bot.terminate() == 0
    db = open_database(world.database)
    changes = read_changes(db, limit=100)
    db.close()
    assert changes
    assert {saved.alert_id for saved in changes} == {None}


async def test_a_board_is_the_same_message_after_kill_9(world):
    """A board is stored when it has arrived: whoever is killed afterwards takes it up again."""
    async with running_bot(world.env, world.log) as bot:
        world.say("/board")
        board = await world.server.wait_for_message(world.cast.alice, "as of")
        await world.server.wait_for_call("pinChatMessage")
        world.say("/about")
        await world.hears("Aftershock answers one question")
        await bot.kill()
    async with running_bot(world.env, world.log) as bot:
        world.say("/language zh")
        await world.hears("中文")
        # Asked for again it is looked at at once, not when its minute is over.
        world.say("/board")
        await world.server.wait_for(lambda: "截至" in board.text or None)
        assert await bot.terminate() == 0
    assert sum("截至" in message.text for message in world.server.sent(world.cast.alice)) == 1


async def test_after_kill_9_the_next_start_says_from_when_to_when_nothing_was_watched(world):
    async with running_bot(world.env, world.log) as bot:
        world.say("/subscribe blind")
        await world.hears("nothing was watched")
        await bot.logs("caught up")
        await bot.kill()
    with contextlib.closing(open_database(world.database)) as db:
        seen = last_beat(db)
        assert seen is not None
        # As if it had been killed half an hour before.
        record_beat(db, seen - timedelta(minutes=32))
    async with running_bot(world.env, world.log):
        told = await world.hears("Nothing was watched", timeout_s=A_MINUTE_AND_SOME)
    assert "(32 min" in told
