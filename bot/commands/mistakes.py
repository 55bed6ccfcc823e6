"""What cannot be understood, and the friendly line that answers it."""

from bot.words.answer import Answer, Button
from bot.words.wording import Wording

_SHOWN_LETTERS = 40
"""People paste whole novels; this much of a wrong word is enough to find it again."""


class Misunderstood(Exception):  # noqa: N818  # it is the bot that fails to understand, not the program
    """A word after a command makes no sense there. It ends as an answer, in `bot.commands.table`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def wrong_word(words: Wording, command: str, word: str) -> Answer:
    """Points at the word and shows an example that works."""
    return Answer(words("mistake.word", word=_short(word), usage=words(f"usage.{command}")))


def unknown_command(words: Wording, name: str, near: str | None) -> Answer:
    """Points at the command line that was probably meant, with a button for it."""
    if near is None:
        return Answer(words("mistake.command", name=_short(name)))
    button = Button(words.plain("button.line", line=near), near.replace(" ", ":"))
    return Answer(words("mistake.command_like", name=_short(name), meant=near), ((button,),))


def _short(word: str) -> str:
    # Letters that cannot be seen may turn the direction of the whole line.
    word = "".join(letter if letter.isprintable() else "�" for letter in word)
    return word if len(word) <= _SHOWN_LETTERS else word[: _SHOWN_LETTERS - 1] + "…"
