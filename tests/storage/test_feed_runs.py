from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.feed_runs import (
    FeedHealth,
    JobHealth,
    read_feeds,
    read_jobs,
    record_failure,
    record_job_done,
    record_job_failed,
    record_job_missed,
    record_job_skipped,
    record_job_started,
    record_rejected,
    record_success,
)

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def test_no_feed_has_run_at_first(db: Database) -> None:
    assert read_feeds(db) == {}


def test_a_success_is_remembered(db: Database, other: Database) -> None:
    record_success(db, "binance", NOON)
    assert read_feeds(other) == {"binance": FeedHealth("binance", NOON, NOON, 0, None, None, 0, None)}


def test_failures_in_a_row_are_counted_since_the_last_success(db: Database) -> None:
    record_success(db, "farside", NOON)
    record_failure(db, "farside", LATER, "timeout")
    record_failure(db, "farside", LATER, "451", blocked_until=LATER + timedelta(hours=1))
    assert read_feeds(db)["farside"] == FeedHealth(
        "farside", NOON, LATER, 2, "451", LATER + timedelta(hours=1), 0, None
    )


def test_a_success_ends_a_row_of_failures_and_the_block(db: Database) -> None:
    record_failure(db, "farside", NOON, "timeout", blocked_until=LATER)
    record_success(db, "farside", LATER)
    assert read_feeds(db)["farside"] == FeedHealth("farside", LATER, LATER, 0, None, None, 0, None)


def test_a_feed_that_never_answered_has_no_success(db: Database) -> None:
    record_failure(db, "farside", NOON, "timeout")
    assert read_feeds(db)["farside"] == FeedHealth("farside", None, NOON, 1, "timeout", None, 0, None)


def test_rejected_facts_are_counted_and_the_last_reason_is_kept(db: Database) -> None:
    record_rejected(db, "binance", 2, "bid above ask")
    record_success(db, "binance", NOON)
    record_rejected(db, "binance", 1, "12 % from the last price")
    health = read_feeds(db)["binance"]
    assert (health.rejected_count, health.last_rejected) == (3, "12 % from the last price")
    assert health.last_ok_at == NOON


def test_jobs_count_their_runs_and_how_they_ended(db: Database, other: Database) -> None:
    record_job_started(db, "quotes", NOON)
    record_job_done(db, "quotes", NOON)
    record_job_started(db, "quotes", LATER)
    record_job_failed(db, "quotes", "disk full")
    record_job_missed(db, "quotes")
    record_job_missed(db, "flows")
    record_job_skipped(db, "flows")
    assert read_jobs(other) == {
        "flows": JobHealth("flows", None, None, None, 0, 0, 1, 1),
        "quotes": JobHealth("quotes", LATER, NOON, "disk full", 2, 1, 1, 0),
    }


def test_a_run_that_ends_well_clears_the_error(db: Database) -> None:
    record_job_failed(db, "quotes", "disk full")
    record_job_done(db, "quotes", LATER)
    assert read_jobs(db)["quotes"].last_error is None
