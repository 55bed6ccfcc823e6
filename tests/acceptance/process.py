"""A real bot process in front of a Telegram and venues on loopback, ended by its own process id."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from bot.playground.server import PlaygroundServer
from tests.venues import Venues

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 100


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
        self._said = asyncio.Condition()
        self._reading = asyncio.create_task(self._read(), name=f"log of {process.pid}")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it has logged."""
        return self._log.read_text(encoding="utf-8")

    async def logs(self, words: str) -> None:
        """Come back when it has logged these words."""
        async with asyncio.timeout(_PATIENCE_SECONDS), self._said:
            await self._said.wait_for(lambda: words in self.log)

    async def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        await self._process.wait()
        await self._read_up()

    async def terminate(self) -> int:
        """SIGTERM; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Its exit status, once it ends by itself."""
        status = await asyncio.wait_for(self._process.wait(), _PATIENCE_SECONDS)
        await self._read_up()
        return status

    async def end(self) -> None:
        """Whatever happened before, it does not run any more after this."""
        if self._process.returncode is None:
            await self.kill()

    async def _read_up(self) -> None:
        # A child that draws charts may outlive its bot by a moment, and keeps the pipe open.
        _, late = await asyncio.wait({self._reading}, timeout=_PATIENCE_SECONDS)
        assert not late, "something that the bot started did not end with it"

    async def _read(self) -> None:
        assert self._process.stderr is not None
        with self._log.open("ab") as kept:
            while written := await self._process.stderr.read(65_536):
                async with self._said:
                    kept.write(written)
                    kept.flush()
                    self._said.notify_all()


@asynccontextmanager
async def running_bot(
    env: dict[str, str], log: Path, *words: str, output: Path | None = None
) -> AsyncIterator[BotProcess]:
    """`python -m bot run`, with more words where there are any, from where no `.env` lies.

    `output` gets what it writes to standard output.
    """
    with nullcontext() if output is None else output.open("ab") as stdout:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            *words,
            env={**env, "PYTHONPATH": str(ROOT)},
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
            cwd=log.parent,
        )
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        await bot.end()
