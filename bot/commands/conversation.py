"""Free text: what is sure is answered at once, what is not is offered, and nothing is changed by either."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

from bot.commands.alert import means_own_alert, own_alert_from
from bot.commands.mistakes import Misunderstood
from bot.commands.sentences import Certainty, Understood, understand
from bot.commands.table import BY_NAME, draws_by_name, perform
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording

Hearer = Callable[[Ask, str], Awaitable[Answer | None]]
"""Answers a text, or leaves it to the next one."""

_OFFERED = ("status", "playbook", "help")
SILENCE = Answer(Html())
"""In groups nothing is said to what is no question."""


async def converse(ask: Ask, text: str) -> Answer:
    """The answer to a text in private, or to one in a group that speaks to the bot."""
    for hearer in HEARERS:
        if said := await hearer(ask, text):
            return said
    asks = understand(text, ask.desk.now.date()).asks
    return _lost(ask.words) if asks or ask.chat.kind == "private" else SILENCE


def draws_picture(text: str, today: date) -> bool:
    """Whether the answer to a text is a picture, which takes long."""
    if means_own_alert(text):
        return True
    found = understand(text, today)
    name, *args = found.lines[0].split(":") if found.certainty is Certainty.SURE else [""]
    return draws_by_name(name, args)


async def answer_question(ask: Ask, text: str) -> Answer | None:
    """The nearest command's answer, or those that may be meant as buttons."""
    found = understand(text, ask.desk.now.date())
    match found.certainty:
        case Certainty.SURE:
            return await _answered(ask, found.lines[0])
        case Certainty.UNSURE if found.asks or ask.chat.kind == "private":
            return _offered(ask.words, found)
        case _:
            return None


HEARERS: tuple[Hearer, ...] = (own_alert_from, answer_question)
"""Who is asked for an answer, in this order."""


async def _answered(ask: Ask, line: str) -> Answer | None:
    """A command's answer, and last which command it was: next time that is quicker."""
    name, *args = line.split(":")
    try:
        said = await perform(ask.with_args(tuple(args)), BY_NAME[name])
    except Misunderstood:
        # A day that nobody can compare with, such as tomorrow's date.
        return None
    # A command with words after it cannot be tapped, only copied.
    key = "talk.answered_with_words" if args else "talk.answered"
    note = ask.words(key, line=" ".join((name, *args)))
    return replace(said, text=Html(f"{said.text}\n{note}"))


def _offered(words: Wording, found: Understood) -> Answer:
    return Answer(words("talk.perhaps"), _buttons(words, found.lines))


def _lost(words: Wording) -> Answer:
    return Answer(words("mistake.no_command"), _buttons(words, _OFFERED))


def _buttons(words: Wording, lines: tuple[str, ...]) -> Buttons:
    """A row each: command lines can be long."""
    return tuple((Button(words.plain("button.line", line=line.replace(":", " ")), line),) for line in lines)
