"""The real process, `python -m bot run`, with Telegram and all venues on loopback: start, memory, end."""

import asyncio
import compileall
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bot.playground.json_types import Json
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from signals.calendar import sessions
from storage.database import open_database
from storage.standings import read_standings
from tests.acceptance.process import ROOT, BotProcess, environment, running_bot
from tests.bench.row import Row
from tests.bench.timing import MS, spread
from tests.venues import Venues

RUNS = 5
CHARTS = 20

_QUESTIONS = ("/chart btc 30d", "/chart premium 7d", "/chart etf", "/chart eth 30d")
_PATIENCE_S = 120.0
_LOOK_S = 0.1
_IDLE_S = 5.0
"""How long after the first judgement its memory counts as that of an idle bot."""


class Life(NamedTuple):
    """One life of the process, in seconds since its start, seconds and megabytes."""

    first_poll_s: float
    judged_s: float
    idle_mb: float
    drawn_mb: float
    end_ms: float


def run() -> list[Row]:
    """Takes two or three minutes."""
    for package in ("bot", "signals", "storage"):
        compileall.compile_dir(str(ROOT / package), quiet=1)
    lives = [asyncio.run(_live()) for _ in range(RUNS)]
    return list(_rows(lives))


def _rows(lives: Sequence[Life]) -> Iterator[Row]:
    first_poll, judged, idle, drawn, end = (list(column) for column in zip(*lives, strict=True))
    yield _row("start: process to first getUpdates", first_poll, "s", "bytecode compiled", 2)
    yield _row("start: process to first judgement", judged, "s", "history fetched anew under rate limits", 1)
    yield _row("memory: idle after the first backfill", idle, "MB", "resident (VmRSS)", 0)
    yield _row(f"memory: after {CHARTS} charts", drawn, "MB", "four subjects in turn", 0)
    yield _row("end: SIGTERM to exit status 0", end, "ms", "while idle", 0)


def _row(name: str, values: list[float], unit: str, note: str, digits: int) -> Row:
    return Row(name, round(median(values), digits), unit, f"{note}; {spread(values, digits)}")


async def _live() -> Life:
    """Start with nothing, catch up, idle, draw, end."""
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        database = Path(folder) / "bench.db"
        async with PlaygroundServer() as server, Venues() as venues:
            publish_flows(venues)
            env = environment(database, server, venues, AFTERSHOCK_POLL_SECONDS="10")
            polled = asyncio.create_task(_first_poll(server))
            await asyncio.sleep(0)  # so that it listens before there is something to hear
            began = time.perf_counter()
            async with running_bot(env, Path(folder) / "bench.log") as bot:
                first_poll_s = await polled - began
                await judged(database)
                judged_s = time.perf_counter() - began
                await asyncio.sleep(_IDLE_S)
                idle_mb = resident_mb(bot)
                await _draw(server)
                return Life(first_poll_s, judged_s, idle_mb, resident_mb(bot), await _end_ms(bot))


def publish_flows(venues: Venues) -> None:
    today = datetime.now(UTC).date()
    for session in sessions(today - timedelta(days=60), today - timedelta(days=1)):
        for asset, fund in (("BTC", "IBIT"), ("ETH", "ETHA")):
            venues.publish(asset, session.day, {fund: -12.5e6})


async def _first_poll(server: PlaygroundServer) -> float:
    """The moment, as of `time.perf_counter`, at which the bot first asks for updates."""
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def hear(change: Json) -> None:
        if change["kind"] == "poll" and not heard.done():
            heard.set_result(time.perf_counter())

    with server.telegram.changes.heard_by(hear):
        return await asyncio.wait_for(heard, _PATIENCE_S)


async def judged(database: Path) -> None:
    """Wait until the bot has caught up and knows where everything stands."""
    with closing(open_database(database)) as db:
        async with asyncio.timeout(_PATIENCE_S):
            while not read_standings(db):  # noqa: ASYNC110  # it happens in another process
                await asyncio.sleep(_LOOK_S)


async def _draw(server: PlaygroundServer) -> None:
    alice = server.telegram.add_user(User(1001, "Alice", "alice", "en"))
    for number, question in enumerate(islice(cycle(_QUESTIONS), CHARTS), start=1):
        server.people.say(alice, server.telegram.bot, question)
        await server.wait_for_call("sendPhoto", number=number, timeout_s=_PATIENCE_S)


async def _end_ms(bot: BotProcess) -> float:
    began = time.perf_counter()
    status = await bot.terminate()
    assert status == 0, bot.log[-2000:]
    return (time.perf_counter() - began) * MS


def resident_mb(bot: BotProcess) -> float:
    """How much memory the process holds, as Linux tells it."""
    told = Path(f"/proc/{bot.pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", told, re.MULTILINE)
    assert found is not None, told
    return int(found[1]) * 1024 / 1e6
