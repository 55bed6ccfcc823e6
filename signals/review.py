"""The 48-hour clock: whether, after a shock, any exchange speaks about ADL, insurance or liquidations.

A review announced within two days is good news, silence means that fragility stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from signals.announcements import Announcement
from signals.episode import Episode
from signals.moments import length_ms

WITHIN = timedelta(hours=48)


class Answer(StrEnum):
    """How the exchanges answered a shock."""

    WAITING = "waiting"
    """Not yet, and there is time left."""
    REVIEWED = "reviewed"
    SILENCE = "silence"
    """Not at all, and the time is over."""
    UNHEARD = "unheard"
    """The time is over, but nobody's announcements can be read: silence would be a guess."""
    LATE = "late"
    """Only after the time was over."""


@dataclass(frozen=True, slots=True)
class Review:
    """How an open episode was answered by a moment, and by which announcement."""

    answer: Answer
    opened_ms: int
    deadline_ms: int
    announcement: Announcement | None = None


def review_at(
    episode: Episode | None,
    told: Sequence[Announcement],
    moment_ms: int,
    within: timedelta = WITHIN,
    *,
    heard: bool = True,
) -> Review | None:
    """How the open episode has been answered by what was known at a moment; None where none is open.

    `heard`: whether the announcements of any exchange can be read then.
    """
    if episode is None:
        return None
    opened_ms = episode.opened_ms
    deadline_ms = opened_ms + length_ms(within)
    since = (each for each in told if each.known_ms <= moment_ms and opened_ms < each.at_ms <= moment_ms)
    first = min(since, key=lambda each: each.at_ms, default=None)
    if first is not None:
        answer = Answer.REVIEWED if first.at_ms <= deadline_ms else Answer.LATE
    elif moment_ms < deadline_ms:
        answer = Answer.WAITING
    else:
        answer = Answer.SILENCE if heard else Answer.UNHEARD
    return Review(answer, opened_ms, deadline_ms, first)
