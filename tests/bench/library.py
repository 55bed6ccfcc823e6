"""A sender made of the library alone, as a program: `python -m tests.bench.library READERS URL LIMITER`.

It writes one message to each reader, all at once, and answers /status meanwhile. LIMITER is `none`, or `aio`
for the library's AIORateLimiter with five retries. It ends when it has nothing more to try.
"""

import asyncio
import os
import sys
from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, Application, CommandHandler

from tests.bench.telegram_process import FIRST_READER


async def main(readers: str, api_url: str, limiter: str) -> None:
    builder: Any = Application.builder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{api_url}/bot")
    if limiter == "aio":
        builder = builder.rate_limiter(AIORateLimiter(max_retries=5))
    # Else a question would wait for the answers to all before it.
    application = builder.concurrent_updates(True).build()
    application.add_handler(CommandHandler("status", answer))
    async with application:
        await application.start()
        await application.updater.start_polling()
        chats = range(FIRST_READER, FIRST_READER + int(readers))
        await asyncio.gather(*(send(application.bot, chat_id) for chat_id in chats))
        await application.updater.stop()
        await application.stop()


async def send(bot: Any, chat_id: int) -> None:
    """What is refused in the end is given up."""
    with suppress(TelegramError):
        await bot.send_message(chat_id, "A-1")


async def answer(update: Update, _context: Any) -> None:
    assert update.effective_message is not None
    with suppress(TelegramError):
        await update.effective_message.reply_text("fragile")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
