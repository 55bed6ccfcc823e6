"""What somebody says they want to hear: one topic or several, and how, in whatever order."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import MOST_WORDS, subject_of, tidied
from bot.words.subjects import SHORT, WARNING_IDS

How = Literal["sound", "silent", "off"]

TOPICS = tuple(SHORT)
"""One topic a subject."""

_SEVERAL = {
    **dict.fromkeys(("all", "everything", "全部", "所有"), TOPICS),
    **dict.fromkeys(("warnings", "预警", "全部预警"), WARNING_IDS),
}
"""Words that stand for more than one topic."""

_HOW: dict[str, How] = {
    **dict.fromkeys(("sound", "loud", "on", "有声", "响铃"), "sound"),
    **dict.fromkeys(("silent", "silently", "quiet", "静默", "静音", "无声"), "silent"),
    **dict.fromkeys(("off", "none", "关闭", "取消"), "off"),
}
_COMMAS = re.compile("[,，、]")


class Said(NamedTuple):
    """Topics in the order in which they were named, and how they are to be heard; None: it was not said."""

    topics: tuple[str, ...]
    how: How | None


def read_said(words: Sequence[str]) -> Said:
    """What is meant by some words. Raises Misunderstood, with the first word that makes no sense."""
    parts = [part for word in words for part in _parts(word)]
    ways = [part for part in parts if tidied(part) in _HOW]
    if len(ways) > 1:
        raise Misunderstood(ways[1])
    named = [part for part in parts if tidied(part) not in _HOW]
    topics = tuple(dict.fromkeys(_topics(named)))
    return Said(topics, _HOW[tidied(ways[0])] if ways else None)


def says_how(word: str) -> bool:
    """Whether a word says how to hear, by itself or behind a comma."""
    return any(tidied(part) in _HOW for part in _parts(word))


def topics_of(word: str) -> tuple[str, ...]:
    """The topics that one name stands for. Raises Misunderstood."""
    return _SEVERAL.get(tidied(word)) or (subject_of(word),)


def _parts(word: str) -> list[str]:
    return [part for part in _COMMAS.split(word) if part]


def _topics(named: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(named):
        taken, topics = _longest(named[at:])
        yield from topics
        at += taken


def _longest(named: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """The longest name that some words begin with: of how many words it is, and what it stands for."""
    for taken in range(min(MOST_WORDS, len(named)), 0, -1):
        try:
            return taken, topics_of(" ".join(named[:taken]))
        except Misunderstood:
            continue
    raise Misunderstood(named[0])
