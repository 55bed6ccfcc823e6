"""Killed amid an alert to 100 chats: what is lost and what comes twice, ours and Alertmanager's.

Each round an alert is accepted (ours: it is on disk; Alertmanager: it answered 200), the program is killed
with SIGKILL a moment later, started again, and watched until nothing comes any more. The moments are the same
for both.
"""

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import NamedTuple

from bot.playground.limits import OVERALL
from storage.database import open_database
from tests.bench import alertmanager
from tests.bench.bulk import know_readers
from tests.bench.local_telegram import LocalTelegram, local_telegram
from tests.bench.processes import program
from tests.bench.row import Row
from tests.bench.sender import ACCEPTED, READY

CHATS = 100
ROUNDS = 10
_SEED = 20251103
_CALM_S = 2.0
"""Everything has arrived, and for so long nothing more came: the round is over."""
_SILENCE_S = 6.0
"""For so long nothing came at all: nothing more will. The longest wait between two tries is shorter here."""
_PATIENCE_S = 30.0

Round = Callable[[LocalTelegram, Path, str, float], Awaitable[None]]
"""An alert is accepted, its text given; so many seconds later the program is killed; it is started again."""


class Toll(NamedTuple):
    """Over all rounds: messages that never came, and those that came once more."""

    lost: int
    repeated: int


def run(readers: int = CHATS, rounds: int = ROUNDS) -> list[Row]:
    """Takes about six minutes."""
    return list(_rows(readers, rounds))


def _rows(readers: int, rounds: int) -> Iterator[Row]:
    note = f"of {readers * rounds:,} messages, {rounds} kills"
    ours = asyncio.run(toll(our_round, readers, rounds))
    yield from _toll_rows("Aftershock", ours, f"{note}, nobody says the alert again")
    if not alertmanager.is_there():
        yield alertmanager.left_out("kill -9, Alertmanager", "messages")
        return
    once = asyncio.run(toll(its_round, readers, rounds))
    yield from _toll_rows("Alertmanager", once, f"{note}, nobody posts the alert again")
    again = asyncio.run(toll(its_round_posted_again, readers, rounds))
    yield from _toll_rows("Alertmanager, posted again", again, f"{note}, posted again after the start")


def _toll_rows(name: str, toll: Toll, note: str) -> Iterator[Row]:
    yield Row(f"kill -9, {name}: lost", toll.lost, "messages", note)
    yield Row(f"kill -9, {name}: repeated", toll.repeated, "messages", note)


async def toll(play: Round, readers: int, rounds: int) -> Toll:
    """Some rounds on one folder, killed somewhere in the time that the alert takes at best."""
    dice = random.Random(_SEED)
    takes_s = readers * OVERALL.seconds / OVERALL.messages
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as name:
        async with local_telegram(readers, 0.0) as telegram:
            with closing(open_database(Path(name) / "bench.db")) as db:
                know_readers(db, telegram)
            alerts = [f"A-{number}" for number in range(1, rounds + 1)]
            for alert in alerts:
                await play(telegram, Path(name), alert, dice.uniform(0, takes_s))
            came = [telegram.arrived[place] for place in product(telegram.readers, alerts)]
            return Toll(came.count(0), sum(count - 1 for count in came if count))


async def our_round(telegram: LocalTelegram, folder: Path, text: str, wait_s: float) -> None:
    """Our sender, which is told of an alert as the watch tells it: by the outbox."""
    arguments = "tests.bench.sender", str(folder / "bench.db"), telegram.base_url
    async with program(telegram, *arguments) as process:
        await _hear(process, READY)
        assert process.stdin is not None
        process.stdin.write(f"{text}\n".encode())
        await _hear(process, ACCEPTED)
        await asyncio.sleep(wait_s)
    async with program(telegram, *arguments) as process:
        await _hear(process, READY)
        await _settled(telegram, text)


async def _hear(process: asyncio.subprocess.Process, word: str) -> None:
    assert process.stdout is not None
    assert (await process.stdout.readline()).decode().strip() == word


async def its_round(telegram: LocalTelegram, folder: Path, text: str, wait_s: float) -> None:
    """Alertmanager, told once."""
    async with alertmanager.running(folder, telegram) as peer:
        await peer.post(text)
        await asyncio.sleep(wait_s)
    async with alertmanager.running(folder, telegram):
        await _settled(telegram, text)


async def its_round_posted_again(telegram: LocalTelegram, folder: Path, text: str, wait_s: float) -> None:
    """Alertmanager, told again after its start, as Prometheus does for as long as an alert fires."""
    async with alertmanager.running(folder, telegram) as peer:
        await peer.post(text)
        await asyncio.sleep(wait_s)
    async with alertmanager.running(folder, telegram) as peer:
        await peer.post(text)
        await _settled(telegram, text)


async def _settled(telegram: LocalTelegram, text: str) -> None:
    """Wait until a text has come to everybody and no more comes, or nothing comes at all."""
    async with asyncio.timeout(_PATIENCE_S + len(telegram.readers)):
        seen, still_s = -1, 0.0
        while still_s < _SILENCE_S:
            still_s = still_s + _CALM_S if seen == len(telegram.sends) else 0.0
            if still_s and telegram.reached(text) == len(telegram.readers):
                return
            seen = len(telegram.sends)
            await asyncio.sleep(_CALM_S)
