"""`/alert`: a rule of somebody's own, in its grammar or in plain words; shown first, saved by a button."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from math import isnan

from bot.coins import coins_of
from bot.commands.own_draft import drafted
from bot.words.answer import Answer, Ask, Button
from bot.words.misread import for_example, misread_text
from bot.words.own import reading_name, sentences
from bot.words.texts import Html
from signals.moments import DAY_MS, to_ms
from signals.own.canonical import term_text
from signals.own.grammar import parse
from signals.own.misread import Misread
from signals.own.plain_terms import ANY_TIME
from signals.own.plain_words import Missing, Understood, Unfinished, understand
from signals.own.readings import values_of
from signals.own.rule import Op, Ref, Term

EXAMPLES = (
    "btc < 105000",
    "premium > 0 for 6h30m",
    "funding > 0.01% and oi 24h > 5%",
    "eth/btc new low 7d repeat",
    "etf btc < -300",
    "sol < 150 expires 7d",
)
"""One of each kind."""


async def alert(ask: Ask) -> Answer:
    """Without a word after it: examples. Nothing runs before the preview was answered with Save."""
    text = " ".join(ask.args)
    if not text:
        return Answer(examples_text(ask), ((Button(ask.words.plain("button.own_list"), "alerts"),),))
    try:
        rule = parse(text, ask.desk.now, ask.words.zone)
    except Misread as error:
        return await own_alert_from(ask, text) or Answer(misread_text(ask.words, error))
    return await drafted(ask, rule)


def examples_text(ask: Ask) -> Html:
    """Lines that can be copied."""
    words = ask.words
    lines = (words("own.example_line", text=text) for text in EXAMPLES)
    return Html("\n".join((words("own.examples"), *lines, words("own.examples_words"))))


def means_own_alert(text: str) -> bool:
    """Whether plain words ask for an alert, whole or with something missing."""
    return understand(_without_names(text)) is not None


def makes_rule(args: Sequence[str]) -> bool:
    """Whether some words are a rule, which is shown with a picture; mistakes and half sentences are not."""
    text = " ".join(args)
    try:
        parse(text, ANY_TIME)
    except Misread:
        return isinstance(understand(_without_names(text)), Understood)
    return True


def _without_names(text: str) -> str:
    """A sentence without the @names of whom it is said to; the one in sol@kraken is a venue's."""
    return _NAME.sub(" ", text)


_NAME = re.compile(r"(?<!\S)@\w+")


async def own_alert_from(ask: Ask, text: str) -> Answer | None:
    """The preview of an alert that plain words ask for, or what is missing; None where they ask for none."""
    heard = understand(_without_names(text), lambda ref: _value_now(ask, ref))
    if heard is None:
        return None
    if isinstance(heard, Unfinished):
        return Answer(_missing_text(ask, heard))
    try:
        rule = parse(heard.text, ask.desk.now, ask.words.zone)
    except Misread as error:
        return Answer(misread_text(ask.words, error))
    return await drafted(ask, rule)


def _missing_text(ask: Ask, heard: Unfinished) -> Html:
    """What is asked for, and one line that works."""
    words, ref = ask.words, heard.ref
    name = reading_name(words, ref) if ref else ""
    said = words(f"own.missing_{heard.missing}", name=name)
    return sentences(said, for_example(words, _example_for(heard) or _example(ask, ref)))


def _example_for(heard: Unfinished) -> str:
    """A rule with what is missing besides a threshold; empty where only that, or more, is missing."""
    match heard:
        case Unfinished(Ref("price", coin), Missing.PERIOD):
            return term_text(Term(Ref("change_24h", coin), Op.BELOW, -5.0))
        case Unfinished(Ref("oi", coin), Missing.PERIOD):
            return term_text(Term(Ref("oi_24h", coin), Op.ABOVE, 5.0))
        case Unfinished(Ref() as ref, Missing.WINDOW):
            return term_text(Term(ref, Op.NEW_LOW, window=timedelta(days=7)))
        case _:
            return ""


def _example(ask: Ask, ref: Ref | None) -> str:
    """A rule about a reading that is a little away from where it stands; nobody's guess, only an example."""
    value = None if ref is None else _value_now(ask, ref)
    if ref is None or not value:
        return EXAMPLES[0]
    exact = Decimal(repr(value * _LITTLE_BELOW))
    rounded = round(exact, _DIGITS - 1 - exact.adjusted())
    return term_text(Term(ref, Op.BELOW, float(rounded)))


_LITTLE_BELOW, _DIGITS = 0.98, 3


def _value_now(ask: Ask, ref: Ref) -> float | None:
    """The last value of a reading; None where nothing is known."""
    desk, now_ms = ask.desk, to_ms(ask.desk.now)
    if any(coins_of((ref,))) and not desk.coins.instrument(ref.subject):
        return None
    values = values_of(ref, desk.trusted, now_ms - _LOOK_BACK_MS, now_ms, desk.coins.instrument).value
    return float(values[-1]) if len(values) and not isnan(values[-1]) else None


_LOOK_BACK_MS = 7 * DAY_MS
