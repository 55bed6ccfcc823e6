"""`/admin feeds` and `/admin jobs`: how each is doing, those in trouble first."""

from collections.abc import Iterator
from datetime import timedelta

from bot.commands.admin_lines import ago, counted, mark, short
from bot.words.answer import Ask
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.feed_runs import FeedHealth, JobHealth, read_feeds, read_jobs

_WORTH_A_WORD = timedelta(seconds=1)


def feed_lines(ask: Ask) -> Iterator[Html]:
    """Every feed that ever ran."""
    feeds = sorted(read_feeds(ask.desk.db).values(), key=lambda feed: not feed.failures_in_a_row)
    well = sum(not feed.failures_in_a_row for feed in feeds)
    yield ask.words("admin.feeds", well=well, all=len(feeds))
    for feed in feeds:
        yield _feed(ask.words, feed)


def _feed(words: Wording, feed: FeedHealth) -> Html:
    well = not feed.failures_in_a_row
    away = feed.blocked_until if feed.blocked_until and feed.blocked_until > words.now else None
    return words.joined(
        [
            words("admin.named", mark=mark(well=well), name=feed.feed, what=ago(words, feed.last_ok_at)),
            counted(words, "admin.failures", feed.failures_in_a_row),
            words("admin.error", error=short(feed.error)) if feed.error else Html(),
            words("admin.away", moment=words.moment(away)) if away else Html(),
            _rejected(words, feed),
        ]
    )


def _rejected(words: Wording, feed: FeedHealth) -> Html:
    if not feed.rejected_count:
        return Html()
    count = words.number(feed.rejected_count, 0)
    return words("admin.rejected", n=feed.rejected_count, count=count, why=short(feed.last_rejected))


def job_lines(ask: Ask) -> Iterator[Html]:
    """Every job that was ever due."""
    jobs = sorted(read_jobs(ask.desk.db).values(), key=lambda job: job.last_error is None)
    yield ask.words("admin.jobs", well=sum(job.last_error is None for job in jobs), all=len(jobs))
    for job in jobs:
        yield _job(ask.words, job)


def _job(words: Wording, job: JobHealth) -> Html:
    well = job.last_error is None
    late = job.last_late if job.last_late >= _WORTH_A_WORD else None
    return words.joined(
        [
            words("admin.named", mark=mark(well=well), name=job.job, what=ago(words, job.last_done_at)),
            words("admin.late", length=words.duration(late)) if late else Html(),
            counted(words, "admin.missed", job.missed),
            counted(words, "admin.skipped", job.skipped),
            counted(words, "admin.failed", job.failed),
            words("admin.error", error=short(job.last_error)) if job.last_error else Html(),
        ]
    )
