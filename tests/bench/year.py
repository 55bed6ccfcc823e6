"""A year of readings on both engines: its size, how long the bot's questions to it take, the night's upkeep.

With as many coins in people's own rules as one bot polls. The PostgreSQL is that of the tests, on loopback;
where there is none its figures are left out. What came in last is there before the night clears up, which is
when the database is largest.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from bot.desk import Desk
from bot.settings import Settings
from bot.verbs.say import say
from bot.watching.live import retention
from bot.watching.watch import MARKET_SPAN, Watch
from storage.census import measure
from storage.copying import move
from storage.database import Database, open_database
from storage.market import load_market
from storage.retention import Retention, prune_in_steps
from storage.spans import span
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
        rows = [*_lived(db, kept), *_upkeep(db, kept), *_asked(db, settings)]
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


def _lived(db: Database, kept: Retention) -> Iterator[Row]:
    """Every day and night but the last night."""
    began, processor = time.perf_counter(), time.process_time()
    quarters = []
    for number, day in enumerate(a_year.live(db, DAYS, kept), start=1):
        if number == DAYS:
            break
        if number % (DAYS // 4) == 0:
            quarters.append(f"{measure(db).bytes / _MB:,.0f}")
        a_year.night(db, kept, day)
    yield _size(db, f"as it came in, before the night; after each quarter {', '.join(quarters)}")
    own = f"{time.process_time() - processor:.0f} s of it processor time of our own"
    yield Row("to live through it", round(time.perf_counter() - began), "s", own)


def _upkeep(db: Database, kept: Retention) -> Iterator[Row]:
    tonight = a_year.UNTIL
    yield from _steps("a night's old rows deleted", prune_in_steps(db, kept, tonight))
    yield from _steps("a night's bars of coins made hourly", a_year.thin(db, kept, tonight))
    a_year.clear_dead_rows(db)
    yield _size(db, "after the night; freed pages are used again")


def _steps(name: str, steps: Iterator[int]) -> Iterator[Row]:
    taken_ms, rows = [], 0
    began = time.perf_counter()
    for changed in steps:
        rows += changed
        ended = time.perf_counter()
        taken_ms.append((ended - began) * MS)
        began = ended
    if not taken_ms:
        return
    longest = f"p95 {p95(taken_ms * 2):.1f} ms, most {max(taken_ms):.0f} ms"
    note = f"{rows:,} rows in {len(taken_ms):,} steps, {longest}"
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
