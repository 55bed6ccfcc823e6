"""Blindness in words: which feeds are away since when, from when to when they were, what was not judged."""

from collections.abc import Sequence
from datetime import datetime

from bot.words.sources import source_name
from bot.words.wording import Wording


def silent_feeds(words: Wording, feeds: Sequence[tuple[str, str]]) -> str:
    """Rows of (feed, since when) in a row."""
    return words.listed(
        [
            words.plain("blind.since", feed=source_name(words, feed), moment=words.moment(_at(since)))
            for feed, since in feeds
        ]
    )


def outages_over(words: Wording, outages: Sequence[tuple[str, str, str]]) -> str:
    """Rows of (feed, from, to) in a row."""
    return words.listed(
        [
            words.plain("blind.outage", feed=source_name(words, feed), span=span(words, (since, until)))
            for feed, since, until in outages
        ]
    )


def span(words: Wording, ends: Sequence[str]) -> str:
    """From when to when, and how long that is; the day is said once."""
    first, last = map(_at, ends)
    same_day = first.astimezone(words.zone).date() == last.astimezone(words.zone).date()
    return words.plain(
        "blind.span",
        first=f"{words.day(first.astimezone(words.zone).date())} {first.astimezone(words.zone):%H:%M}",
        last=words.clock(last) if same_day else words.moment(last),
        length=words.duration(last - first),
    )


def condition_names(words: Wording, conditions: Sequence[str]) -> str:
    """The names of conditions in a row."""
    return words.listed([words.plain(f"name.{condition}") for condition in conditions])


def _at(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
