"""A text as the grammar reads it: in one kind of letters, with the place in the original of each of them."""

import re
import unicodedata

from signals.own.misread import Misread, Problem
from signals.own.units import Unit

_DASHES = str.maketrans("−–—", "---")
_SPACES = re.compile(r"[\s,;、。]*")
_WORD = re.compile(r"[a-z0-9$%.@:/'_+-]+(?:,\d+)*|[<>=!~≤≥]+|[^\s\x00-\x7f]+|\S")


def plainly(text: str) -> tuple[str, list[int]]:
    """Half-width small letters, without invisible marks, and for each where it stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if unicodedata.category(char) in {"Cf", "Mn"}:
            continue
        plain = unicodedata.normalize("NFKC", char).casefold().translate(_DASHES)
        letters.append(plain)
        places += [place] * len(plain)
    return "".join(letters), [*places, len(text)]


class Cursor:
    """Where reading has come to. What `take` finds is passed over, with the spaces and commas behind it."""

    def __init__(self, original: str) -> None:
        self.original = original
        self.text, self._places = plainly(original)
        self.at = 0
        self.skip()

    def skip(self) -> None:
        """Pass over spaces, commas and the like."""
        self.at = self._end(_SPACES)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def look(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it looks so."""
        return pattern.match(self.text, self.at)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The same, and pass over it."""
        found = self.look(pattern)
        if found:
            self.at = found.end()
            self.skip()
        return found

    def move(self, length: int) -> None:
        """Pass over so many letters."""
        self.at += length
        self.skip()

    def misread(
        self, problem: Problem, start: int | None = None, near: str | None = None, unit: Unit | None = None
    ) -> Misread:
        """That the word here, or everything since a place, is the trouble."""
        first = self.at if start is None else start
        last = self._end(_WORD) if start is None else max(len(self.text[: self.at].rstrip(" ,;")), first)
        place = self._places[first]
        word = self.original[place : self._places[last]] if last > first else ""
        return Misread(word.strip(), place, problem, near, unit)

    def word(self) -> str:
        """The word that stands here, in plain letters."""
        return self.text[self.at : self._end(_WORD)]

    def _end(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        return found.end() if found else self.at


def words(*names: str) -> re.Pattern[str]:
    """Any of some names, the longest first; one in Latin letters ends where its last letter does."""
    every = sorted(names, key=len, reverse=True)
    return re.compile(
        "|".join(re.escape(name) + (r"(?![a-z0-9])" if ends_latin(name) else "") for name in every)
    )


def ends_latin(name: str) -> bool:
    """Whether a name ends with a Latin letter or a digit, and so needs a border behind it."""
    return name[-1].isascii() and name[-1].isalnum()
