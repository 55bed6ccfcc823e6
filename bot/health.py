"""The health of the running program, for the operator to look at: since when it runs, what it complained of.

What outlives the program (feeds, jobs, deliveries) is in storage; this is the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from bot.logs import Complaint

Result = Literal["sent", "retried", "limited", "failed"]
"""What came of an attempt to send; limited: Telegram said to wait."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How the dispatcher is doing. `slowness`: how many times slower than usual it sends, 1 as a rule.

    `results`: attempts since the start, by the kind of message and what came of them. `per_second`: so many
    messages leave at most at present; 0: nothing sends. `refused_since`: since when Telegram does not know
    the token; None: it does.
    """

    in_flight: int
    last_sent_at: datetime | None
    trouble: str | None
    slowness: int
    results: Mapping[tuple[str, Result], int] = field(default_factory=dict)
    per_second: float = 0.0
    refused_since: datetime | None = None


class Hearing(NamedTuple):
    """How Telegram is heard: on which way, when last, and what is wrong, in one line without secrets."""

    way: Literal["polling", "webhook"]
    heard_at: datetime | None
    trouble: str | None


def _nothing_is_sent() -> Sending:
    return Sending(0, None, None, 1)


def _nothing_is_heard() -> Hearing:
    return Hearing("polling", None, None)


@dataclass
class Health:
    """What the desk is given by whoever runs it. In the terminal nothing is sent and nothing was logged."""

    started_at: datetime
    watches: bool = True
    """Whether this process is the one that watches the markets."""
    hears: bool = True
    """Whether this process hears Telegram."""
    complaints: Callable[[], Sequence[Complaint]] = tuple
    sending: Callable[[], Sending] = _nothing_is_sent
    hearing: Callable[[], Hearing] = _nothing_is_heard
