"""`backfill --days N`: history from the venues, with its progress on a terminal."""

import sys
from datetime import timedelta
from random import Random

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from bot.intake.backfill import Progress, backfill
from bot.intake.fetching import Collector
from bot.settings import Settings
from bot.surroundings import feed_context, utc_now
from signals.feeds.connections import Connections
from storage.database import Database


async def backfill_days(db: Database, settings: Settings, days: int) -> tuple[Progress, ...]:
    """Fetch so many days of everything; where each subject ended.

    Raises:
        StorageError: the database cannot do its work.
    """
    async with Connections(feed_context(settings)) as connections:
        chance = Random()  # noqa: S311  # jitter, no secret
        collector = Collector(db, connections, chance, settings.quorum_tolerance)
        with Bars(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
            return await backfill(collector, utc_now() - timedelta(days=days), _Lines(bars).show)


class _Lines:
    """One bar a subject."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def show(self, progress: Progress) -> None:
        """Draw how far a subject is."""
        if progress.subject not in self._tasks:
            self._tasks[progress.subject] = self._bars.add_task(progress.subject, total=1.0)
        state = "given up" if progress.error else f"{progress.facts:,} facts"
        description = f"{progress.subject}: {state}"
        self._bars.update(self._tasks[progress.subject], completed=progress.share, description=description)
