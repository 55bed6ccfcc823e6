"""From a fact that turns a condition to the first message at Telegram's door: the alert path of the bot.

The real bot, on a database file whose commits are on disk, in front of the playground's Telegram over HTTP on
loopback. Both share one process and event loop, so the figures hold Telegram's share of the work, too.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bot.app import Bot
from bot.delivery.pace import Limits
from bot.desk import Desk
from bot.playground.json_types import Json
from bot.playground.player import VirtualClock
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.settings import Settings
from bot.words.texts import every_language
from signals.calendar import session_after
from signals.market import EtfFlow
from storage import chats
from storage.database import open_database
from tests.bench.market import flow, live_market
from tests.bench.row import Row
from tests.bench.timing import MS, p95, spread

CHANGES = 40
READERS = (1, 100)

_PACE = Limits(per_second=100, chat_gap=timedelta(0))
"""Four times as fast as towards Telegram: all chats of an alert are to be served before the next one."""
_WARM_UP = 5
"""Changes that are not counted: the first ones open connections and read catalogues."""
_TOTALS_MUSD = (-600.0, 100.0, 200.0)
"""In turn: each makes `etf_flow` another state, out of `met` and back through `holding`."""
_FIRST_SESSION = date(2025, 6, 2)
_TOPICS = ("premium", "etf_flow", "eth_btc", "verdict")
_A_LOOK = timedelta(seconds=10)
_REST_S = 0.05


class Alert(NamedTuple):
    """How long one alert took, in milliseconds: to its commit, and to the first message at Telegram."""

    committed_ms: float
    arrived_ms: float


def run() -> list[Row]:
    """Takes about half a minute."""
    return [row for readers in READERS for row in _rows(readers, asyncio.run(_alerts(readers)))]


def _rows(readers: int, alerts: list[Alert]) -> Iterator[Row]:
    arrived, committed = [a.arrived_ms for a in alerts], [a.committed_ms for a in alerts]
    name = f"alert for {readers} {'chat' if readers == 1 else 'chats'}"
    note = "60 days of bars, 3 days of quotes, file database, synchronous=FULL, HTTP on loopback"
    yield Row(
        f"{name}: fact to first message", round(median(arrived), 1), "ms", f"{note}; {spread(arrived, 1)}"
    )
    yield Row(f"{name}: p95", round(p95(arrived), 1), "ms", "the same")
    yield Row(f"{name}: fact to commit", round(median(committed), 1), "ms", "judged, composed and on disk")


@dataclass(frozen=True, slots=True)
class Stage:
    """A bot that is online, its Telegram, its clock, and when each message arrived (seconds)."""

    bot: Bot
    server: PlaygroundServer
    clock: VirtualClock
    arrivals: list[float] = field(default_factory=list)

    def hear(self, change: Json) -> None:
        """Note the arrival of a message."""
        if (change["kind"], change.get("method")) == ("call", "sendMessage"):
            self.arrivals.append(time.perf_counter())


async def _alerts(readers: int) -> list[Alert]:
    async with _stage(readers) as stage:
        flows = list(islice(_flows(), len(_TOTALS_MUSD) + _WARM_UP + CHANGES))
        alerts = [await _alert(stage, flows[: known + 1], readers) for known in range(3, len(flows))]
    return alerts[_WARM_UP:]


def _flows() -> Iterator[EtfFlow]:
    """A flow for each session, without end."""
    session = _FIRST_SESSION
    for total_musd in cycle(_TOTALS_MUSD):
        yield flow(session, total_musd)
        session = session_after(session).day


async def _alert(stage: Stage, flows: Sequence[EtfFlow], readers: int) -> Alert:
    """The last of the flows becomes known, a look after all was quiet."""
    *before, newest = flows
    stage.clock.set(now=newest.known_at - _A_LOOK)
    stage.bot.desk.market = live_market(stage.clock(), *before)
    stage.bot.watch.judge()
    stage.clock.set(now=newest.known_at)
    arrived = len(stage.arrivals)
    began = time.perf_counter()
    turned = stage.bot.watch.see((newest,))
    committed = time.perf_counter()
    await stage.server.wait_for(lambda: len(stage.arrivals) == arrived + readers, timeout_s=30)
    # What becomes of the messages is written down after they arrived; that is no part of the next alert.
    await asyncio.sleep(_REST_S)
    assert "etf_flow" in {change.id for change in turned}
    return Alert((committed - began) * MS, (stage.arrivals[arrived] - began) * MS)


@asynccontextmanager
async def _stage(readers: int) -> AsyncIterator[Stage]:
    began = flow(_FIRST_SESSION, 0).known_at
    clock = VirtualClock(began, began + timedelta(days=365), speed=1)
    with (
        tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder,
        contextlib.closing(open_database(Path(folder) / "bench.db")) as db,
    ):
        desk = Desk(db, Settings(_env_file=None), clock)  # type: ignore[call-arg]  # pydantic's own
        async with PlaygroundServer(clock=clock) as server:
            stage = Stage(Bot(desk, server.token, server.base_url, limits=_PACE), server, clock)
            _subscribe(stage, readers)
            stage.bot.watch.resume()
            async with stage.bot.online():
                await server.wait_for_call("setMyShortDescription", number=len(every_language()))
                with server.telegram.changes.heard_by(stage.hear):
                    yield stage


def _subscribe(stage: Stage, readers: int) -> None:
    db, telegram = stage.bot.desk.db, stage.server.telegram
    for number in range(readers):
        chat = telegram.private_chat(telegram.add_user(User(3000 + number, f"Reader {number}")))
        chats.ensure_chat(db, chat.id, "private", chat.title, stage.clock())
        for topic in _TOPICS:
            chats.subscribe(db, chat.id, topic, "sound")
