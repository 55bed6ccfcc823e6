"""What a question costs: people ask the whole bot in private, each once, and its processor time is taken.

What it spends on watching meanwhile is taken off.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.acceptance.process import BotProcess, running_bot
from tests.bench.local_telegram import LocalTelegram, local_telegram
from tests.bench.polling import cpu_s
from tests.bench.process import judged, publish_flows
from tests.bench.processes import bot_environment
from tests.bench.row import Row
from tests.bench.timing import MS
from tests.venues import Venues

PEOPLE = 200
QUESTIONS = ("/status", "/premium")

_GAP_S = 0.05
"""Twenty a second: below what Telegram takes."""
_IDLE_S = 10.0
_PATIENCE_S = 60.0


def run() -> list[Row]:
    """Takes about a minute."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        database = Path(folder) / "bench.db"
        async with local_telegram(len(QUESTIONS) * PEOPLE, 0.0) as telegram, Venues() as venues:
            publish_flows(venues)
            async with running_bot(
                bot_environment(telegram, venues, database), Path(folder) / "bench.log"
            ) as bot:
                await judged(database)
                # The first answer of a process reads what later ones have at hand.
                await _asked_s(bot, telegram, QUESTIONS[0], telegram.readers[:1])
                idle = await _idle_share(bot)
                rows = [
                    await _row(bot, telegram, question, number, idle)
                    for number, question in enumerate(QUESTIONS)
                ]
                await bot.terminate()
                return rows


async def _row(bot: BotProcess, telegram: LocalTelegram, question: str, number: int, idle: float) -> Row:
    people = telegram.readers[number * PEOPLE : (number + 1) * PEOPLE]
    used_s, took_s = await _asked_s(bot, telegram, question, people)
    cost_ms = (used_s - idle * took_s) / len(people) * MS
    note = f"{len(people)} people, {1 / _GAP_S:.0f} questions a second"
    return Row(f"one {question}, from Telegram to Telegram", round(cost_ms, 1), "ms cpu", note)


async def _idle_share(bot: BotProcess) -> float:
    used_s = cpu_s(bot)
    await asyncio.sleep(_IDLE_S)
    return (cpu_s(bot) - used_s) / _IDLE_S


async def _asked_s(
    bot: BotProcess, telegram: LocalTelegram, question: str, people: Sequence[int]
) -> tuple[float, float]:
    """Seconds of the processor and on the clock until everybody has an answer."""
    telegram.sends.clear()
    used_s, began = cpu_s(bot), time.perf_counter()
    for person in people:
        telegram.say(person, question)
        await asyncio.sleep(_GAP_S)
    await telegram.wait_for(lambda: len(telegram.sends) >= len(people), _PATIENCE_S)
    return cpu_s(bot) - used_s, time.perf_counter() - began
