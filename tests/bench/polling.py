"""What watching costs: the real process with every feed on loopback, its share of a core over ten minutes.

Ten minutes hold every job that runs more often than hourly; books, the slowest of all to read, once.
"""

import asyncio
import os
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.playground.server import PlaygroundServer
from tests.acceptance.process import BotProcess, environment, running_bot
from tests.bench.process import judged, publish_flows, resident_mb
from tests.bench.row import Row
from tests.venues import Venues

SPAN_S = 600.0
_SETTLE_S = 20.0
_TICK_HZ = os.sysconf("SC_CLK_TCK")


def run() -> list[Row]:
    """Takes about eleven minutes."""
    share, mb, asked = asyncio.run(_watch())
    note = f"over {SPAN_S / 60:.0f} minutes, {asked} requests, quotes every 10 s"
    return [
        Row("watching: share of one core", round(share * 100, 1), "%", note),
        Row("watching: memory at the end", round(mb), "MB", "resident (VmRSS)"),
    ]


async def _watch() -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder:
        database = Path(folder) / "bench.db"
        async with PlaygroundServer() as server, Venues(lambda: datetime.now(UTC)) as venues:
            publish_flows(venues)
            env = environment(database, server, venues, AFTERSHOCK_POLL_SECONDS="10")
            async with running_bot(env, Path(folder) / "bench.log") as bot:
                await judged(database)
                await asyncio.sleep(_SETTLE_S)
                venues.quiet()
                used_s, began = cpu_s(bot), time.perf_counter()
                await asyncio.sleep(SPAN_S)
                share = (cpu_s(bot) - used_s) / (time.perf_counter() - began)
                mb, asked = resident_mb(bot), venues.asked()
                await bot.terminate()
                return share, mb, asked


def cpu_s(bot: BotProcess) -> float:
    """The time that the process has used of all cores, as Linux tells it."""
    told = Path(f"/proc/{bot.pid}/stat").read_text(encoding="utf-8")
    found = re.sub(r"^.*\) ", "", told).split()
    user, system = int(found[11]), int(found[12])
    return (user + system) / _TICK_HZ
