"""A desk that follows: it knows what the leader has stored, at most some seconds later.

the leader looked again? -> what was stored since -> market, standings
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk import Desk
from bot.lasting import Lasting
from bot.watching.watch import RELOAD_EVERY, Watch
from signals.market import Market
from signals.moments import to_ms
from storage.database import StorageError
from storage.heartbeat import last_beat
from storage.market import load_market

_log = logging.getLogger(__name__)

REFRESHED_EVERY = timedelta(seconds=3)
OVERLAP = timedelta(hours=1)
"""Facts are stored some time after the moment that they are about."""
_POLLED_WITHIN = timedelta(minutes=2)
_SILENT_AFTER = timedelta(minutes=3)
"""A leader looks each minute at the longest, but for when it starts."""


class Following:
    """Keeps a desk up to date that nobody judges at."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._watch = Watch(desk, lambda _chat, _news: ("", ()), lambda: None)
        self._seen: datetime | None = None
        self._loaded_at = self._started_at = desk.now
        self._is_silent = False
        self._unread = Lasting(
            _log, "What the leader has stored cannot be read", over="What the leader has stored is read again"
        )

    async def load(self) -> None:
        """Everything anew, beside the event loop.

        Raises:
            StorageError: the database cannot be read.
        """
        now, beat = self._desk.now, last_beat(self._desk.db)
        await self._watch.load_beside()
        self._loaded_at, self._seen = now, beat
        self._learn_coins()

    async def refresh(self) -> None:
        """What the leader has stored since the last time.

        Raises:
            StorageError: the database cannot be read.
        """
        desk, seen, beat = self._desk, self._seen, last_beat(self._desk.db)
        self._note_silence(beat)
        if beat == seen:
            return
        if seen is None or desk.now - self._loaded_at >= RELOAD_EVERY:
            await self.load()
            return
        desk.market = with_newer(desk.market, load_market(desk.db, since=seen - OVERLAP))
        self._watch.resume()
        self._learn_coins()
        self._seen = beat

    async def run(self) -> None:
        """Refresh again and again; while the database does not answer the desk stays as it is."""
        while True:
            await asyncio.sleep(REFRESHED_EVERY.total_seconds())
            try:
                await self.refresh()
            except StorageError as error:
                self._unread.complain(error)
            except Exception as error:  # noqa: BLE001
                # The last resort: what was read before answers better than no process at all.
                self._unread.complain(error, is_bug=True)
            else:
                self._unread.is_well()

    def _note_silence(self, beat: datetime | None) -> None:
        """Say once that nobody watches: whoever runs only web processes should know."""
        since = max(filter(None, (beat, self._started_at)))
        is_silent = self._desk.now - since > _SILENT_AFTER
        if is_silent and not self._is_silent:
            _log.error("nobody watches the markets: does `python -m bot run --worker` run?")
        self._is_silent = is_silent

    def _learn_coins(self) -> None:
        desk = self._desk
        desk.coins.learn()
        desk.coins.polled = desk.coins.priced_since(desk.market, to_ms(desk.now - _POLLED_WITHIN))


def with_newer(market: Market, newer: Market) -> Market:
    """A market whose last part was read anew: prices, bars and gauges of that time, and all of the rest."""
    return replace(market.joined(newer), flows=newer.flows, levels=newer.levels, notices=newer.notices)
