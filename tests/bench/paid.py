"""One alert for a hundred thousand chats at a thousand messages a second, where Telegram is paid for.

Telegram is a program of its own that only takes messages, so what is measured is whether one process of ours
keeps up, on one core, with every outcome on disk.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage import chats, outbox
from storage.database import open_database
from storage.outbox import Delivery
from tests.acceptance.process import ROOT
from tests.bench.row import Row

CHATS = 100_000
_NOW = datetime.now(UTC)
_TEXT = "<b>A-12 · Bitcoin below 105,000</b>\nThe support zone 105,000 to 107,000 was left below, at 104,870."


def run() -> list[Row]:
    """Takes about three minutes."""
    return measure(CHATS)


def measure(count: int) -> list[Row]:
    """The rows for so many chats."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "bot.db"
        _fill(database, count)
        arrived, took = asyncio.run(_send_all(database))
    assert arrived["messages"] == arrived["chats"] == count, "each exactly once"
    beside = (
        f"{count:,} chats, each outcome on disk; at most {arrived['most_in_a_second']:.0f} in a second, "
        f"{arrived['paid']:,.0f} paid for"
    )
    return [
        Row("paid broadcast", round(count / arrived["seconds"]), "messages/s", beside),
        Row(
            "paid broadcast, processor",
            round(took["cpu_s"], 1),
            "s",
            f"of {took['wall_s']:.1f} s, one process",
        ),
        Row("paid broadcast, memory", round(took["peak_mb"]), "MB", "at most, of that process"),
    ]


def _fill(database: Path, count: int) -> None:
    db = open_database(database)
    with db.transaction():
        for chat in range(1, count + 1):
            chats.ensure_chat(db, chat, "private", "x", _NOW)
        alert = [
            Delivery(chat_id=chat, kind="alert", text=_TEXT, created_at=_NOW) for chat in range(1, count + 1)
        ]
        outbox.enqueue(db, alert)
    db.close()


async def _send_all(database: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What arrived, and what it took."""
    async with _program("tests.bench.lean_telegram") as telegram:
        where = await _line(telegram)
        async with _program("tests.bench.paid_sender", str(database), where["base_url"]) as sender:
            took = await _line(sender)
        assert telegram.stdin is not None
        telegram.stdin.close()
        return await _line(telegram), took


@asynccontextmanager
async def _program(module: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m MODULE ARGUMENTS`; killed when the block ends, if it has not ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(await process.stdout.readline())
    return line
