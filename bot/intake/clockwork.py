"""The clockwork that runs the job table: APScheduler in memory, with every irregularity on record.

Jobs are fired on whole multiples of their interval since the epoch, so that two bots, or two runs of one,
look at the market at the same moments.
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


class Clockwork:
    """Runs jobs when they are due. A run that fails, is skipped, missed or late is in its job's health."""

    def __init__(self, work: Work, jobs: Sequence[Job] = JOBS) -> None:
        self._work = work
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

    async def stop(self) -> None:
        """End: runs that are under way are cancelled, and none is left when this returns."""
        self._is_stopping = True
        self._scheduler.remove_listener(self._note)
        self._scheduler.shutdown(wait=False)
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        if task := asyncio.current_task():
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        db, now, due = self._work.collector.db, self._work.collector.now, self._due.get(job.name)
        late = max(now - due, timedelta(0)) if due else timedelta(0)
        if late > job.interval / 2:
            log.warning("%s started %.1f s late", job.name, late.total_seconds())
            record_job_missed(db, job.name)
        record_job_started(db, job.name, now, late)
        try:
            await job.run(self._work)
        except asyncio.CancelledError:
            # At the end of the program; the scheduler would log it as the job's error, with a traceback.
            if not self._is_stopping:
                raise

    def _note(self, event: Any) -> None:
        try:
            self._write_down(event)
        except StorageError as error:
            log.error("%s: the run is not on record: %s", event.job_id, error)  # noqa: TRY400  # its one line says it all

    def _write_down(self, event: Any) -> None:
        """What the scheduler says of a run."""
        db, name = self._work.collector.db, event.job_id
        if event.code in {events.EVENT_JOB_SUBMITTED, events.EVENT_JOB_MAX_INSTANCES}:
            self._note_due(name, event.scheduled_run_times[-1])
        if event.code == events.EVENT_JOB_MAX_INSTANCES:
            log.warning("%s is still running: its next run was skipped", name)
            record_job_skipped(db, name)
        elif event.code == events.EVENT_JOB_MISSED:
            record_job_missed(db, name)
        elif event.code == events.EVENT_JOB_EXECUTED:
            record_job_done(db, name, self._work.collector.now)
        elif event.code == events.EVENT_JOB_ERROR:
            record_job_failed(db, name, f"{type(event.exception).__name__}: {event.exception}")

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
