"""A snapshot of the running bot: what is looked at to say how it is, read once and together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.desk import Desk
from bot.health import Hearing, Sending
from signals.moments import from_ms
from signals.verdict import VERDICT
from storage.census import ChatCount, Waiting, count_chats, count_kept, count_waiting
from storage.database import Database, StorageError
from storage.feed_runs import FeedHealth, JobHealth, read_feeds, read_jobs
from storage.inbox import InboxState, count_inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The bot at `now`. `looked_at`: up to when the watch has judged. `storage_error`: why nothing is stored.

    `states`: where each condition, warning, the verdict and the shock stand. `watches`, `hears`: whether that
    is what this process does.
    """

    now: datetime
    started_at: datetime
    looked_at: datetime | None
    hearing: Hearing
    sending: Sending
    states: Mapping[str, str]
    storage_error: str | None = None
    watches: bool = True
    hears: bool = True


def take_snapshot(desk: Desk) -> Snapshot:
    """How everything is now. A database that does not answer is part of the answer."""
    judged_ms = desk.standings[VERDICT].judged_ms
    return Snapshot(
        now=desk.now,
        started_at=desk.health.started_at,
        looked_at=from_ms(judged_ms) if judged_ms else None,
        hearing=desk.health.hearing(),
        sending=desk.health.sending(),
        states=_states(desk),
        storage_error=_silence_of(desk.db),
        watches=desk.health.watches,
        hears=desk.health.hears,
    )


def _states(desk: Desk) -> dict[str, str]:
    """Where everything stands; nothing of that is known to a process that only stands by."""
    if not desk.health.watches and not desk.health.hears:
        return {}
    return {subject: str(standing.state) for subject, standing in desk.standings.items()}


def _silence_of(db: Database) -> str | None:
    try:
        read_feeds(db)
    except StorageError as error:
        return str(error)
    return None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says; reading it takes longer the more waits to be sent."""

    feeds: Mapping[str, FeedHealth]
    jobs: Mapping[str, JobHealth]
    waiting: tuple[Waiting, ...]
    inbox: Mapping[InboxState, int]
    chats: tuple[ChatCount, ...]
    kept: Mapping[str, int]


def read_stored(db: Database) -> Stored:
    """What the database says.

    Raises:
        StorageError: it does not answer.
    """
    waiting, chats, kept = count_waiting(db), count_chats(db), count_kept(db)
    return Stored(read_feeds(db), read_jobs(db), tuple(waiting), count_inbox(db), tuple(chats), kept)
