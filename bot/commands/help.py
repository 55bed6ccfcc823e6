"""`/help`: the commands by what they are for; `/help premium` explains one of them with an example."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from bot.commands.detail import rule_line
from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import BY_WORD, SUBJECTS, tidied
from bot.words.answer import Answer, Ask, Button
from bot.words.board import CONDITIONS
from bot.words.subjects import SHORT
from bot.words.texts import Html
from bot.words.wording import Wording


class Row(Protocol):
    """What is told of a command: see `bot.commands.table.Command`."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def changes(self) -> str:
        """When it changes settings: "nothing" where it never does."""


_HEAR = {
    "subscribe",
    "unsubscribe",
    "alert",
    "alerts",
    "brief",
    "mute",
    "quiet",
    "cap",
    "board",
    "here",
    "channel",
}
"""What is about alerts."""
_SET = {"start", "about", "help", "settings", "timezone", "language", "admin", "broadcast"}
_CONDITIONS = {SHORT[condition]: condition for condition in CONDITIONS}
_MOST_WORDS = 6


def purpose_of(row: Row) -> str:
    """`ask`, `hear` or `set`: what somebody who reads /help wants to do."""
    if row.name in _HEAR:
        return "hear"
    return "set" if row.name in _SET or row.changes != "nothing" else "ask"


def help_answer(ask: Ask, rows: Sequence[Row]) -> Answer:
    """All of the commands, or with a word after it one. Raises Misunderstood."""
    if not ask.args:
        return Answer(Html("\n".join(_all(ask.words, rows))))
    [word] = ask.args
    return _one(ask, {row.name: row for row in rows}, word)


def _all(words: Wording, rows: Sequence[Row]) -> Iterator[Html]:
    for purpose in ("ask", "hear", "set"):
        yield words(f"help.{purpose}")
        for row in rows:
            if purpose_of(row) == purpose:
                yield words("help.line", name=row.name, what=words(f"menu.{row.name}"))
        yield Html()
    yield words("help.end")


def _one(ask: Ask, rows: Mapping[str, Row], word: str) -> Answer:
    """A command by its name, or by a word for what it tells."""
    words, name = ask.words, word.removeprefix("/").lower()
    if name not in rows:
        subject = BY_WORD.get(tidied(word))
        name = subject.command.partition(":")[0] if subject else name
    if name not in rows:
        raise Misunderstood(word)
    lines = [
        words("help.one", name=name, what=words(f"menu.{name}")),
        rule_line(words, _CONDITIONS[name], ask.desk.rules) if name in _CONDITIONS else Html(),
        words(f"usage.{name}"),
        _said(words, name),
    ]
    return Answer(Html("\n".join(filter(None, lines))), ((Button(words.plain("button.try"), name),),))


def _said(words: Wording, name: str) -> Html:
    """Words of this language that ask for it in a sentence; nothing where there are none."""
    known = [word for subject in SUBJECTS if subject.command == name for word in subject.words]
    spoken = [word for word in known if word.isascii() == (words.language != "zh")][:_MOST_WORDS]
    return words("help.said", said=words.listed(spoken)) if spoken else Html()
