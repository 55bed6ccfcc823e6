"""What is said of a rule before it is saved: what was understood, and when it would have fired."""

from collections.abc import Iterator, Sequence

from bot.words.own import how_text, reading_name, sentences, value_text, when_text
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.moments import from_ms
from signals.own.backtest import Preview
from signals.own.rule import Ref, Rule

_SHOWN = 5
"""So many moments fit under a picture; the newest say most."""
_WHOLE = 0.99


def preview_text(words: Wording, rule: Rule, preview: Preview) -> Html:
    """The whole text; it fits under a picture whatever the rule."""
    return Html("\n".join(filter(None, _lines(words, rule, preview))))


def _lines(words: Wording, rule: Rule, preview: Preview) -> Iterator[Html]:
    yield words("own.understood", rule=when_text(words, rule), how=how_text(words, rule))
    yield _past(words, preview)
    yield words("own.now", values=_values_now(words, rule, preview))
    if preview.is_true:
        yield words("own.true_now")
    yield words("own.not_yet")


def _past(words: Wording, preview: Preview) -> Html:
    """When it would have fired, and for how much of the time that is known."""
    covered = min(preview.coverage.values(), default=0.0)
    if covered <= 0:
        return words("own.no_past")
    fired = preview.firings
    if fired:
        told = words("own.fired", n=len(fired), moments=moments_text(words, fired))
    else:
        told = words("own.fired_never")
    if covered >= _WHOLE:
        return told
    return sentences(told, words("own.coverage", share=words.share(covered)))


def moments_text(words: Wording, moments_ms: Sequence[int]) -> str:
    """The newest of some moments, the oldest of them first, and how many there are before."""
    shown = words.listed([words.moment(from_ms(at_ms)) for at_ms in moments_ms[-_SHOWN:]])
    before = len(moments_ms) - _SHOWN
    return words.plain("own.moments_more", moments=shown, n=before) if before > 0 else shown


def _values_now(words: Wording, rule: Rule, preview: Preview) -> str:
    return words.listed([_value_now(words, ref, preview.now.get(ref)) for ref in rule.refs])


def _value_now(words: Wording, ref: Ref, value: float | None) -> str:
    name = reading_name(words, ref)
    if value is None:
        return words.plain("own.now_unknown", name=name)
    return words.plain("own.now_value", name=name, value=value_text(words, ref, value))
