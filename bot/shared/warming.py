"""Warming up: what the first look at the market needs is made ready while a process still stands by.

A second of processor time, much of it for importing, that would else come between taking the lead and the
first message.
"""

import asyncio
import logging

from bot.desk import Desk
from signals.feeds.exchange import load_library
from signals.market import Market

_log = logging.getLogger(__name__)


async def warm_up(desk: Desk) -> None:
    """Do that beside the event loop. Nothing is judged that counts, and nothing is asked of anybody."""
    try:
        await asyncio.to_thread(load_library)
        await asyncio.to_thread(desk.judged, Market(), desk.now)
    except Exception:  # noqa: BLE001
        # The last resort: whoever is not warm can lead all the same.
        _log.exception("Bug: this process cannot get ready to lead")
