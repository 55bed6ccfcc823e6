"""A snapshot of the running bot: what is looked at to say how it is, read once and together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.desk import Desk
from bot.health import Hearing, Sending
from signals.moments import from_ms
from signals.price import INSTRUMENTS
from signals.readings import Quality
from signals.verdict import VERDICT
from storage.census import ChatCount, Waiting, count_chats, count_kept, count_waiting
from storage.database import Database, StorageError
from storage.feed_runs import FeedHealth, JobHealth, read_feeds, read_jobs
from storage.inbox import InboxState, count_inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The bot at `now`. `looked_at`: up to when the watch has judged. `storage_error`: why nothing is stored.

    `states`: where each condition, warning, the verdict and the shock stand. `qualities`: how far each
    reading can be trusted, where that was looked at. `watches`, `hears`: whether this process does that.
    """

    now: datetime
    started_at: datetime
    looked_at: datetime | None
    hearing: Hearing
    sending: Sending
    states: Mapping[str, str]
    storage_error: str | None = None
    qualities: Mapping[str, Quality] = field(default_factory=dict)
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


def with_qualities(snapshot: Snapshot, desk: Desk) -> Snapshot:
    """The snapshot beside what is stale, disputed or missing; working it out takes some milliseconds."""
    if not desk.health.watches and not desk.health.hears:
        return snapshot  # it only stands by, and knows nothing of the market
    prices = {f"price_{coin.lower()}": desk.price(coin).quality for coin in INSTRUMENTS}
    conditions = {
        "premium": desk.premium().quality,
        "etf_flow": desk.etf_flow().quality,
        "eth_btc": desk.eth_btc().quality,
    }
    return replace(snapshot, qualities={**conditions, **prices})


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
