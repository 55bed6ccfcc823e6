"""Notices: dated texts of others, such as an exchange's announcement or a recorded exploit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is."""

    ANNOUNCEMENT = "announcement"
    """An exchange says something about auto-deleveraging, its insurance fund or liquidation rules."""
    EXPLOIT = "exploit"
    """Somebody took what was not theirs from a protocol."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `key` names it within its kind and source for good.

    A later one with the same key revises it. `at` is the moment it is about, as its source says; `url` may be
    empty. `amount_usd` is what was lost in an exploit, where that is known.
    """

    kind: NoticeKind
    source: str
    key: str
    at: datetime
    title: str
    url: str
    known_at: datetime
    amount_usd: float | None = None

    def says_the_same(self, other: "Notice") -> bool:
        """Whether nothing of it was revised."""
        return (self.at, self.title, self.url, self.amount_usd) == (
            other.at,
            other.title,
            other.url,
            other.amount_usd,
        )


def newest_of_each(notices: Iterable[Notice]) -> list[Notice]:
    """Of every notice what was said of it last, in order of the moments they are about."""
    latest = {(n.kind, n.source, n.key): n for n in sorted(notices, key=lambda n: n.known_at)}
    return sorted(latest.values(), key=lambda n: n.at)
