"""One alert to 3,000 chats under Telegram's limits: ours, the library's limiter, Alertmanager.

Each writes from a process of its own to the same local Telegram, which allows 30 messages in any second. The
time is taken there, from the first message that is tried to the last one that arrives.
"""

import asyncio
import importlib.util
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bot.playground.limits import OVERALL
from bot.surroundings import utc_now
from storage import chats, outbox
from storage.database import Database, open_database
from tests.bench import alertmanager
from tests.bench.local_telegram import LocalTelegram, local_telegram
from tests.bench.processes import program
from tests.bench.row import Row
from tests.bench.sender import deliveries

CHATS = 3000
TEXT = "A-1"
_GIVEN = 3.0
"""How many times the ideal a peer is given; what has not arrived by then is missing."""
_AT_LEAST_S = 60.0
_AFTERMATH_S = 2.0
"""How long repeats are waited for."""

Ended = asyncio.Task[object] | None
"""Done when a client has nothing more to try; None: it goes on for ever."""

Client = Callable[[LocalTelegram, Path], AbstractAsyncContextManager[Ended]]
"""Writes to every reader while the context lasts; its files are in the folder."""


class Peer(NamedTuple):
    """A client by its name, and why it cannot be measured here, "" where it can."""

    name: str
    client: Client
    lacking: str = ""


class Outcome(NamedTuple):
    """What became of a bulk; times in seconds."""

    took_s: float
    ideal_s: float
    refused: int
    missing: int
    repeated: int


def run(readers: int = CHATS) -> list[Row]:
    """One bulk with each peer; takes about seven minutes."""
    return rows(peers(), readers)


def rows(those: Sequence[Peer], readers: int, limits: float = 0.0) -> list[Row]:
    """One bulk with each of those peers. `limits`: seconds of refusals after a breach."""
    return [_row(peer, readers, limits) for peer in those]


def peers() -> tuple[Peer, ...]:
    """All of them."""
    lacks_limiter = "" if has_limiter() else "aiolimiter is not installed (`make bench` does)"
    lacks_it = "" if alertmanager.is_there() else f"Debian's package {alertmanager.PROGRAM} is not installed"
    return (
        Peer("Aftershock", our_sender),
        Peer("AIORateLimiter", partial(library, "aio"), lacks_limiter),
        Peer("Alertmanager", alertmanager_client, lacks_it),
    )


def has_limiter() -> bool:
    """Whether the library's limiter can be used: an extra that Aftershock does not install."""
    return importlib.util.find_spec("aiolimiter") is not None


def _row(peer: Peer, readers: int, limits: float) -> Row:
    title = f"bulk to {readers:,} chats, {peer.name}"
    if peer.lacking:
        return Row(title, None, "s", f"left out: {peer.lacking}")
    outcome = asyncio.run(measure(peer.client, readers, limits))
    return Row(title, round(outcome.took_s, 1), "s", told(outcome, limits))


def told(outcome: Outcome, limits: float) -> str:
    """An outcome in words."""
    ratio = outcome.took_s / outcome.ideal_s
    after = f", {limits:g} s of refusals after a breach" if limits else ""
    return (
        f"{ratio:.2f} x the ideal {outcome.ideal_s:.1f} s; {outcome.refused:,} refusals (429), "
        f"{outcome.missing:,} missing, {outcome.repeated:,} repeated; "
        f"{OVERALL.messages} messages in any second{after}"
    )


async def measure(client: Client, readers: int, limits: float) -> Outcome:
    """One bulk, from the first try to the last arrival."""
    ideal_s = readers * OVERALL.seconds / OVERALL.messages
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        async with local_telegram(readers, limits) as telegram:
            async with client(telegram, Path(folder)) as ended:
                await _over(telegram, ended, max(_AT_LEAST_S, _GIVEN * ideal_s))
            return outcome_of(telegram, ideal_s)


async def _over(telegram: LocalTelegram, ended: Ended, given_s: float) -> None:
    """Wait until all have arrived, or the client gives up, or its time is over."""
    everybody = len(telegram.readers)
    arrived = asyncio.create_task(telegram.wait_for(lambda: telegram.reached(TEXT) == everybody, given_s))
    waited: set[asyncio.Task[Any]] = {arrived} if ended is None else {arrived, ended}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    arrived.cancel()
    await asyncio.gather(arrived, return_exceptions=True)
    await asyncio.sleep(_AFTERMATH_S)


def outcome_of(telegram: LocalTelegram, ideal_s: float) -> Outcome:
    """What the calls at Telegram's door come to."""
    sends = [call for call in telegram.sends if call.text == TEXT]
    last = max(call.at_s for call in sends if call.status == 200)
    return Outcome(
        last - sends[0].at_s,
        ideal_s,
        refused=sum(call.status == 429 for call in sends),
        missing=len(telegram.readers) - telegram.reached(TEXT),
        repeated=sum(telegram.arrived.values()) - len(telegram.arrived),
    )


@asynccontextmanager
async def our_sender(telegram: LocalTelegram, folder: Path) -> AsyncIterator[Ended]:
    """The outbox, on disk, and its dispatcher, as they run in the bot."""
    database = folder / "bench.db"
    db = open_database(database)
    know_readers(db, telegram)
    outbox.enqueue(db, deliveries(list(telegram.readers), TEXT))
    db.close()
    async with program(telegram, "tests.bench.sender", str(database), telegram.base_url):
        yield None


def know_readers(db: Database, telegram: LocalTelegram) -> None:
    """Every reader has begun a chat with the bot."""
    with db.transaction():
        for reader in telegram.readers:
            chats.ensure_chat(db, reader, "private", f"Reader {reader}", utc_now())


@asynccontextmanager
async def library(limiter: str, telegram: LocalTelegram, _folder: Path) -> AsyncIterator[Ended]:
    """python-telegram-bot with a limiter of its own (`aio`) or `none`."""
    arguments = str(len(telegram.readers)), telegram.base_url, limiter
    async with program(telegram, "tests.bench.library", *arguments) as process:
        yield asyncio.create_task(process.wait())


@asynccontextmanager
async def alertmanager_client(telegram: LocalTelegram, folder: Path) -> AsyncIterator[Ended]:
    """One alert, and a route to each reader."""
    async with alertmanager.running(folder, telegram) as peer:
        await peer.post(TEXT)
        yield None
