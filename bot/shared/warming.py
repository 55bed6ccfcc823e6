"""Warming up: what the first look at the market needs is made ready while a process still stands by.

A second of processor time, much of it for importing, that would else come between taking the lead and the
first message.
"""

import asyncio

from bot.desk import Desk
from signals.feeds.exchange import load_library
from signals.market import Market


async def warm_up(desk: Desk) -> None:
    """Do that beside the event loop. Nothing is judged that counts, and nothing is asked of anybody."""
    await asyncio.to_thread(load_library)
    await asyncio.to_thread(desk.judged, Market(), desk.now)
