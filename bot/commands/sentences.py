"""Free text to the nearest command, by words alone: every step can be followed, and nothing is learned.

    text -> pieces (subjects, wants, alerts, days, spans, what is unknown) -> score -> sure, unsure or nothing

The score is the share of a sentence that is understood. No line that a sentence leads to changes anything.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.commands.chart import SPANS
from bot.commands.days import find_day
from bot.commands.sentence_words import ASKING, OPENING, SILENT, WANTS, WEAK
from bot.commands.subjects import BY_WORD, Subject
from bot.words.subjects import SHORT

_SURE, _UNSURE_QUESTION, _UNSURE = 0.6, 0.34, 0.5
"""From which score on a sentence is sure, or unsure: less where it asks for something."""
_MOST_OFFERED = 3
_MOST_LETTERS = 300
"""Whoever writes more asks no question of ours."""


class Certainty(StrEnum):
    """How well a sentence is understood."""

    SURE = "sure"
    UNSURE = "unsure"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Understood:
    """The command lines, as buttons say them, that a sentence may mean, the likeliest first.

    `score` is the share of it that is understood; `asks`: it asks for something.
    """

    certainty: Certainty
    lines: tuple[str, ...] = ()
    score: float = 0.0
    asks: bool = False


@dataclass
class _Pieces:
    """What stands in a sentence, each kind in its order."""

    subjects: list[Subject] = field(default_factory=list)
    wants: list[str] = field(default_factory=list)
    alert: str = ""
    day: str = ""
    span: str = ""
    asks: bool = False
    unknown: float = 0.0

    @property
    def known(self) -> int:
        """How many pieces mean something."""
        return len(self.subjects) + len(self.wants) + bool(self.alert) + bool(self.day)

    @property
    def main(self) -> Subject | None:
        """What it is about: a coin only where nothing else is named."""
        return next(iter(self.topics), None)

    @property
    def topics(self) -> list[Subject]:
        """Each subject once; coins only where there are no others."""
        others = [subject for subject in self.subjects if not subject.is_coin]
        return list(dict.fromkeys(others or self.subjects))


def understand(text: str, today: date) -> Understood:
    """What a sentence asks for; `today` is the day by which dates without a year are read."""
    if len(text) > _MOST_LETTERS or _LINK.search(text):
        return Understood(Certainty.NOTHING)
    pieces = _pieces(_tidied(text), today)
    if not pieces.known:
        return Understood(Certainty.NOTHING, asks=pieces.asks)
    weight = 2 * pieces.known + pieces.asks
    score = weight / (weight + pieces.unknown)
    # Of two subjects one may be meant, or both.
    is_clear = len(pieces.topics) < 2 or pieces.wants[:1] == ["status"]  # noqa: PLR2004  # two are too many
    names_it = pieces.unknown == 0 and pieces.wants[:1] != ["status"]
    lines = tuple(dict.fromkeys(_lines(pieces)))[:_MOST_OFFERED]
    if is_clear and score >= _SURE and (pieces.asks or names_it):
        return Understood(Certainty.SURE, lines[:1], score, pieces.asks)
    if score >= (_UNSURE_QUESTION if pieces.asks else _UNSURE):
        return Understood(Certainty.UNSURE, lines, score, pieces.asks)
    return Understood(Certainty.NOTHING, (), score, pieces.asks)


def _lines(pieces: _Pieces) -> Iterator[str]:
    """The lines that it may mean, the likeliest first."""
    if pieces.alert:
        yield f"why:{pieces.alert}"
    for want in pieces.wants:
        yield _wanted(want, pieces)
    if pieces.day:
        yield f"compare:{pieces.day}"
    for subject in pieces.topics:
        yield subject.command
    yield "status"
    yield "playbook"


def _wanted(want: str, pieces: _Pieces) -> str:
    """The line of a wish, about what the sentence is about."""
    main = pieces.main
    match want:
        case "chart":
            chart = main.chart if main else "btc"
            return f"chart:{chart}:{pieces.span}" if pieces.span in SPANS else f"chart:{chart}"
        case "why":
            return f"why:{SHORT[main.topic]}" if main and main.topic else "why"
        case "compare":
            return f"compare:{pieces.day or pieces.span or 'shock'}"
        case "status" if main and main.topic not in {"shock", "verdict"}:
            return f"status:{main.name}" if main.is_coin else main.command
        case _:
            return want


# Reading

_LINK = re.compile(r"https?:|www\.|t\.me/|@\w+\.\w+", re.IGNORECASE)
_MENTION = re.compile(r"@\w+")
_GREETING = re.compile(r"^(?:(?:hi|hello|hey|ok|okay|so|and|but|bot|yo|gm|aftershock)\b[ ,!.]*)+")
_CJK = "\u4e00-\u9fff"
_SEAM = re.compile(f"(?<=[a-z0-9])(?=[{_CJK}])|(?<=[{_CJK}])(?=[a-z0-9])")
_A_CJK_WORD = 2
"""So many Chinese characters count as a word."""


def _tidied(text: str) -> str:
    """Small half-width letters, without who is spoken to, a space between letters of both kinds."""
    text = _MENTION.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    text = text.replace("\u2019", "'").replace("_", " ")
    return _GREETING.sub("", " ".join(_SEAM.sub(" ", text).split()))


def _pieces(text: str, today: date) -> _Pieces:
    # A "not" at its end makes a question of a Chinese sentence.
    pieces = _Pieces(asks="?" in text or text.endswith("没") or bool(_OPENING.match(text)))
    if found := find_day(text, today):
        day, said = found
        pieces.day, text = day.isoformat(), text.replace(said, " ")
    weak: list[str] = []
    for match in _PIECE.finditer(text):
        word = match.group()
        match match.lastgroup:
            case "alert":
                pieces.alert = word.upper()
            case "span":
                pieces.span = _span(word)
            case "known":
                _note(pieces, weak, word)
            case "cjk":
                pieces.unknown += 1 / _A_CJK_WORD
            case "word":
                pieces.unknown += 1
            case _:
                pass
    if not pieces.known:
        pieces.wants += weak
    pieces.wants = list(dict.fromkeys(pieces.wants))
    return pieces


def _note(pieces: _Pieces, weak: list[str], word: str) -> None:
    if word in _WANTED:
        (weak if word in WEAK else pieces.wants).append(_WANTED[word])
    elif word in BY_WORD:
        pieces.subjects.append(BY_WORD[word])
    elif word in ASKING:
        pieces.asks = True


def _span(word: str) -> str:
    """A length of time in days, as charts and comparisons take it."""
    number = re.match(r"\d+", word)
    if number and word.endswith(("h", "hours")):
        return "1d"
    days = 1
    if "week" in word or "周" in word:
        days = 7
    elif "month" in word or "月" in word:
        days = 30
    return f"{days * int(number.group()) if number else days}d"


_WANTED: Mapping[str, str] = {word: want for want, words in WANTS.items() for word in words}


def _phrases(words: Iterable[str]) -> str:
    """A pattern of some words, longer ones first; those with Latin ends stand alone."""
    patterns = []
    for word in sorted(words, key=len, reverse=True):
        begin = r"(?<![a-z0-9'])" if word[0].isascii() else ""
        end = r"(?![a-z0-9'])" if word[-1].isascii() else ""
        patterns.append(begin + re.escape(word) + end)
    return "|".join(patterns)


_OPENING = re.compile(_phrases(OPENING))
_PIECE = re.compile(
    r"(?P<alert>(?<!\w)a-\d{1,9}(?!\w))"
    r"|(?P<span>(?<!\w)(?:\d{1,3} ?(?:d|days?|w|weeks?|months?|天|日|周|个月)|24 ?(?:h|hours)"
    r"|(?:a |last |this )?(?:week|month))(?![a-z])|一周|一个月|上周|上个月|本周|本月)"
    rf"|(?P<known>{_phrases({*BY_WORD, *_WANTED, *ASKING, *SILENT})})"
    r"|(?P<number>[\d.,]+(?![a-z]))"
    rf"|(?P<cjk>[{_CJK}])"
    r"|(?P<word>[^\W_][\w'-]*)"
)
