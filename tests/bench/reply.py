"""How long a question waits while an alert goes to 3,000 chats: in our bot, and with AIORateLimiter.

Ours is the real process, `python -m bot run`, with all venues on loopback; the bulk is put into its outbox.
Forty people ask /status in private, in turn, twice a second in all. The time is taken at Telegram, from the
question's arrival there to the acceptance of its answer.
"""

import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import cycle
from pathlib import Path
from statistics import median

from bot.playground.limits import OVERALL
from storage import outbox
from storage.database import open_database
from tests.acceptance.process import running_bot
from tests.bench.bulk import TEXT, has_limiter, know_readers
from tests.bench.local_telegram import LocalTelegram, local_telegram
from tests.bench.process import judged, publish_flows
from tests.bench.processes import bot_environment, program
from tests.bench.row import Row
from tests.bench.sender import deliveries
from tests.bench.timing import MS, p99
from tests.venues import Venues

CHATS = 3000
ASKERS = 40
QUESTION = "/status"
_GAP_S = 0.3, 0.7
_SEED = 20251103
_SHARE = 0.95
"""Nothing is asked any more once so much of the bulk has arrived: each question is to meet it."""
_GIVEN = 2.0
"""Nor after so many times what the bulk takes at best."""
_PATIENCE_S = 60.0


def run(readers: int = CHATS) -> list[Row]:
    """Takes about five minutes."""
    rows = list(_rows("Aftershock", asyncio.run(_ours(readers))))
    name = "AIORateLimiter"
    if not has_limiter():
        return [*rows, Row(f"reply, {name}", None, "ms", "left out: aiolimiter is not installed")]
    return [*rows, *_rows(name, asyncio.run(_library(readers)))]


def _rows(name: str, waits_s: Sequence[float | None]) -> Iterator[Row]:
    answered = [wait_s * MS for wait_s in waits_s if wait_s is not None]
    lost = len(waits_s) - len(answered)
    note = f"{len(waits_s)} questions, {lost} without an answer, {max(answered):,.0f} ms at most"
    yield Row(f"reply during a bulk, {name}", round(median(answered)), "ms", note)
    yield Row(f"reply during a bulk, {name}: p99", round(p99(answered)), "ms", "of those that were answered")


async def _ours(readers: int) -> list[float | None]:
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        database = Path(folder) / "bench.db"
        async with local_telegram(readers + ASKERS, 0.0) as telegram, Venues() as venues:
            publish_flows(venues)
            env = bot_environment(telegram, venues, database)
            async with running_bot(env, Path(folder) / "bench.log"):
                await judged(database)
                await _warm_up(telegram)
                with closing(open_database(database)) as db:
                    know_readers(db, telegram)
                    outbox.enqueue(db, deliveries(_told(telegram), TEXT))
                return await _ask(telegram)


async def _library(readers: int) -> list[float | None]:
    async with (
        local_telegram(readers + ASKERS, 0.0) as telegram,
        program(telegram, "tests.bench.library", str(readers), telegram.base_url, "aio") as process,
    ):
        await telegram.wait_for(lambda: telegram.sends, _PATIENCE_S)
        return await _ask(telegram, lambda: process.returncode is not None)


async def _warm_up(telegram: LocalTelegram) -> None:
    """The first answer of a process is not counted: it reads what later ones have at hand."""
    telegram.say(telegram.readers[-1], QUESTION)
    await telegram.wait_for(lambda: telegram.sends, _PATIENCE_S)
    telegram.said.clear()
    telegram.sends.clear()


def _told(telegram: LocalTelegram) -> list[int]:
    """Whom the bulk is for."""
    return list(telegram.readers[:-ASKERS])


async def _ask(telegram: LocalTelegram, has_ended: Callable[[], bool] = lambda: False) -> list[float | None]:
    """Ask for as long as the bulk goes on; how long each question waited in seconds, None: for ever."""
    told = _told(telegram)
    until = time.monotonic() + _GIVEN * len(told) * OVERALL.seconds / OVERALL.messages
    # Seeded: each peer is asked at the same moments.
    dice = random.Random(_SEED)
    for asker in cycle(telegram.readers[-ASKERS:]):
        if telegram.reached(TEXT) >= _SHARE * len(told) or has_ended() or time.monotonic() > until:
            break
        telegram.say(asker, QUESTION)
        await asyncio.sleep(dice.uniform(*_GAP_S))
    with suppress(TimeoutError):
        await telegram.wait_for(lambda: None not in waits(telegram), _PATIENCE_S)
    return waits(telegram)


def waits(telegram: LocalTelegram) -> list[float | None]:
    """How long each question waited: the n-th of a person for the n-th answer in their chat."""
    answers: dict[int, list[float]] = defaultdict(list)
    for call in telegram.sends:
        if call.status == 200 and call.text != TEXT:
            answers[call.chat_id].append(call.at_s)
    return [answers[user_id].pop(0) - at_s if answers[user_id] else None for at_s, user_id in telegram.said]
