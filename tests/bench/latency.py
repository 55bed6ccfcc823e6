"""From a fact that turns a condition to the first message at Telegram's door: the alert path of the bot.

The real bot, on a database file whose commits are on disk, in front of a Telegram in another process, over
HTTP on loopback. Beside it Alertmanager, from an alert that is posted: it judges nothing and writes nothing.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bot.app import Bot
from bot.delivery.pace import Limits
from bot.desk import Desk
from bot.playground.player import VirtualClock
from bot.settings import Settings
from bot.words.texts import every_language
from signals.calendar import session_after
from signals.facts import EtfFlow
from storage import chats
from storage.database import open_database
from tests.bench import alertmanager
from tests.bench.local_telegram import LocalTelegram, local_telegram
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


def run(changes: int = CHANGES) -> list[Row]:
    """Takes about half a minute."""
    rows = [row for readers in READERS for row in _rows(readers, asyncio.run(_alerts(readers, changes)))]
    name = "alert for 1 chat, Alertmanager: POST to first message"
    if not alertmanager.is_there():
        return [*rows, alertmanager.left_out(name, "ms")]
    took_ms = asyncio.run(posted(changes))
    note = f"group_wait 0s, in memory, judges nothing; {spread(took_ms, 1)}"
    return [
        *rows,
        Row(name, round(median(took_ms), 1), "ms", note),
        Row(f"{name}: p95", round(p95(took_ms), 1), "ms", "the same"),
    ]


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
    """A bot that is online, its Telegram and its clock."""

    bot: Bot
    telegram: LocalTelegram
    clock: VirtualClock


async def _alerts(readers: int, changes: int) -> list[Alert]:
    async with _stage(readers) as stage:
        flows = list(islice(_flows(), len(_TOTALS_MUSD) + _WARM_UP + changes))
        alerts = [await _alert(stage, flows[: known + 1], readers) for known in range(3, len(flows))]
    return alerts[_WARM_UP:]


async def posted(changes: int) -> list[float]:
    """How many milliseconds it took each alert that was posted to Alertmanager to be at Telegram's door."""
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        async with local_telegram(1) as telegram, alertmanager.running(Path(folder), telegram) as peer:
            took = [await _post(peer, telegram, f"A-{number}") for number in range(_WARM_UP + changes)]
    return took[_WARM_UP:]


async def _post(peer: alertmanager.Alertmanager, telegram: LocalTelegram, text: str) -> float:
    arrived = len(telegram.sends)
    began = time.perf_counter()
    await peer.post(text)
    await telegram.wait_for(lambda: len(telegram.sends) > arrived, timeout_s=30)
    await asyncio.sleep(_REST_S)
    return (telegram.sends[arrived].at_s - began) * MS


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
    sends = stage.telegram.sends
    arrived = len(sends)
    began = time.perf_counter()
    turned = stage.bot.watch.see((newest,))
    committed = time.perf_counter()
    await stage.telegram.wait_for(lambda: len(sends) == arrived + readers, timeout_s=30)
    # What becomes of the messages is written down after they arrived; that is no part of the next alert.
    await asyncio.sleep(_REST_S)
    assert "etf_flow" in {change.id for change in turned}
    return Alert((committed - began) * MS, (sends[arrived].at_s - began) * MS)


@asynccontextmanager
async def _stage(readers: int) -> AsyncIterator[Stage]:
    began = flow(_FIRST_SESSION, 0).known_at
    clock = VirtualClock(began, began + timedelta(days=365), speed=1)
    with (
        tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder,
        contextlib.closing(open_database(Path(folder) / "bench.db")) as db,
    ):
        desk = Desk(db, Settings(_env_file=None), clock)  # type: ignore[call-arg]  # pydantic's own
        async with local_telegram(readers) as telegram:
            stage = Stage(Bot(desk, telegram.token, telegram.base_url, limits=_PACE), telegram, clock)
            _subscribe(stage)
            stage.bot.watch.resume()
            async with stage.bot.online():
                await telegram.wait_for(lambda: _has_menus(telegram), timeout_s=60)
                yield stage


def _has_menus(telegram: LocalTelegram) -> bool:
    """Whether the bot has done what it does once after its start."""
    return telegram.other_calls["setMyShortDescription"] == len(every_language())


def _subscribe(stage: Stage) -> None:
    db = stage.bot.desk.db
    for reader in stage.telegram.readers:
        chats.ensure_chat(db, reader, "private", f"Reader {reader}", stage.clock())
        for topic in _TOPICS:
            chats.subscribe(db, reader, topic, "sound")
