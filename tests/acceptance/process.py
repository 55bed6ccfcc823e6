"""A real bot process in front of a Telegram and venues on loopback, ended by its own process id."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.playground.server import PlaygroundServer
from tests.venues import Venues

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60


def environment(
    database: Path | str, server: PlaygroundServer, venues: Venues, **more: str
) -> dict[str, str]:
    """Nothing of ours is inherited: a setting of the machine must not decide a test."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        "TELEGRAM_BOT_TOKEN": server.token,
        "TELEGRAM_API_URL": server.base_url,
        "AFTERSHOCK_DATABASE": str(database),
        "AFTERSHOCK_BASE_URLS": json.dumps(venues.base_urls()),
        "AFTERSHOCK_POLL_SECONDS": "1",
        **more,
    }


class BotProcess:
    """A running bot; what it writes to standard error is kept in a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it has logged."""
        return self._log.read_text(encoding="utf-8")

    async def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        await self._process.wait()

    async def terminate(self) -> int:
        """SIGTERM; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Its exit status, once it ends by itself."""
        return await asyncio.wait_for(self._process.wait(), _PATIENCE_SECONDS)

    async def end(self) -> None:
        """Whatever happened before, it does not run any more after this."""
        if self._process.returncode is None:
            await self.kill()


@asynccontextmanager
async def running_bot(env: dict[str, str], log: Path) -> AsyncIterator[BotProcess]:
    """`python -m bot run`, from where no `.env` lies."""
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env={**env, "PYTHONPATH": str(ROOT)},
            stderr=stderr,
            cwd=log.parent,
        )
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        await bot.end()
