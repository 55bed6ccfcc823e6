import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from apscheduler import events

from bot.intake.clockwork import Clockwork, trigger_of
from bot.intake.fetching import Collector
from bot.intake.schedule import JOBS, Job, Work, flows_are_due, polled_every
from signals.facts import BINANCE_BTC, Candle, Fact
from signals.feeds.connections import Connections
from signals.feeds.context import FeedContext
from signals.feeds.feed import Feed
from signals.feeds.table import FEEDS
from signals.quorum import TOLERANCE
from storage.database import Database, open_database
from storage.feed_runs import JobHealth, read_jobs, record_job_skipped
from storage.market import Retention, read_candles, save_facts
from tests.signals.feeds.moments import NOW, Clock

RETENTION = Retention(timedelta(days=3), timedelta(days=400), timedelta(days=30), timedelta(days=90))
OFTEN = timedelta(milliseconds=50)


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    logger = logging.getLogger("apscheduler")
    before = logger.level
    yield
    logger.setLevel(before)


@dataclass
class Heard:
    rounds: list[tuple[Fact, ...]] = field(default_factory=list)

    async def __call__(self, facts: tuple[Fact, ...]) -> None:
        self.rounds.append(facts)


def work_at(db: Database, clock: Callable[[], datetime]) -> Work:
    collector = Collector(db, Connections(FeedContext(clock)), Random(1), TOLERANCE)
    return Work(collector, Heard(), RETENTION, feeds=())


def job(run: Callable[[Work], Awaitable[None]], interval: timedelta = OFTEN) -> Job:
    return Job("test", interval, timedelta(seconds=1), run)


@pytest.fixture
async def running(db: Database) -> AsyncIterator[Callable[[Job], Clockwork]]:
    """Start a clockwork of one job; it is stopped at the end of the test."""
    started: list[Clockwork] = []

    def start(one: Job) -> Clockwork:
        clockwork = Clockwork(work_at(db, lambda: datetime.now(UTC)), [one])
        clockwork.start()
        started.append(clockwork)
        return clockwork

    yield start
    for clockwork in started:
        await clockwork.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # what is awaited is a row of the database
            await asyncio.sleep(0.005)


def read(db: Database) -> JobHealth:
    return read_jobs(db)["test"]


Start = Callable[[Job], Clockwork]


async def test_a_job_runs_again_and_again_and_its_runs_are_counted(db: Database, running: Start) -> None:
    thrice = asyncio.Event()
    runs = 0

    async def run(_: Work) -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            thrice.set()

    running(job(run))
    await asyncio.wait_for(thrice.wait(), 5)
    await until(lambda: read(db).last_done_at is not None)

    assert read(db).runs >= 3
    assert (read(db).failed, read(db).last_error) == (0, None)


async def test_a_run_that_fails_is_on_record_and_the_next_one_comes(db: Database, running: Start) -> None:
    async def run(_: Work) -> None:
        raise ValueError("the disk is full")

    running(job(run))
    await until(lambda: "test" in read_jobs(db) and read(db).failed >= 2)

    assert read(db).last_error == "ValueError: the disk is full"
    assert read(db).last_done_at is None


async def test_a_run_is_skipped_while_the_one_before_is_under_way_and_that_is_on_record(
    db: Database, running: Start
) -> None:
    go_on = asyncio.Event()

    async def run(_: Work) -> None:
        await go_on.wait()

    running(job(run))
    await until(lambda: "test" in read_jobs(db) and read(db).skipped >= 2)

    assert read(db).runs == 1
    go_on.set()
    await until(lambda: read(db).runs >= 2)


async def test_stopping_ends_the_run_that_is_under_way(db: Database) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run(_: Work) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    clockwork = Clockwork(work_at(db, lambda: datetime.now(UTC)), [job(run)])
    clockwork.start()
    await asyncio.wait_for(begun.wait(), 5)

    await clockwork.stop()

    assert ended.is_set()
    assert read(db).failed == 0


async def test_a_database_that_cannot_be_written_is_said_once_and_the_clockwork_outlives_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    db, tried = open_database(tmp_path / "a.db"), 0

    async def run(_: Work) -> None:
        nonlocal tried
        tried += 1
        record_job_skipped(db, "test")

    caplog.set_level(logging.INFO)
    db.execute("PRAGMA busy_timeout = 0")
    clockwork = Clockwork(work_at(db, lambda: datetime.now(UTC)), [job(run)])
    with closing(sqlite3.connect(db.name, isolation_level=None)) as other:
        clockwork.start()
        await until(lambda: tried >= 2)
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(6 * OFTEN.total_seconds())
        before = tried
        other.execute("ROLLBACK")
    await until(lambda: tried > before)
    await until(lambda: "the database can be used again" in caplog.text)

    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage().partition(":")[0] for record in told] == ["nothing that is due can be done"]
    assert "Traceback" not in caplog.text
    await clockwork.stop()
    assert read(db).last_done_at is not None
    db.close()


async def test_a_clock_that_is_set_back_by_an_hour_leaves_no_job_waiting_for_an_hour(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ran = asyncio.Event()

    async def run(_: Work) -> None:
        ran.set()

    clockwork = Clockwork(work_at(db, lambda: datetime.now(UTC)), [job(run)], clock_look=OFTEN)
    clockwork.start()
    await asyncio.wait_for(ran.wait(), 5)
    # This is what an hour less on the wall looks like to the scheduler.
    clockwork._scheduler.get_job("test").modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
    ran.clear()

    await asyncio.wait_for(ran.wait(), 5)

    assert "the clock was set back: test is due anew" in caplog.text
    await clockwork.stop()


DUE = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
TEN = timedelta(seconds=10)


async def idle(_: Work) -> None:
    """Do nothing."""


def noted(db: Database, now: datetime, *told: tuple[int, datetime]) -> Clockwork:
    """A clockwork that the scheduler told something, at a moment that the test chooses."""
    clockwork = Clockwork(work_at(db, lambda: now), [job(idle, TEN)])
    for code, due in told:
        clockwork._note(events.JobSubmissionEvent(code, "test", "default", [due]))
    return clockwork


@pytest.mark.parametrize(("late", "missed"), [(0.0, 0), (5.0, 0), (5.1, 1), (9.9, 1)])
async def test_a_run_that_starts_more_than_half_an_interval_late_is_on_record(
    late: float, missed: int, db: Database
) -> None:
    clockwork = noted(db, DUE + timedelta(seconds=late), (events.EVENT_JOB_SUBMITTED, DUE))

    await clockwork._run(job(idle, TEN))

    assert (read(db).runs, read(db).missed) == (1, missed)


def test_the_runs_that_the_scheduler_folds_into_one_are_on_record(db: Database) -> None:
    noted(db, DUE, (events.EVENT_JOB_SUBMITTED, DUE), (events.EVENT_JOB_SUBMITTED, DUE + 4 * TEN))

    assert read(db).missed == 3


def test_a_week_of_sleep_is_on_record_in_one_write(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []
    execute = type(db).execute

    def counted(to: Any, sql: str, *values: Any) -> int:
        writes.append(sql)
        return execute(to, sql, *values)

    monkeypatch.setattr(type(db), "execute", counted)
    noted(db, DUE, (events.EVENT_JOB_SUBMITTED, DUE), (events.EVENT_JOB_SUBMITTED, DUE + timedelta(days=7)))

    assert read(db).missed == 7 * 24 * 360 - 1
    assert len(writes) == 1


def test_a_skipped_run_is_not_counted_as_lost_too(db: Database) -> None:
    skipped = (events.EVENT_JOB_MAX_INSTANCES, DUE + TEN)
    noted(db, DUE, (events.EVENT_JOB_SUBMITTED, DUE), skipped, (events.EVENT_JOB_SUBMITTED, DUE + 2 * TEN))

    assert (read(db).skipped, read(db).missed) == (1, 0)


def test_a_run_that_came_too_late_to_be_started_is_on_record(db: Database) -> None:
    clockwork = noted(db, DUE, (events.EVENT_JOB_SUBMITTED, DUE))

    clockwork._note(events.JobExecutionEvent(events.EVENT_JOB_MISSED, "test", "default", DUE))

    assert read(db).missed == 1


@pytest.mark.parametrize(
    ("name", "now", "due"),
    [
        ("quotes", "14:32:07", "14:32:10"),
        ("quotes", "14:32:10", "14:32:10"),
        ("candles", "14:32:07", "14:35:05"),
        ("etf_flows", "14:32:07", "14:45:15"),
        ("farside", "14:32:07", "15:07:00"),
        ("old_quotes", "04:09:59", "04:23:20"),
        ("prune", "04:09:59", "04:10:00"),
    ],
)
def test_jobs_are_due_on_whole_multiples_of_their_interval(name: str, now: str, due: str) -> None:
    [one] = [one for one in JOBS if one.name == name]
    day = "2026-11-20T{}+00:00"

    found = trigger_of(one).get_next_fire_time(None, datetime.fromisoformat(day.format(now)))

    assert found == datetime.fromisoformat(day.format(due))


async def test_every_feed_is_asked_at_its_interval(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, timedelta] = {}
    work = replace(work_at(db, Clock()), feeds=FEEDS)
    for one in JOBS:

        async def collected(
            feeds: list[Feed], _: Collector, interval: timedelta = one.interval
        ) -> tuple[Fact, ...]:
            asked.update({feed.name: interval for feed in feeds})
            return ()

        monkeypatch.setattr("bot.intake.schedule.collect", collected)
        await one.run(work)

    assert asked == {feed.name: feed.interval for feed in FEEDS}


def test_the_poll_setting_changes_the_quotes_alone() -> None:
    polled = polled_every(timedelta(seconds=3))

    assert polled[0] == replace(JOBS[0], interval=timedelta(seconds=3), grace=timedelta(seconds=3))
    assert polled[1:] == JOBS[1:]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-20T00:00:00", True),
        ("2026-11-20T20:30:00", True),
        ("2026-11-20T20:30:01", False),
        ("2026-11-21T12:00:00", True),
        ("2026-11-22T12:00:00", False),
        ("2026-11-23T12:00:00", False),
        ("2026-11-24T12:00:00", True),
        ("2026-11-27T12:00:00", False),
        ("2026-11-28T12:00:00", True),
    ],
    ids=[
        "a Friday", "until the last funds", "and no longer", "Saturday, for Friday", "Sunday", "Monday",
        "Tuesday", "the day after Thanksgiving", "the day after a half day",
    ],
)  # fmt: skip
async def test_flows_are_looked_at_on_the_day_after_a_session(now: str, due: bool, db: Database) -> None:  # noqa: FBT001
    clock = Clock(datetime.fromisoformat(f"{now}+00:00"))
    work = work_at(db, clock)
    assert flows_are_due(clock.now) is due

    for one in JOBS:
        if one.name in {"etf_flows", "farside"}:
            await one.run(work)

    assert isinstance(work.hear, Heard)
    assert work.hear.rounds == ([(), ()] if due else [])


@pytest.mark.parametrize("name", ["quotes", "candles"])
async def test_the_watch_hears_of_every_round_even_of_an_empty_one(name: str, db: Database) -> None:
    work = work_at(db, Clock())
    [one] = [one for one in JOBS if one.name == name]

    await one.run(work)

    assert isinstance(work.hear, Heard)
    assert work.hear.rounds == [()]


async def test_what_was_held_back_is_told_step_by_step_until_nothing_is_left(db: Database) -> None:
    more, others = [True, True, False, True], 0

    async def anything_else() -> None:
        nonlocal others
        while more:
            others += 1
            await asyncio.sleep(0)

    work = replace(work_at(db, Clock()), make_digests=lambda: more.pop(0))
    beside = asyncio.create_task(anything_else())
    [digests] = [one for one in JOBS if one.name == "digests"]
    await digests.run(work)
    assert (more, others) == ([True], 2)
    beside.cancel()


async def test_old_rows_are_forgotten(db: Database) -> None:
    five = timedelta(minutes=5)
    save_facts(
        db, [Candle(BINANCE_BTC, five, NOW - timedelta(days=days), 1, 1, 1, 1, 1) for days in (1, 500)]
    )
    [prune] = [one for one in JOBS if one.name == "prune"]

    await prune.run(work_at(db, Clock()))

    assert len(read_candles(db, BINANCE_BTC, five)) == 1
