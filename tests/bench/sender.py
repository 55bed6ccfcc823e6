"""Our sender as a program: `python -m tests.bench.sender DATABASE URL`, token in TELEGRAM_BOT_TOKEN.

It delivers what is in the outbox at the pace of the bot. Each line on standard input is an alert for every
chat of the database: it is accepted, and said so, once it is on disk. Without standard input it ends.
"""

import asyncio
import os
import sys

import click

from bot.delivery.deliver import Dispatcher
from bot.surroundings import utc_now
from bot.talk.line import new_application
from storage import outbox
from storage.database import open_database
from storage.outbox import Delivery
from tests.bench.telegram_process import lines_of_stdin

READY, ACCEPTED = "ready", "accepted"


async def main(database: str, api_url: str) -> None:
    db = open_database(database)
    readers = [chat_id for (chat_id,) in db.rows("SELECT id FROM chats ORDER BY id")]
    async with new_application(os.environ["TELEGRAM_BOT_TOKEN"], api_url, None).bot as bot:
        dispatcher = Dispatcher(db, bot, utc_now)
        sending = asyncio.create_task(dispatcher.run())
        click.echo(READY)
        async for text in lines_of_stdin():
            outbox.enqueue(db, deliveries(readers, text))
            click.echo(ACCEPTED)
            dispatcher.wake()
        await dispatcher.stop()
        await sending
    db.close()


def deliveries(readers: list[int], text: str) -> list[Delivery]:
    """One message for each of the readers."""
    now = utc_now()
    return [Delivery(chat_id=reader, kind="alert", text=text, created_at=now) for reader in readers]


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
