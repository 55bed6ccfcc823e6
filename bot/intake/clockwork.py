"""The clockwork that runs the job table: APScheduler in memory, with every irregularity on record.

Jobs are fired on whole multiples of their interval since the epoch, so that two bots, or two runs of one,
look at the market at the same moments. Where the database cannot be used every job fails, every few seconds:
that is said once. A clock that is set back leaves jobs waiting until it is as late as it was: they are made
due anew.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler import events
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.intake.schedule import JOBS, Job, Work
from bot.lasting import Lasting
from storage.database import StorageError
from storage.feed_runs import (
    record_job_done,
    record_job_failed,
    record_job_missed,
    record_job_skipped,
    record_job_started,
)

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLD = (
    events.EVENT_JOB_SUBMITTED
    | events.EVENT_JOB_MAX_INSTANCES
    | events.EVENT_JOB_MISSED
    | events.EVENT_JOB_EXECUTED
    | events.EVENT_JOB_ERROR
)
_CLOCK_LOOK = timedelta(seconds=10)
"""So often the clock is looked at, by time that no clock can set."""


class Clockwork:
    """Runs jobs when they are due. A run that fails, is skipped, missed or late is in its job's health."""

    def __init__(
        self, work: Work, jobs: Sequence[Job] = JOBS, *, clock_look: timedelta = _CLOCK_LOOK
    ) -> None:
        self._work = work
        self._clock_look = clock_look
        self._keeping_up: asyncio.Task[None] | None = None
        self._trouble = Lasting(log, "nothing that is due can be done", over="the database can be used again")
        self._jobs = {job.name: job for job in jobs}
        self._due: dict[str, datetime] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._is_stopping = False
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin; the event loop has to be running."""
        # It would tell of every run of every job; what goes wrong it says as a warning or an error.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.add_listener(self._note, _TOLD)
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._run,
                trigger_of(job),
                args=[job],
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=max(1, int(job.grace.total_seconds())),
            )
        self._scheduler.start()
        self._keeping_up = asyncio.create_task(self._keep_up(), name="clock")

    async def stop(self) -> None:
        """End: runs that are under way are cancelled, and none is left when this returns."""
        self._is_stopping = True
        self._scheduler.remove_listener(self._note)
        self._scheduler.shutdown(wait=False)
        running = [*self._running, *([self._keeping_up] if self._keeping_up else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, job: Job) -> str | None:
        """One run; what kept the database from being used, if something did."""
        if task := asyncio.current_task():
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            self._note_start(job)
            await job.run(self._work)
        except asyncio.CancelledError:
            # At the end of the program; the scheduler would log it as the job's error, with a traceback.
            if not self._is_stopping:
                raise
        except StorageError as error:
            self._trouble.complain(error)
            return f"{type(error).__name__}: {error}"
        return None

    def _note_start(self, job: Job) -> None:
        db, now, due = self._work.collector.db, self._work.collector.now, self._due.get(job.name)
        late = max(now - due, timedelta(0)) if due else timedelta(0)
        if late > job.interval / 2:
            log.warning("%s started %.1f s late", job.name, late.total_seconds())
            record_job_missed(db, job.name)
        record_job_started(db, job.name, now, late)

    def _note(self, event: Any) -> None:
        """Write down what the scheduler says of a run, where it can be written down."""
        try:
            self._write_down(event)
        except StorageError as error:
            self._trouble.complain(error)

    def _write_down(self, event: Any) -> None:
        db, name = self._work.collector.db, event.job_id
        if event.code in {events.EVENT_JOB_SUBMITTED, events.EVENT_JOB_MAX_INSTANCES}:
            self._note_due(name, event.scheduled_run_times[-1])
        if event.code == events.EVENT_JOB_MAX_INSTANCES:
            log.warning("%s is still running: its next run was skipped", name)
            record_job_skipped(db, name)
        elif event.code == events.EVENT_JOB_MISSED:
            record_job_missed(db, name)
        elif event.code == events.EVENT_JOB_ERROR:
            record_job_failed(db, name, f"{type(event.exception).__name__}: {event.exception}")
        elif event.code == events.EVENT_JOB_EXECUTED and event.retval is not None:
            record_job_failed(db, name, event.retval)
        elif event.code == events.EVENT_JOB_EXECUTED:
            record_job_done(db, name, self._work.collector.now)
            self._trouble.is_well()

    async def _keep_up(self) -> None:
        """Make jobs due anew that a clock which was set back has put far off."""
        while True:
            await asyncio.sleep(self._clock_look.total_seconds())
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                # Nothing is ever due later than an interval from now.
                if job.next_run_time - now > self._jobs[job.id].interval:
                    log.warning("the clock was set back: %s is due anew", job.id)
                    job.modify(next_run_time=job.trigger.get_next_fire_time(None, now))

    def _note_due(self, name: str, due: datetime) -> None:
        """After the loop was held up, the scheduler makes one of several due runs and hides the rest."""
        before, self._due[name] = self._due.get(name), due
        lost = round((due - before) / self._jobs[name].interval) - 1 if before else 0
        if lost > 0:
            record_job_missed(self._work.collector.db, name, lost)
            log.warning("%s: %d runs were lost, the program was held up", name, lost)


def trigger_of(job: Job) -> IntervalTrigger:
    """When a job is due."""
    return IntervalTrigger(seconds=job.interval.total_seconds(), start_date=_EPOCH + job.offset, timezone=UTC)
