"""Levels as people type them: `support 105000-107000 break 103000 rally 109000-111000`, in any order."""

import re
from collections.abc import Sequence

from bot.commands.mistakes import Misunderstood
from signals.levels import Band, Levels

_PRICE = re.compile(r"^(?:\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.\d{1,2})?$")
_THOUSANDS = re.compile(r"^\d{1,6}(?:\.\d{1,3})?k$", re.IGNORECASE)
_DASHES = re.compile("[-–—~]")  # people's keyboards make all of these


def parse_levels(words: Sequence[str]) -> Levels:
    """The levels that words say.

    Raises:
        Misunderstood: a word makes no sense where it stands, or one of the three is missing.
        ValueError: the levels do not lie one above the other.
    """
    said = dict(zip(map(str.lower, words[::2]), words[1::2], strict=False))
    for name in words[::2]:
        if name.lower() not in {"support", "break", "rally"}:
            raise Misunderstood(name)
    if len(words) != 2 * len(said) or len(said) != len(Levels.__dataclass_fields__):
        raise Misunderstood(" ".join(words))
    return Levels(_band(said["support"]), _price(said["break"]), _band(said["rally"]))


def _band(word: str) -> Band:
    ends = _DASHES.split(word)
    if len(ends) != len(Band._fields):
        raise Misunderstood(word)
    return Band(*map(_price, ends))


def _price(word: str) -> float:
    if _PRICE.match(word):
        return float(word.replace(",", ""))
    if _THOUSANDS.match(word):
        return float(word[:-1]) * 1_000
    raise Misunderstood(word)
