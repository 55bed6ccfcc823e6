"""What keeps a text from being a rule: the word, where it stands, and what is wrong with it."""

from enum import StrEnum

from signals.own.units import Unit


class Problem(StrEnum):
    """What is wrong; the bot has a sentence for each."""

    EMPTY = "empty"
    """There is no rule in the text."""
    TOO_LONG = "too_long"
    UNKNOWN_READING = "unknown_reading"
    """Nothing is called so; `near` may hold what was meant."""
    NOT_TOGETHER = "not_together"
    """A word that says something, but nothing together with the words before it."""
    COMPARISON_EXPECTED = "comparison_expected"
    UNKNOWN_COMPARISON = "unknown_comparison"
    NUMBER_EXPECTED = "number_expected"
    TOO_LARGE = "too_large"
    UNIT_DOES_NOT_FIT = "unit_does_not_fit"
    """A number in another unit than the reading, whose unit is `unit`."""
    WRONG_WINDOW = "wrong_window"
    """The window of a new low or high: none, or shorter than an hour or longer than thirty days."""
    WRONG_HOLD = "wrong_hold"
    """The length behind `for`: none, or shorter than a minute or longer than thirty days."""
    WRONG_EXPIRY = "wrong_expiry"
    """No date, or one that is past."""
    WRONG_HYSTERESIS = "wrong_hysteresis"
    """No percentage between 0 and 50."""
    TOO_MANY_TERMS = "too_many_terms"
    OPTION_TWICE = "option_twice"
    UNKNOWN_OPTION = "unknown_option"
    """A word behind the terms that is none of the options."""


class Misread(Exception):  # noqa: N818  # it is what was heard, not a fault of the program
    """A text that is no rule. `word` is the author's own, at `position` of the text; it may be empty."""

    def __init__(
        self, word: str, position: int, problem: Problem, near: str | None = None, unit: Unit | None = None
    ) -> None:
        super().__init__(f"{problem}: {word!r} at {position}")
        self.word, self.position, self.problem, self.near, self.unit = word, position, problem, near, unit
