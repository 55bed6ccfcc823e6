"""Whether the bot is well: the judgement over a snapshot, with a reason for everything that is not.

Well means that it does its work: the watch looks, Telegram is heard, the database answers. That a source is
late or a chat cannot be reached is the world's affair and no reason to start the bot anew. Of several
processes on one database each answers for what it does itself.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.vitals.snapshot import Snapshot
from bot.words.behind import TOLERATED

LOOKS_WITHIN = timedelta(minutes=3)
"""The watch looks after every round of quotes: each minute at the longest, and a round may take a while."""
FIRST_LOOK_WITHIN = timedelta(minutes=15)
"""At the start the gap since the last run is filled in from the venues, and only then looked at."""
HEARD_WITHIN = timedelta(minutes=2)
"""Telegram answers a poll within 25 s; one that hangs is made anew after 45 s."""


class Part(StrEnum):
    """What can be ailing."""

    DATABASE = "database"
    WATCH = "watch"
    TELEGRAM = "telegram"


class Ailment(NamedTuple):
    """What is ailing, and why: one line without secrets."""

    part: Part
    reason: str


def ailments(snapshot: Snapshot) -> tuple[Ailment, ...]:
    """Everything that keeps the bot from its work; nothing: it is well."""
    reasons = {
        Part.DATABASE: snapshot.storage_error,
        Part.WATCH: _watch(snapshot) if snapshot.watches else None,
        Part.TELEGRAM: next(_telegram(snapshot), None),
    }
    return tuple(Ailment(part, reason) for part, reason in reasons.items() if reason)


def _watch(snapshot: Snapshot) -> str | None:
    looked_at, now = snapshot.looked_at, snapshot.now
    if looked_at is not None and looked_at > now + TOLERATED:
        return f"the clock was set back: nothing is judged before {_moment(looked_at)}"
    if looked_at is None or looked_at < snapshot.started_at:
        late = now - snapshot.started_at > FIRST_LOOK_WITHIN
        return f"has not looked since the start at {_moment(snapshot.started_at)}" if late else None
    return f"has not looked since {_moment(looked_at)}" if now - looked_at > LOOKS_WITHIN else None


def _telegram(snapshot: Snapshot) -> Iterator[str]:
    refused_since = snapshot.sending.refused_since
    if refused_since is not None and snapshot.now - refused_since > HEARD_WITHIN:
        yield f"takes no messages since {_moment(refused_since)}: {snapshot.sending.trouble}"
    hearing = snapshot.hearing
    since = max(hearing.heard_at or snapshot.started_at, snapshot.started_at)
    if snapshot.hears and snapshot.now - since > HEARD_WITHIN:
        trouble = f": {hearing.trouble}" if hearing.trouble else ""
        yield f"{hearing.way} has not heard from Telegram since {_moment(since)}{trouble}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
