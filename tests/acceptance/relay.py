"""A line that can be cut: what is between a process and a server, on loopback.

Stalled it swallows what comes, and closes nothing: as a network does in which packets get lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Passes everything on to `port` and notes when each request of HTTP came; `here` is where it listens."""

    port: int
    here: int = 0
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    _flows: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    def stall(self) -> None:
        """From now on nothing passes."""
        self._flows.clear()

    def flow(self) -> None:
        """What was held up passes, as far as anybody still waits for it."""
        self._flows.set()

    def requests(self, method: str) -> list[float]:
        """When a method of the Bot API was called, as of `time.monotonic`."""
        return [at for at, line in self.heard if method.encode() in line]

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        writers = [writer]
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.port)
            writers.append(there_writer)
            ways = (
                self._pass(reader, there_writer, notes=True),
                self._pass(there_reader, writer, notes=False),
            )
            await self._until_one_ends([asyncio.create_task(way) for way in ways])
        except (OSError, asyncio.CancelledError):
            # Whoever is killed closes nothing, and neither does the end of a test.
            pass
        finally:
            for each in writers:
                each.close()
            await asyncio.gather(*(each.wait_closed() for each in writers), return_exceptions=True)

    async def _until_one_ends(self, ways: list[asyncio.Task[None]]) -> None:
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, notes: bool) -> None:
        while data := await reader.read(65_536):
            await self._flows.wait()
            if notes and data.startswith(b"POST "):
                self.heard.append((time.monotonic(), data.split(b"\r\n", 1)[0]))
                # The playground answers nobody who means another host than its own.
                data = data.replace(b"127.0.0.1:%d" % self.here, b"127.0.0.1:%d" % self.port)
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def relay(port: int) -> AsyncIterator[Relay]:
    """A relay to a port of this machine, for as long as the block runs."""
    line = Relay(port)
    line.flow()
    server = await asyncio.start_server(line._join, "127.0.0.1", 0)
    line.here = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        for task in line._lines:
            task.cancel()
        await asyncio.gather(*line._lines, return_exceptions=True)
