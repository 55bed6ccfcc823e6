"""The webhook as a self-hosted Bot API server calls it: on this machine only, one update after the other."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import aiohttp

from bot.playground.guard import check_loopback
from bot.playground.updates import UpdateQueue

_RETRY_S = 0.05
_LONGEST_S = 10.0


def is_callable(url: str) -> bool:
    """Whether the playground would call this address; any other is only remembered."""
    parts = urlsplit(url)
    try:
        check_loopback(parts.hostname or "")
    except ValueError:
        return False
    return parts.scheme == "http"


async def call_webhook(updates: UpdateQueue) -> None:
    """Bring updates to where the bot wants them, each again until it is taken; for as long as it runs."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_LONGEST_S)) as http:
        while True:
            await updates.stirred.wait()
            updates.stirred.clear()
            while updates.waiting and is_callable(updates.webhook_url):
                update = updates.waiting[0]
                if await _is_taken(http, updates, update):
                    updates.take_away(update)
                else:
                    await asyncio.sleep(_RETRY_S)


async def _is_taken(http: aiohttp.ClientSession, updates: UpdateQueue, update: object) -> bool:
    headers = {"X-Telegram-Bot-Api-Secret-Token": updates.webhook_secret}
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with http.post(updates.webhook_url, json=update, headers=headers) as answer:
            return answer.ok
    return False
