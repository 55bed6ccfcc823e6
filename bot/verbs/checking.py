"""`check`: what is configured, reachable and missing, one line each."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.settings import Settings
from bot.surroundings import feed_context, utc_now
from bot.talk.request import Request
from signals.feeds.connections import Connections
from signals.feeds.failure import FeedError
from signals.feeds.feed import Feed
from signals.feeds.table import FEEDS
from storage.database import StorageError, open_database
from storage.feed_runs import JobHealth, read_jobs
from storage.spans import span

_LOOK_BACK = timedelta(days=5)
_PATIENCE = timedelta(seconds=40)
"""SoSoValue wants 6.5 s between two requests, and two feeds ask it three times together."""


class Mark(StrEnum):
    """How a thing stands."""

    OK = "ok"
    MISSING = "missing"
    """Not configured; the bot does without."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    mark: Mark
    name: str
    detail: str

    @property
    def is_trouble(self) -> bool:
        """Whether something that is configured does not work."""
        return self.mark is Mark.FAILED

    def as_line(self) -> str:
        """For the terminal."""
        return f"{self.mark:8} {self.name:28} {self.detail}"

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


async def check_all(settings: Settings) -> Sequence[Finding]:
    """Look at the database, Telegram and every feed."""
    async with Connections(feed_context(settings)) as connections:
        feeds = await asyncio.gather(*(_check_feed(feed, connections) for feed in FEEDS))
    return [*_check_database(settings), await _check_telegram(settings), *feeds]


def _check_database(settings: Settings) -> Sequence[Finding]:
    try:
        with closing(open_database(settings.database)) as db:
            name, stored, jobs = db.name, span(db), read_jobs(db)
    except StorageError as error:
        return [Finding(Mark.FAILED, "database", str(error))]
    rows = sum(each.rows for each in stored)
    findings = [Finding(Mark.OK, "database", f"{name}, {rows:,} facts")]
    for each in stored:
        step = f" {each.step}" if each.step else ""
        days = f"{each.first_at:%Y-%m-%d} to {each.last_at:%Y-%m-%d}, {each.rows:,} rows"
        findings.append(Finding(Mark.OK, f"  {each.kind}{step}", f"{each.subject}: {days}"))
    return [*findings, *map(_job_finding, jobs.values())]


def _job_finding(job: JobHealth) -> Finding:
    """How a job of the bot's last run, or of the one that is running, has done."""
    irregular = f"{job.failed:,} failed, {job.missed:,} late or missed, {job.skipped:,} skipped"
    done = f"last done {job.last_done_at:%Y-%m-%d %H:%M:%S} UTC" if job.last_done_at else "never done"
    trouble = f"; {job.last_error}" if job.last_error else ""
    return Finding(
        Mark.FAILED if trouble else Mark.OK,
        f"  job {job.job}",
        f"{job.runs:,} runs, {irregular}; {done}{trouble}",
    )


async def _check_telegram(settings: Settings) -> Finding:
    if settings.telegram_bot_token is None:
        return Finding(Mark.MISSING, "telegram", "TELEGRAM_BOT_TOKEN is not set; the playground needs none")
    token = settings.telegram_bot_token.get_secret_value()
    request = Request(proxy=settings.https_proxy)
    address = settings.telegram_api_url or "https://api.telegram.org"
    try:
        async with Bot(token, base_url=f"{address}/bot", request=request) as bot:
            return Finding(Mark.OK, "telegram", f"@{bot.username}")
    except TelegramError as error:
        # The message of an error may hold the address, and the address holds the token.
        return Finding(Mark.FAILED, "telegram", f"{type(error).__name__}: the bot cannot log in")


async def _check_feed(feed: Feed, connections: Connections) -> Finding:
    if feed.needs and not connections.context.keys.get(feed.needs):
        return Finding(Mark.MISSING, feed.name, f"{feed.needs} is not set; other sources serve")
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            facts = await feed.fetch(connections, utc_now() - _LOOK_BACK)
    except FeedError as error:
        return Finding(Mark.FAILED, feed.name, f"{error} ({error.kind})")
    except TimeoutError:
        return Finding(Mark.FAILED, feed.name, f"no answer within {_PATIENCE.seconds} s")
    return Finding(Mark.OK, feed.name, f"{len(facts)} facts")
