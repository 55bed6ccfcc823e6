"""An answer in as many messages as Telegram takes it in: buttons under the last one, no tag left open."""

from collections.abc import Sequence
from dataclasses import replace

from telegram.constants import MessageLimit

from bot.delivery.split import cut, plain, split, utf16_units
from bot.words.answer import Answer
from bot.words.texts import Html


def in_parts(answer: Answer) -> tuple[Answer, ...]:
    """One message each, in order; only the first one has the picture or file.

    A caption that is too long gives way to its first line, and the rest follows as text.
    """
    if answer.photo is None and answer.document is None:
        return _with_buttons(answer, [replace(answer, text=Html(part)) for part in split(answer.text)])
    if utf16_units(plain(answer.text)) <= MessageLimit.CAPTION_LENGTH:
        return (answer,)
    caption, rest = cut(answer.text, _caption_units(answer.text))
    below = [replace(answer, text=Html(part), photo=None, document=None) for part in split(rest)]
    return _with_buttons(answer, [replace(answer, text=Html(caption)), *below])


def _caption_units(markup: str) -> int:
    """The length of the first line and its end, as far as a caption takes it."""
    first_line, _, _ = plain(markup).partition("\n")
    return min(utf16_units(first_line) + 1, MessageLimit.CAPTION_LENGTH)


def _with_buttons(answer: Answer, parts: Sequence[Answer]) -> tuple[Answer, ...]:
    """A blank answer stays whole: that it cannot be sent is Telegram's to say."""
    if not parts:
        return (answer,)
    *before, last = parts
    return (*(replace(part, buttons=()) for part in before), last)


def together(parts: Sequence[Answer]) -> Answer:
    """What is left of an answer as one again, for the outbox, which splits for itself."""
    return replace(parts[-1], text=Html("".join(part.text for part in parts)))
