"""Many bots one after the other, real processes that may be told where to die: forks of one, see `forks`."""

import asyncio
import json
import os
import re
import resource
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.acceptance.forks import END_OF_LOG, Start
from tests.acceptance.process import ROOT

_PATIENCE_SECONDS = 60.0


class Fork:
    """A running bot. `lines` is what it logged; `died` is done with its exit status when it has ended."""

    def __init__(
        self, pid: int, lines: list[str], said: asyncio.Condition, died: asyncio.Future[int]
    ) -> None:
        self.pid = pid
        self.died = died
        self._lines = lines
        self._said = said

    @property
    def log(self) -> str:
        """All that it has logged."""
        return "\n".join(self._lines)

    def forget(self) -> None:
        """What it has said so far does not count any more."""
        self._lines.clear()

    async def says(self, pattern: str, timeout_s: float = _PATIENCE_SECONDS) -> str:
        """The first line of its log that fits a pattern, once there is one.

        Raises:
            AssertionError: it ended before, or took too long.
        """
        expression = re.compile(pattern)

        def found() -> str | None:
            return next((line for line in self._lines if expression.search(line)), None)

        try:
            async with asyncio.timeout(timeout_s), self._said:
                await self._said.wait_for(lambda: found() or self.died.done())
        except TimeoutError:
            pass
        line = found()
        assert line is not None, f"it did not say {pattern!r} but {self.log}"
        return line

    def arm(self) -> None:
        """From now on it dies where it was told to."""
        os.kill(self.pid, signal.SIGUSR1)

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """kill -9, or another signal; its exit status once it has ended."""
        if not self.died.done():
            os.kill(self.pid, number)
        return await self.ended()

    async def ended(self, timeout_s: float = _PATIENCE_SECONDS) -> int:
        """Its exit status, once it has ended; negative: the signal that killed it."""
        return await asyncio.wait_for(asyncio.shield(self.died), timeout_s)


class Hatchery:
    """Starts bots, one at a time, with the same environment and in the same folder."""

    def __init__(self, process: asyncio.subprocess.Process, env: dict[str, str], folder: Path) -> None:
        self._process = process
        self._env = env
        self._folder = folder
        self._lines: list[str] = []
        self._said = asyncio.Condition()
        self._all_said = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self.starts = 0

    async def hear(self) -> None:
        """Take in what the bots log, until the last one has ended."""
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            words = line.decode(errors="replace").rstrip()
            if words == END_OF_LOG:
                self._all_said.set()
                continue
            async with self._said:
                self._lines.append(words)
                self._said.notify_all()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """While the block runs no file grows in the hands of those that start."""
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, unlimited)

    @asynccontextmanager
    async def bot(self, dies_after: str = "", dies_at: int = 0, **more: str) -> AsyncIterator[Fork]:
        """A running bot, with more in its environment; when the block ends it is killed if need be.

        `dies_after`, `dies_at`: see `Start`.
        """
        assert self._process.stdin is not None
        self.starts += 1
        self._lines = []
        self._all_said.clear()
        start = Start(self._env | more, str(self._folder), dies_after, dies_at)
        self._process.stdin.write(f"{json.dumps(start._asdict())}\n".encode())
        pid = await self._number()
        died = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._await_end(died))
        bot = Fork(pid, self._lines, self._said, died)
        try:
            yield bot
        finally:
            await bot.kill()

    async def _await_end(self, died: asyncio.Future[int]) -> None:
        status = await self._number()
        await self._all_said.wait()
        async with self._said:
            died.set_result(status)
            self._said.notify_all()

    async def _number(self) -> int:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the process that forks has ended"
        return int(line)


@asynccontextmanager
async def hatchery(env: dict[str, str], folder: Path, clock: Path) -> AsyncIterator[Hatchery]:
    """A place where bots with this environment start; nothing of it runs any more after the block.

    `clock`: the file of the `WallClock` that they go by.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.forks", str(clock)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    place = Hatchery(process, env, folder)
    hearing = asyncio.create_task(place.hear())
    try:
        yield place
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await hearing
