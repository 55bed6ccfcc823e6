"""How much anybody may ask: token buckets, so that nobody makes the bot spam or draw without end.

A bucket holds a burst of requests and fills up evenly. Whoever finds it empty is told once, and then nothing
until a request is granted again: an answer to each of a flood would be the spam itself. Pure: every moment is
passed in.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Grant(StrEnum):
    """What becomes of a request."""

    GRANTED = "granted"
    TOLD = "told"
    """Refused, and to be told so."""
    SILENT = "silent"
    """Refused; it was told before."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in a length of time, all of them at once if need be."""

    requests: int
    per: timedelta

    @property
    def one_every(self) -> timedelta:
        """The time in which one more comes in."""
        return self.per / self.requests


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many requests are left as of a moment, in parts of one too, and whether a refusal was told."""

    left: float
    at: datetime
    is_told: bool = False


def take(bucket: Bucket | None, rate: Rate, now: datetime) -> tuple[Bucket, Grant]:
    """Take a request out of a bucket (None: a full one), as it is afterwards.

    A clock that was set back fills nothing and takes nothing away.
    """
    bucket = _filled(bucket or Bucket(rate.requests, now), rate, now)
    # Many small parts add up to a hair less than a whole.
    if bucket.left >= 1 - 1e-9:
        return Bucket(max(bucket.left - 1, 0), now), Grant.GRANTED
    return replace(bucket, is_told=True), Grant.SILENT if bucket.is_told else Grant.TOLD


def _filled(bucket: Bucket, rate: Rate, now: datetime) -> Bucket:
    gained = max((now - bucket.at) / rate.one_every, 0)
    return replace(bucket, left=min(bucket.left + gained, rate.requests), at=now)


PER_PERSON = Rate(20, timedelta(minutes=1))
"""Commands, presses and words of one person, in all chats together."""
PER_GROUP = Rate(9, timedelta(minutes=1))
"""Of all people of a group together: Telegram takes twenty messages a minute there, and alerts need some."""
INLINE_PER_PERSON = Rate(90, timedelta(minutes=1))
"""Inline queries of one person: each letter that is typed makes one."""
CHARTS_PER_CHAT = Rate(6, timedelta(minutes=1))
"""What has to be drawn for one chat: a picture takes a thousand times as long as a text."""


class Verdict(NamedTuple):
    """What becomes of a request, and when the next one is granted again."""

    grant: Grant
    wait: timedelta = timedelta(0)


class Allowance:
    """The buckets of everybody who asked lately; one that has filled up again is forgotten."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: dict[Hashable, Bucket] = {}
        self._swept_at: datetime | None = None

    def __len__(self) -> int:
        """How many buckets are not full, as of the last look."""
        return len(self._buckets)

    def ask(self, key: Hashable, now: datetime) -> Verdict:
        """Whether whoever `key` stands for may ask one thing more."""
        self._sweep(now)
        bucket, grant = take(self._buckets.get(key), self._rate, now)
        self._buckets[key] = bucket
        missing = max(1 - bucket.left, 0)
        return Verdict(grant, timedelta(0) if grant is Grant.GRANTED else missing * self._rate.one_every)

    def _sweep(self, now: datetime) -> None:
        """After so long every bucket that nobody touched is full, which is what a missing one means."""
        if self._swept_at is not None and timedelta(0) <= now - self._swept_at < self._rate.per:
            return
        self._swept_at = now
        self._buckets = {key: each for key, each in self._buckets.items() if now - each.at < self._rate.per}
