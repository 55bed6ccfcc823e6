"""What chats cost that are served one by one: briefs at one hour, own alerts at one number, single rows.

On a real file. While briefs are made or rules are told nothing else happens in the bot.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.desk import Desk
from bot.own.alerts import OwnAlerts
from bot.settings import Settings
from bot.telling.briefs import MOST_AT_A_TIME, make_due_briefs
from signals.facts import BINANCE_BTC, Quote
from signals.market import Market
from storage import briefs, chats, own_alerts
from storage.database import open_database
from storage.market import save_facts
from storage.outbox import Delivery, enqueue
from tests.bench.market import flow, live_market
from tests.bench.row import Row
from tests.bench.standstill import standstill
from tests.bench.timing import MS

CHATS = 2_000
NOW = datetime(2025, 6, 2, 15, tzinfo=UTC)
_FLOWS = tuple(flow(date(2025, 5, day), 10.0) for day in (27, 28, 29, 30))


def run() -> list[Row]:
    """Takes about half a minute."""
    return measure(CHATS)


def measure(count: int) -> list[Row]:
    """The rows for so many chats."""
    return [*_briefs(count), *_own_alerts(count), _single_rows(count)]


def _briefs(count: int) -> Iterator[Row]:
    with _desk(count, live_market(NOW, *_FLOWS)) as desk:
        for chat in range(1, count + 1):
            briefs.choose(desk.db, chat, NOW.time())
        yield standstill(f"{min(count, MOST_AT_A_TIME):,} briefs at one hour", make_due_briefs(desk, _nobody))
        while asyncio.run(make_due_briefs(desk, _nobody)):
            pass
        yield _each("a brief that is not due", count, lambda: asyncio.run(make_due_briefs(desk, _nobody)))
        yield standstill(f"{count:,} briefs that are not due", make_due_briefs(desk, _nobody))


def _own_alerts(count: int) -> Iterator[Row]:
    with _desk(count, Market()) as desk:
        with desk.db.transaction():
            for chat in range(1, count + 1):
                rule = own_alerts.draft(desk.db, chat, 0, "btc < 90000", None, made_by=None, now=NOW)
                own_alerts.set_state(desk.db, rule, "armed")
        woken = asyncio.Event()
        own = OwnAlerts(desk, woken.set)
        for seconds, price, what in ((10, 1e5, "is taken up"), (20, 1e5, "is looked at"), (30, 8e4, "fires")):
            moment = NOW + timedelta(seconds=seconds)
            desk.clock = lambda moment=moment: moment  # type: ignore[misc]  # bound at once
            facts = [Quote(BINANCE_BTC, moment, price, price, moment)]
            save_facts(desk.db, facts)
            desk.market = desk.market.add(facts)
            yield _each(f"an own alert {what}", count, own.look)
        yield standstill(f"the rest of {count:,} own alerts is told", _told(own, woken))
        assert desk.db.rows("SELECT count(*) FROM outbox") == [(count,)]


async def _told(own: OwnAlerts, woken: asyncio.Event) -> None:
    """As the running bot does it: the sender is woken after each go."""
    telling = asyncio.create_task(own.run())
    while own.is_behind:
        woken.clear()
        await woken.wait()
    telling.cancel()


def _single_rows(count: int) -> Row:
    with _desk(1, Market()) as desk:
        delivery = Delivery(chat_id=1, kind="alert", text="x" * 600, created_at=NOW)

        def commit() -> None:
            for _ in range(count):
                enqueue(desk.db, [delivery])

        return _each("a row on disk by itself", count, commit)


@contextmanager
def _desk(count: int, market: Market) -> Iterator[Desk]:
    with (
        tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder,
        closing(open_database(Path(folder) / "bench.db")) as db,
    ):
        with db.transaction():
            for chat in range(1, count + 1):
                chats.ensure_chat(db, chat, "private", "Reader", NOW)
        yield Desk(db, Settings(_env_file=None), lambda: NOW, market)  # type: ignore[call-arg]  # pydantic's own


def _nobody() -> None:
    """Nobody is woken."""


def _each(name: str, count: int, work: Callable[[], object]) -> Row:
    """What each of so many cost."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu_ms, wall_ms = (time.process_time() - cpu) * MS, (time.perf_counter() - wall) * MS
    note = f"each of {count:,}; {wall_ms / count:.3f} ms on the clock"
    return Row(name, round(cpu_ms / count, 4), "ms cpu", note)
