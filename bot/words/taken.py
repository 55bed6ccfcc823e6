"""Who has taken an alert, in words, and as its message shows it."""

import unicodedata
from collections.abc import Mapping

from bot.delivery.split import cut, plain, utf16_units
from bot.words.answer import Button
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.acknowledgements import Taken
from storage.letters import Buttons

MOST_UNITS = 4096
_LONGEST_NAME = 64
_JOINER = "\u200d"
"""Holds emoji of several people together."""
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Unicode's categories of letters that steer, or that are none."""
_ISOLATED = "\u2068{}\u2069"
"""A name that runs from right to left must not turn the rest of the line."""


def shown_name(words: Wording, name: str) -> str:
    """A name as it can be shown: without letters that cannot be seen, in its own direction, not too long."""
    one_line = " ".join(name.split())
    kept = "".join(
        letter for letter in one_line if letter == _JOINER or unicodedata.category(letter) not in _UNSEEN
    )
    if not kept.strip(_JOINER):
        return words.plain("ack.nameless")
    return _ISOLATED.format(kept if len(kept) <= _LONGEST_NAME else kept[: _LONGEST_NAME - 1] + "…")


def who_took(words: Wording, taken: Taken) -> str:
    """The name of whoever has an alert, or that it is an administrator who stays anonymous."""
    return shown_name(words, taken.name) if taken.name else words.plain("ack.anonymous")


def taken_line(words: Wording, taken: Taken, number: int | None = None) -> Html:
    """That an alert is taken, by whom and since when; `number` says which, where several stand together."""
    values = {"name": who_took(words, taken), "clock": words.clock(taken.at)}
    return words("ack.line", **values) if number is None else words("ack.line_of", number=number, **values)


def with_taken(text: str, line: Html, most_units: int = MOST_UNITS) -> str:
    """An alert's text with a line below; where both do not fit the text is the one that is cut."""
    if not line:
        return text
    room = most_units - utf16_units(plain(line)) - 1
    return f"{cut(text, room)[0]}\n{line}"


def take_button(words: Wording, alert_id: int) -> Button:
    """Takes an alert."""
    return Button(words.plain("button.take"), f"ack:A-{alert_id}")


def buttons_with_taken(words: Wording, buttons: Buttons, taken: Mapping[int, Taken]) -> Buttons:
    """An alert's buttons, of which those that take it give it back where it is taken."""
    back = {f"ack:A-{alert_id}" for alert_id in taken}
    return [[_given_back(words, b) if b["data"] in back else b for b in row] for row in buttons]


def _given_back(words: Wording, button: Mapping[str, str]) -> Mapping[str, str]:
    return {"text": words.plain("button.give_back"), "data": f"{button['data']}:back"}
