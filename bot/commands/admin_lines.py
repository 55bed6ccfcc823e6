"""What the lines of the operator's pages have in common: marks, shortened texts, ages."""

from datetime import datetime

from bot.words.marks import MARKS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import State

_MOST_LETTERS = 160


def mark(*, well: bool) -> str:
    """How a thing is doing."""
    return MARKS[State.MET if well else State.UNMET]


def short(text: str | None, most: int = _MOST_LETTERS) -> str:
    """A text of others on one line, as much of it as is needed to know it."""
    one_line = " ".join((text or "").split())
    return one_line if len(one_line) <= most else one_line[: most - 1] + "…"


def ago(words: Wording, at: datetime | None) -> str:
    """How long ago something was, or that it never was."""
    return words.plain("admin.never") if at is None else words.plain("admin.ago", length=words.age(at))


def counted(words: Wording, key: str, count: int) -> Html:
    """A number with its word; empty where it is nought."""
    return words(key, n=count, count=words.number(count, 0)) if count else Html()
