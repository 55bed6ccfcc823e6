"""A process of its own for drawing, which ends when nobody has asked for a while.

matplotlib costs some fifty megabytes that are not given back, and holds up everybody else in its process
while it draws. Here it costs them only while somebody looks at charts.
"""

import asyncio
import contextlib
import pickle
import sys
from asyncio.subprocess import PIPE, Process

from bot.charts.picture import LENGTH_BYTES, Drawable

_IDLE_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0


class NotDrawnError(Exception):
    """The drawing process failed; what went wrong is on standard error."""


class Workshop:
    """Draws one picture after the other. Lives in one event loop."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._process: Process | None = None
        self._retirement: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The drawing process, while there is one."""
        return self._process.pid if self._process else None

    async def draw(self, picture: Drawable) -> bytes:
        """The picture as PNG bytes.

        Raises:
            NotDrawnError: it could not be drawn; the next picture gets a new process.
        """
        async with self._turn:
            if self._retirement:
                self._retirement.cancel()
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    return await self._ask(await self._worker(), pickle.dumps(picture))
            except (asyncio.IncompleteReadError, ConnectionError, TimeoutError) as error:
                await self._end()
                raise NotDrawnError(f"no picture of {picture.subject}: {type(error).__name__}") from error
            finally:
                self._retirement = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire)

    async def close(self) -> None:
        """End the process."""
        if self._retirement:
            self._retirement.cancel()
        async with self._turn:
            await self._end()

    async def _worker(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # A session of its own: Ctrl+C is for the bot, which then ends this process in order.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.charts", stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        return self._process

    async def _ask(self, worker: Process, request: bytes) -> bytes:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(len(request).to_bytes(LENGTH_BYTES) + request)
        await worker.stdin.drain()
        length = await worker.stdout.readexactly(LENGTH_BYTES)
        return await worker.stdout.readexactly(int.from_bytes(length))

    def _retire(self) -> None:
        """Nobody has asked for a while: at the end of its input the process ends by itself."""
        if self._process and self._process.stdin and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
