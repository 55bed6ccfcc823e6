"""A bulk to 300 chats in front of the strictest Telegram: whoever breaks a limit is refused everything for 5 s.

So bots report of the real one. The clients are those of the large bulk, and python-telegram-bot with no limiter.
"""

from contextlib import AbstractAsyncContextManager
from asyncio import Future
from pathlib import Path

from tests.bench import bulk
from tests.bench.local_telegram import LocalTelegram
from tests.bench.row import Row

CHATS = 300
PENALTY_S = 5.0


def run(readers: int = CHATS) -> list[Row]:
    """Takes about three minutes."""
    return bulk.run(readers, PENALTY_S)
