"""Programs of the benchmark, each in a process of its own that has ended when the block has."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.acceptance.process import ROOT
from tests.bench.local_telegram import LocalTelegram
from tests.venues import Venues


@asynccontextmanager
async def program(
    telegram: LocalTelegram, module: str, *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m MODULE ARGUMENTS`, with the token in TELEGRAM_BOT_TOKEN; killed when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        env={**os.environ, "TELEGRAM_BOT_TOKEN": telegram.token},
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def bot_environment(telegram: LocalTelegram, venues: Venues, database: Path) -> dict[str, str]:
    """For the whole bot, at its usual pace; nothing else of this machine's settings reaches it."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.base_url,
        "AFTERSHOCK_DATABASE": str(database),
        "AFTERSHOCK_BASE_URLS": json.dumps(venues.base_urls()),
    }
