"""A year of readings on both engines: its size, how long the bot's questions to it take, the night's upkeep.

With as many coins in people's own rules as one bot polls. The PostgreSQL is that of the tests, on loopback;
where there is none its figures are left out.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from bot.desk import Desk
from bot.settings import Settings
from bot.upkeep.old_rows import THINNING
from bot.verbs.say import say
from bot.watch import MARKET_SPAN, Watch
from bot.watching import retention
from storage.census import measure
from storage.copying import move
from storage.database import Database, open_database
from storage.market import load_market
from storage.retention import Retention, prune_in_steps
from storage.spans import span
from storage.thinning import thin_candles
from tests.bench import a_year
from tests.bench.row import Row
from tests.bench.standstill import standstill
from tests.bench.timing import MS, p95, spread, times_s
from tests.storage.postgres_server import postgres_server, programs

DAYS = 365
RUNS = 3

_MB, _MILLION = 1e6, 1e6
_QUESTIONS = ("/status", "/chart btc 30d", "/scorecard", "/compare 200d")


def run() -> list[Row]:
    """Takes about a quarter of an hour."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "year.db", Path(folder) / "moved.db"
        rows = list(measured("SQLite", here))
        if programs() is None:
            return rows
        with postgres_server() as server:
            rows += measured("PostgreSQL", url := server.new_database(empty=True))
            rows += [moved("SQLite to PostgreSQL", here, server.new_database(empty=True))]
            rows += [moved("PostgreSQL to SQLite", url, there)]
        return rows


def measured(engine: str, where: Path | str) -> Iterator[Row]:
    """Fill a database that is empty, and ask it."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic's own
    kept = retention(settings)
    with closing(open_database(where)) as db:
        a_year.fill(db, DAYS, kept)
        rows = [_size(db, "as it came in"), *_upkeep(db, kept)]
        rows += [_size(db, "after upkeep; freed pages are used again"), *_asked(db, settings)]
    for row in rows:
        yield row._replace(name=f"year on {engine}: {row.name}")


def moved(name: str, source: Path | str, target: Path | str) -> Row:
    """Everything from one database into another, and compared."""
    with closing(open_database(source)) as here, closing(open_database(target, unfinished=True)) as there:
        began = time.perf_counter()
        rows = sum(move(here, there).values())
        taken = time.perf_counter() - began
        size = f"{rows / _MILLION:.1f} m rows, then {measure(there).bytes / _MB:,.0f} MB"
    return Row(f"year moved from {name}", round(taken), "s", size)


def _size(db: Database, note: str) -> Row:
    size = measure(db)
    largest = ", ".join(f"{rows / _MILLION:.1f} m {table}" for table, rows in list(size.rows.items())[:3])
    return Row("size", round(size.bytes / _MB), "MB", f"{note}: {largest}")


def _upkeep(db: Database, kept: Retention) -> Iterator[Row]:
    tonight = a_year.UNTIL
    yield from _steps("a day's old rows deleted", prune_in_steps(db, kept, tonight))
    yield from _steps("a year's bars of coins made hourly, once", _thin(db, kept, tonight))
    yield from _steps("a day's bars of coins made hourly", _thin(db, kept, tonight + timedelta(days=1)))


def _thin(db: Database, kept: Retention, now: datetime) -> Iterator[int]:
    assert kept.fine_candles is not None
    return thin_candles(
        db,
        now - kept.fine_candles,
        THINNING.step_of,
        lambda bars: [fate.coarser for fate in THINNING.decide(bars) if fate.coarser],
    )


def _steps(name: str, steps: Iterator[int]) -> Iterator[Row]:
    taken_ms, rows = [], 0
    began = time.perf_counter()
    for changed in steps:
        rows += changed
        ended = time.perf_counter()
        taken_ms.append((ended - began) * MS)
        began = ended
    note = (
        f"{rows:,} rows in {len(taken_ms):,} steps, p95 {p95(taken_ms):.1f} ms, most {max(taken_ms):.0f} ms"
    )
    yield Row(name, round(sum(taken_ms) / MS, 1), "s", note)
    yield Row(f"{name}: a step", round(median(taken_ms), 1), "ms", "so long the bot's loop waits")


def _asked(db: Database, settings: Settings) -> Iterator[Row]:
    since = a_year.UNTIL - MARKET_SPAN
    desk = Desk(db, settings, lambda: a_year.UNTIL, load_market(db, since))
    yield _row("the watch's first load, 60 days", lambda: load_market(db, since))
    watch = Watch(desk, lambda _chat, _news: ("", ()), lambda: None)
    yield standstill("60 days read anew", watch.reload_market())
    yield standstill("/scorecard", say(desk, "/scorecard"))
    for line in _QUESTIONS:
        yield _row(line, lambda line=line: asyncio.run(say(desk, line)))  # type: ignore[misc]
    yield _row("what is stored, for `check`", lambda: span(db))
    yield _row("the size of everything, for /admin", lambda: measure(db))


def _row(name: str, work: Callable[[], object]) -> Row:
    taken = [seconds * MS for seconds in times_s(work, RUNS)]
    return Row(name, round(median(taken), 1), "ms", spread(taken, 1))
