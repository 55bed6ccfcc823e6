"""A line that can be cut: what is between a process and a server, on loopback, in a thread of its own.

Stalled it swallows what comes, and closes nothing: as a network does in which packets get lost.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Relay:
    """Passes everything on to `port` and notes when each request of HTTP came; `here` is where it listens."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.here = 0
        self.heard: list[tuple[float, bytes]] = []
        self._is_there = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._lines: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    def start(self) -> None:
        """Listen."""
        self._flows.set()
        self._thread.start()
        self._is_there.wait()

    def stop(self) -> None:
        """Close everything."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    def stall(self) -> None:
        """From now on nothing passes."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def flow(self) -> None:
        """What was held up passes, as far as anybody still waits for it."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def requests(self, method: str) -> list[float]:
        """When a method of the Bot API was called, as of `time.monotonic`."""
        return [at for at, line in self.heard if method.encode() in line]

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.here = server.sockets[0].getsockname()[1]
        self._is_there.set()
        await self._ended.wait()
        server.close()
        for task in self._lines:
            task.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

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


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """A relay to a port of this machine, for as long as the block runs."""
    line = Relay(port)
    line.start()
    try:
        yield line
    finally:
        line.stop()
