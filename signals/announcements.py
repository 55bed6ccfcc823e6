"""Announcements of exchanges about auto-deleveraging, their insurance funds and their liquidation rules."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from signals.gauges import Gauge, Measure, Series
from signals.moments import to_ms
from signals.notices import Notice, NoticeKind

_WORDS = (
    r"\bauto(?:matic)?(?:ally)?[- ]?delever",
    r"\binsurance (?:fund|pool)s?\b",
    r"\b(?:security|risk reserve) funds?\b",
    r"\bliquidation[- ](?:clearance|rules?|engine|mechanism|process|logic|procedure|model|framework)",
    r"\b(?:forced|partial|tiered)[- ]liquidation",
    r"\bsociali[sz]ed loss",
    "自[动動][减減][仓倉]",
    "(?:保[险險]|[风風][险險](?:准备|準備|保障|保证|保證|储备|儲備))(?:基金|金|池)",
    "(?:[强強]制?平[仓倉]?|爆[仓倉]|清算)(?:规则|規則|机制|機制|引擎|流程|逻辑|邏輯)",
    "穿[仓倉](?:分[摊攤]|补偿|補償)",
)
_ABOUT = re.compile("|".join(_WORDS), re.IGNORECASE)

# Not `\b`: a Chinese character next to it is part of a word to `re`, "ADL机制" would have no border.
_ADL = re.compile(r"(?<![0-9A-Za-z$])ADL(?![0-9A-Za-z]|[/-]?USD)")
_OF_A_COIN = re.compile(
    r"\b(?:de)?list(?:s|ed|ing)?\b|\bairdrop|\btrading pair|\blaunchp|上线|上架|下架|下线|上線|下線|空投",
    re.IGNORECASE,
)
"""Words that come with the name of a coin, as which ADL would be no news of ours."""


def is_about_adl(title: str) -> bool:
    """Whether a title, in English or Chinese, is about ADL, an insurance fund or liquidation rules."""
    if _ABOUT.search(title):
        return True
    return _ADL.search(title) is not None and _OF_A_COIN.search(title) is None


def looked_at(venue: str, count: int, now: datetime) -> Gauge:
    """That a venue's announcements were read at a moment: only who is heard can be silent."""
    return Gauge(Series(venue, "announcements", Measure.ANNOUNCEMENTS_SEEN), now, float(count), known_at=now)


class Announcement(NamedTuple):
    """What an exchange said: when it published it, when it was first known here, in how many languages."""

    source: str
    at_ms: int
    known_ms: int
    wordings: tuple[Notice, ...]

    @classmethod
    def of(cls, wordings: Sequence[Notice]) -> Self:
        """From its wordings, the one that was known first in front."""
        first = wordings[0]
        return cls(first.source, to_ms(first.at), to_ms(first.known_at), tuple(wordings))

    @property
    def notice(self) -> Notice:
        """The wording that was known first."""
        return self.wordings[0]

    @property
    def is_history(self) -> bool:
        """Published before anybody looked here: what a first look finds counts as known when it was out."""
        return self.known_ms == self.at_ms


def announcements(notices: Iterable[Notice], since: datetime) -> tuple[Announcement, ...]:
    """Every announcement that became known since a moment once, in the order of becoming known.

    What a source publishes in two languages has two addresses and one moment of publication. What became
    known before plays its part: a title that was corrected days later is no new announcement.
    """
    told = (notice for notice in notices if notice.kind is NoticeKind.ANNOUNCEMENT)
    by_moment: dict[tuple[str, int], list[Notice]] = {}
    keys: set[tuple[str, str]] = set()
    for notice in sorted(told, key=lambda notice: notice.known_at):
        # A corrected title is not another announcement.
        if (notice.source, notice.key) not in keys:
            keys.add((notice.source, notice.key))
            by_moment.setdefault((notice.source, to_ms(notice.at)), []).append(notice)
    found = map(Announcement.of, by_moment.values())
    return tuple(announcement for announcement in found if announcement.known_ms >= to_ms(since))
