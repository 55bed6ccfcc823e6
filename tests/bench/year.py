"""A year of readings: how large it is, how long the bot's questions to it take, and the night's upkeep.

With as many coins in people's own rules as one bot polls. Once with all bars as they came in, then as upkeep
leaves them.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median

from bot.desk import Desk
from bot.settings import Settings
from bot.upkeep import old_rows
from bot.verbs.say import say
from bot.watch import MARKET_SPAN
from bot.watching import retention
from storage.census import measure
from storage.database import Database, open_database
from storage.market import load_market
from storage.retention import Retention, prune_in_steps
from storage.spans import span
from storage.thinning import thin_candles
from tests.bench import a_year
from tests.bench.row import Row
from tests.bench.timing import MS, spread, times_s

DAYS = 365
RUNS = 3

_MB = 1e6
_QUESTIONS = ("/status", "/chart btc 30d", "/scorecard", "/compare 200d")


def run() -> list[Row]:
    """Takes about ten minutes."""
    with tempfile.TemporaryDirectory() as folder:
        return list(measured(Path(folder) / "year.db"))


def measured(where: Path | str) -> Iterator[Row]:
    """Fill a database that is empty, and ask it."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic's own
    kept = retention(settings)
    with closing(open_database(where)) as db:
        a_year.fill(db, DAYS, kept)
        yield _size(db, "as it came in")
        yield from _upkeep(db, kept)
        yield _size(db, "after upkeep; freed pages are used again")
        yield from _asked(db, settings)


def _size(db: Database, note: str) -> Row:
    size = measure(db)
    largest = ", ".join(f"{rows / 1e6:.1f} m {table}" for table, rows in list(size.rows.items())[:3])
    return Row("year: the database", round(size.bytes / _MB), "MB", f"{note}: {largest}")


def _upkeep(db: Database, kept: Retention) -> Iterator[Row]:
    assert kept.fine_candles is not None
    thinning, before = old_rows.THINNING, a_year.UNTIL - kept.fine_candles
    thin = thin_candles(
        db, before, thinning.step_of, lambda bars: [f.coarser for f in thinning.decide(bars) if f.coarser]
    )
    yield from _steps("a day's old rows deleted", prune_in_steps(db, kept, a_year.UNTIL))
    yield from _steps("a year's bars of coins made hourly, once", thin)
    tomorrow = a_year.UNTIL + timedelta(days=1)
    thin = thin_candles(
        db,
        tomorrow - kept.fine_candles,
        thinning.step_of,
        lambda bars: [f.coarser for f in thinning.decide(bars) if f.coarser],
    )
    yield from _steps("a day's bars of coins made hourly", thin)


def _steps(name: str, steps: Iterator[int]) -> Iterator[Row]:
    taken, rows = [], 0
    while True:
        began = time.perf_counter()
        changed = next(steps, None)
        if changed is None:
            break
        taken.append((time.perf_counter() - began) * MS)
        rows += changed
    note = f"{rows:,} rows in {len(taken):,} steps"
    yield Row(f"year: {name}", round(sum(taken) / MS, 1), "s", note)
    yield Row(f"year: {name}, the longest step", round(max(taken), 1), "ms", "so long the bot waits at most")


def _asked(db: Database, settings: Settings) -> Iterator[Row]:
    since = a_year.UNTIL - MARKET_SPAN
    desk = Desk(db, settings, lambda: a_year.UNTIL, load_market(db, since))
    yield _row("the watch's first load, 60 days", lambda: load_market(db, since))
    for line in _QUESTIONS:
        yield _row(line, lambda line=line: asyncio.run(_said(say(desk, line))))  # type: ignore[misc]
    yield _row("what is stored, for `check`", lambda: span(db))
    yield _row("the size of everything, for /admin", lambda: measure(db))


async def _said(answer: Awaitable[str]) -> None:
    await answer


def _row(name: str, work: Callable[[], object]) -> Row:
    taken = [seconds * MS for seconds in times_s(work, RUNS)]
    return Row(f"year: {name}", round(median(taken), 1), "ms", spread(taken, 1))
