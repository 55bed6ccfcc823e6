"""A sender in a process of its own, to be killed: `python -m tests.acceptance.sender DATABASE URL RATE`.

URL is that of the Bot API, RATE in messages a second; the token comes in SENDER_TOKEN.
SIGTERM stops it as `run` is stopped.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from telegram import Bot

from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import Limits, Pace
from storage.database import open_database


async def main(database: str, bot_url: str, per_second: str) -> None:
    limits = Limits(per_second=float(per_second), chat_gap=timedelta(0))
    async with Bot(os.environ["SENDER_TOKEN"], bot_url) as bot:
        dispatcher = Dispatcher(open_database(database), bot, lambda: datetime.now(UTC), Pace(limits))
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, lambda: stopping.append(asyncio.create_task(dispatcher.stop()))
        )
        await dispatcher.run()


stopping: list[asyncio.Task[None]] = []  # held, as the event loop holds tasks only weakly

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
