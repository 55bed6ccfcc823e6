"""What whoever runs the bot brings along: the time, what feeds may know, and when to end."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime

from bot.settings import Settings
from signals.feeds import coinglass, sosovalue
from signals.feeds.context import FeedContext


def utc_now() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


def feed_context(settings: Settings, clock: Callable[[], datetime] = utc_now) -> FeedContext:
    """What the feeds may know of the settings."""
    secrets = {sosovalue.KEY: settings.sosovalue_api_key, coinglass.KEY: settings.coinglass_api_key}
    keys = {name: key.get_secret_value() for name, key in secrets.items() if key}
    return FeedContext(clock, settings.base_urls, keys, settings.https_proxy)


async def until_stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await stopped.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
