"""A Telegram on loopback in a process of its own, as whoever measures sees it.

Sender and server on one event loop would wait for each other, and the wait would count as the sender's.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from tests.bench.telegram_process import FIRST_READER, UNLIMITED

_T = TypeVar("_T")


class Call(NamedTuple):
    """A call of sendMessage that Telegram has answered; `at_s` is on the clock of `time.perf_counter`."""

    at_s: float
    chat_id: int
    status: int
    text: str


class LocalTelegram:
    """`sends`: calls of sendMessage in order. `arrived`: how often each text came to each chat.

    `said`: when somebody wrote, and who. `process` is None where nothing is sent.
    """

    def __init__(
        self, process: asyncio.subprocess.Process | None, place: Mapping[str, str], readers: int
    ) -> None:
        self.token, self.base_url = place["token"], place["base_url"]
        self.readers: Sequence[int] = range(FIRST_READER, FIRST_READER + readers)
        self.sends: list[Call] = []
        self.arrived: Counter[tuple[int, str]] = Counter()
        self.other_calls: Counter[str] = Counter()
        self.said: list[tuple[float, int]] = []
        self._process = process
        self._news = asyncio.Event()

    def reached(self, text: str) -> int:
        """How many chats a text has come to."""
        return sum((reader, text) in self.arrived for reader in self.readers)

    def say(self, user_id: int, text: str) -> None:
        """Somebody writes to the bot; when is noted in `said`."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{user_id} {text}\n".encode())

    async def wait_for(self, look: Callable[[], _T | None], timeout_s: float) -> _T:
        """The first truthy answer of `look`, asked now and after every call.

        Raises: TimeoutError.
        """
        async with asyncio.timeout(timeout_s):
            while not (found := look()):
                self._news.clear()
                await self._news.wait()
            return found

    async def listen(self) -> None:
        """Take in what the process tells, until it ends."""
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._note(json.loads(line))
            self._news.set()

    def _note(self, told: dict[str, Any]) -> None:
        if "says" in told:
            self.said.append((told["at_s"], told["says"]))
        elif told["method"] == "sendMessage":
            self.take(Call(told["at_s"], int(told["chat"]), told["status"], told["text"]))
        else:
            self.other_calls[told["method"]] += 1

    def take(self, call: Call) -> None:
        """A call was answered."""
        self.sends.append(call)
        if call.status == HTTPStatus.OK:
            self.arrived[call.chat_id, call.text] += 1


@asynccontextmanager
async def local_telegram(readers: int, limits: float | None = None) -> AsyncIterator[LocalTelegram]:
    """With so many private chats. `limits`: seconds of refusals after a breach of them; None: no limits."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.telegram_process"),
        *(str(readers), UNLIMITED if limits is None else str(limits)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    telegram = LocalTelegram(process, json.loads(await process.stdout.readline()), readers)
    listening = asyncio.create_task(telegram.listen())
    try:
        yield telegram
    finally:
        process.stdin.close()
        await process.wait()
        await listening
