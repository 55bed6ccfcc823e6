"""The health of every feed and of every job: when it last went well, and what is wrong since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.moments import length_ms, to_ms
from storage.columns import moment_or_none, ms_or_null
from storage.database import Database


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed is doing. `error` is that of the last try, None where it went well."""

    feed: str
    last_ok_at: datetime | None
    last_try_at: datetime | None
    failures_in_a_row: int
    error: str | None
    blocked_until: datetime | None
    rejected_count: int
    last_rejected: str | None


@dataclass(frozen=True, slots=True)
class JobHealth:
    """How a job is doing. `missed`: its time had long passed; `skipped`: the run before had not ended.

    `last_late`: how much too late its last run started.
    """

    job: str
    last_started_at: datetime | None
    last_done_at: datetime | None
    last_error: str | None
    runs: int
    failed: int
    missed: int
    skipped: int
    last_late: timedelta = timedelta(0)


def forget_feeds(db: Database, feeds: Iterable[str]) -> None:
    """Feeds that are not asked any more have no health."""
    db.execute_many("DELETE FROM feeds WHERE feed = ?", [(feed,) for feed in feeds])


def record_success(db: Database, feed: str, at: datetime) -> None:
    """A feed answered well."""
    db.execute(
        """INSERT INTO feeds (feed, last_ok_at, last_try_at) VALUES (:feed, :at, :at)
           ON CONFLICT (feed) DO UPDATE SET last_ok_at = :at, last_try_at = :at,
               failures_in_a_row = 0, error = NULL, blocked_until = NULL""",
        {"feed": feed, "at": to_ms(at)},
    )


def record_failure(
    db: Database, feed: str, at: datetime, error: str, blocked_until: datetime | None = None
) -> None:
    """A feed did not answer, or not well; `blocked_until` where the source said how long to stay away."""
    db.execute(
        """INSERT INTO feeds (feed, last_try_at, failures_in_a_row, error, blocked_until)
           VALUES (:feed, :at, 1, :error, :blocked_until)
           ON CONFLICT (feed) DO UPDATE SET last_try_at = :at,
               failures_in_a_row = feeds.failures_in_a_row + 1, error = :error,
               blocked_until = :blocked_until""",
        {"feed": feed, "at": to_ms(at), "error": error, "blocked_until": ms_or_null(blocked_until)},
    )


def record_rejected(db: Database, feed: str, count: int, reason: str) -> None:
    """Facts of a feed were not believed: how many, and why the last of them was not."""
    db.execute(
        """INSERT INTO feeds (feed, rejected_count, last_rejected) VALUES (:feed, :count, :reason)
           ON CONFLICT (feed) DO UPDATE SET rejected_count = feeds.rejected_count + :count,
               last_rejected = :reason""",
        {"feed": feed, "count": count, "reason": reason},
    )


def read_feeds(db: Database) -> dict[str, FeedHealth]:
    """The health of every feed that ever ran, by name."""
    rows = db.rows(
        """SELECT feed, last_ok_at, last_try_at, failures_in_a_row, error, blocked_until,
                  rejected_count, last_rejected FROM feeds ORDER BY feed"""
    )
    return {
        feed: FeedHealth(
            feed,
            moment_or_none(ok),
            moment_or_none(tried),
            failures,
            error,
            moment_or_none(blocked),
            *rejected,
        )
        for feed, ok, tried, failures, error, blocked, *rejected in rows
    }


def record_job_started(db: Database, job: str, at: datetime, late: timedelta = timedelta(0)) -> None:
    """A run of a job began, so much too late."""
    db.execute(
        """INSERT INTO jobs (job, last_started_at, runs, last_late_ms) VALUES (:job, :at, 1, :late)
           ON CONFLICT (job) DO UPDATE
           SET last_started_at = :at, runs = jobs.runs + 1, last_late_ms = :late""",
        {"job": job, "at": to_ms(at), "late": length_ms(late)},
    )


def record_job_done(db: Database, job: str, at: datetime) -> None:
    """A run of a job ended well."""
    db.execute(
        """INSERT INTO jobs (job, last_done_at) VALUES (:job, :at)
           ON CONFLICT (job) DO UPDATE SET last_done_at = :at, last_error = NULL""",
        {"job": job, "at": to_ms(at)},
    )


def record_job_failed(db: Database, job: str, error: str) -> None:
    """A run of a job ended in an error."""
    db.execute(
        """INSERT INTO jobs (job, failed, last_error) VALUES (:job, 1, :error)
           ON CONFLICT (job) DO UPDATE SET failed = jobs.failed + 1, last_error = :error""",
        {"job": job, "error": error},
    )


def record_job_missed(db: Database, job: str, runs: int = 1) -> None:
    """Runs of a job were not started, because their time had passed too long ago."""
    db.execute(
        """INSERT INTO jobs (job, missed) VALUES (:job, :runs)
           ON CONFLICT (job) DO UPDATE SET missed = jobs.missed + :runs""",
        {"job": job, "runs": runs},
    )


def record_job_skipped(db: Database, job: str) -> None:
    """A run of a job was not started, because the one before had not ended."""
    db.execute(
        """INSERT INTO jobs (job, skipped) VALUES (?, 1)
           ON CONFLICT (job) DO UPDATE SET skipped = jobs.skipped + 1""",
        (job,),
    )


def read_jobs(db: Database) -> dict[str, JobHealth]:
    """The health of every job that was ever due, by name."""
    rows = db.rows(
        """SELECT job, last_started_at, last_done_at, last_error, last_late_ms, runs, failed, missed, skipped
           FROM jobs ORDER BY job"""
    )
    return {
        job: JobHealth(
            job,
            moment_or_none(started),
            moment_or_none(done),
            error,
            runs,
            failed,
            missed,
            skipped,
            timedelta(milliseconds=late),
        )
        for job, started, done, error, late, runs, failed, missed, skipped in rows
    }
