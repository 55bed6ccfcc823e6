"""Free text to the nearest command, by words alone: every step can be followed, nothing is learned.

    text -> pieces (subjects, wants, spans, days, unknown) -> score -> sure, unsure, or nothing

The score is the share of a sentence that is understood. A command that is sure is asked at once, others are
offered. No line that a sentence leads to changes anything.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.commands.chart import SPANS
from bot.commands.days import find_day
from bot.commands.sentence_words import ASKING, OPENING, SILENT, WANTS, WEAK
from bot.commands.subjects import SUBJECTS, Subject
from bot.words.subjects import SHORT

_SURE, _UNSURE_ASKED, _UNSURE = 0.6, 0.34, 0.5
_MOST_OFFERED = 3
_MOST_LETTERS = 300
"""Who writes more than that asks no question of ours."""


class Certainty(StrEnum):
    """How well a sentence is understood."""

    SURE = "sure"
    UNSURE = "unsure"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Understood:
    """The command lines (with colons, as on buttons) that a sentence may mean, the likeliest first.

    `score` is the share of it that is understood; `is_question`: it asks for something.
    """

    certainty: Certainty
    lines: tuple[str, ...] = ()
    score: float = 0.0
    is_question: bool = False


@dataclass
class _Pieces:
    """What stands in a sentence, each in its order."""

    subjects: list[Subject] = field(default_factory=list)
    wants: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    alert: str = ""
    span: str = ""
    day: str = ""
    asks: bool = False
    unknown: float = 0.0

    @property
    def known(self) -> int:
        """How many pieces mean something."""
        return len(self.subjects) + len(self.wants) + len(self.weak) + bool(self.alert) + bool(self.day)
