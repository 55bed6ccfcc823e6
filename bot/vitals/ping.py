"""The dead man's switch: a monitor elsewhere hears each minute that all is well, and alarms when it does not.

Like healthchecks.io: the address itself means well, `/fail` after it ailing, and silence that it is gone.
The address holds a key, so it stands in no log.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.vitals.judgement import Ailment

_log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
_PATIENCE = ClientTimeout(total=10)


async def ping(
    url: str,
    judge: Callable[[], Sequence[Ailment]],
    *,
    proxy: str | None = None,
    every: timedelta = EVERY,
) -> None:
    """Say how the bot is until cancelled. That nobody hears it is logged once, and when somebody does."""
    reached = True
    async with ClientSession(timeout=_PATIENCE) as session:
        while True:
            trouble = await _told(session, url, judge(), proxy)
            if trouble and reached:
                _log.warning("AFTERSHOCK_PING_URL cannot be reached: %s", trouble)
            elif not trouble and not reached:
                _log.info("AFTERSHOCK_PING_URL is reached again")
            reached = not trouble
            await asyncio.sleep(every.total_seconds())


async def _told(session: ClientSession, url: str, ailing: Sequence[Ailment], proxy: str | None) -> str | None:
    """Say it once; why it was not heard, in words without the address, or None."""
    reasons = "\n".join(f"{ailment.part}: {ailment.reason}" for ailment in ailing)
    address, body = (failing(url), reasons) if ailing else (url, None)
    try:
        async with session.request("POST" if ailing else "GET", address, data=body, proxy=proxy) as answer:
            return f"HTTP {answer.status}" if answer.status >= HTTPStatus.BAD_REQUEST else None
    except (ClientError, OSError, TimeoutError) as error:
        # Their own words may hold the address.
        return type(error).__name__


def failing(url: str) -> str:
    """The address that says that something is wrong."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}/fail").geturl()
