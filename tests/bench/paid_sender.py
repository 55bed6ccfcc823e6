"""Our sender where Telegram is paid for, as a program: `python -m tests.bench.paid_sender DATABASE URL`.

It sends all that is in the outbox, and writes what that took.
"""

import asyncio
import json
import resource
import sys
import time

import click

from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import PAID, Pace
from bot.surroundings import utc_now
from bot.talk.line import new_application
from storage.database import open_database
from tests.bench.lean_telegram import TOKEN


async def main(database: str, api_url: str) -> None:
    db = open_database(database)
    async with new_application(TOKEN, api_url, None).bot as bot:
        dispatcher = Dispatcher(db, bot, utc_now, paid=Pace(PAID))
        cpu_s, began = time.process_time(), time.perf_counter()
        sending = asyncio.create_task(dispatcher.run())
        # The dispatcher tells nobody that all is sent.
        while db.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending') LIMIT 1"):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        took = {"cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - began}
        await dispatcher.stop()
        await sending
    db.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(json.dumps({**took, "peak_mb": peak_mb}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
