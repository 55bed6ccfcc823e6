"""What kept a text from being a rule, in one sentence that points at the word, and an example that works."""

from html import escape

from bot.words.own import sentences
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.own.misread import Misread, Problem
from signals.own.units import Unit

_SHOWN_LETTERS = 40
_SIGNS = ("<", ">", "<=", ">=")
_EXAMPLES = {
    Problem.WRONG_WINDOW: "eth/btc new low 7d",
    Problem.WRONG_HOLD: "premium > 0 for 6h30m",
    Problem.WRONG_EXPIRY: "btc < 105000 expires 7d",
    Problem.WRONG_HYSTERESIS: "btc < 105000 repeat hysteresis 1%",
    Problem.TOO_MANY_TERMS: "funding > 0.01% and oi 24h > 5%",
    Problem.OPTION_TWICE: "btc < 105000 repeat",
    Problem.UNKNOWN_OPTION: "btc < 105000 for 1h repeat",
}
_USUAL = "btc < 105000"
_EXAMPLES_BY_UNIT = {
    Unit.PCT: "premium > 0.05%",
    Unit.PCT_8H: "funding > 0.01%",
    Unit.MUSD: "etf btc < -300",
    Unit.RATIO: "eth/btc < 0.03",
    Unit.HOURS: "eth/btc low age > 72",
    Unit.SESSIONS: "etf streak btc >= 2",
}
_WITHOUT_WORD = {Problem.COMPARISON_EXPECTED: "no_comparison", Problem.NUMBER_EXPECTED: "no_number"}
"""What is said where the text ended too early, so that there is no word to point at."""


def misread_text(words: Wording, error: Misread) -> Html:
    """The sentence and the example."""
    problem, word = error.problem, _short(error.word)
    key = str(problem) if word else _WITHOUT_WORD.get(problem, str(problem))
    unit = words.plain(f"own.unit.{error.unit}") if error.unit else ""
    signs = Html(words.plain("list.separator").join(f"<code>{escape(sign)}</code>" for sign in _SIGNS))
    said = words(f"own.mistake.{key}", word=word or "…", unit=unit, signs=signs)
    near = words("own.mistake.near", near=error.near) if error.near else Html()
    return sentences(said, near, for_example(words, example_of(error)))


def for_example(words: Wording, text: str) -> Html:
    """One line that can be copied and works."""
    return words("own.for_example", text=text)


def example_of(error: Misread) -> str:
    """A rule that does what this one tried."""
    if error.unit in _EXAMPLES_BY_UNIT:
        return _EXAMPLES_BY_UNIT[error.unit]
    return _EXAMPLES.get(error.problem, _USUAL)


def _short(word: str) -> str:
    """The word without what cannot be seen: it may turn the direction of the whole line."""
    shown = "".join(letter for letter in word if letter.isprintable())
    return shown if len(shown) <= _SHOWN_LETTERS else f"{shown[:_SHOWN_LETTERS]}..."
