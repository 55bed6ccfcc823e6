"""The table of commands: one row a command. Handlers, menus and `/help` all come from it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

from bot.commands.about import about
from bot.commands.adl import adl
from bot.commands.brief import brief
from bot.commands.chart import chart
from bot.commands.compare import compare
from bot.commands.depth import depth
from bot.commands.etf import etf
from bot.commands.eth import eth
from bot.commands.exploits import exploits
from bot.commands.help import help_answer
from bot.commands.history import history
from bot.commands.language import language
from bot.commands.levels import levels
from bot.commands.leverage import leverage
from bot.commands.links import Link, read_payload
from bot.commands.liquidations import liquidations
from bot.commands.macro import macro
from bot.commands.mistakes import Misunderstood, unknown_command, wrong_word
from bot.commands.mute import mute
from bot.commands.one_subject import status_of
from bot.commands.playbook import playbook
from bot.commands.premium import premium
from bot.commands.scorecard import scorecard
from bot.commands.shock import shock
from bot.commands.start import start
from bot.commands.subscribe import subscribe, unsubscribe
from bot.commands.timezone import timezone
from bot.commands.why import why
from bot.words.answer import Answer, Ask

Reply = Callable[[Ask], Awaitable[Answer]]


class Changes(StrEnum):
    """When a command changes what its chat hears: in groups that is for administrators alone."""

    NOTHING = "nothing"
    WITH_WORDS = "with_words"
    """Alone it only shows how things are."""
    ALWAYS = "always"
    BY_LINK = "by_link"
    """As the command that the link leads to by which it was asked."""


class Command(NamedTuple):
    """A command: its name without the slash, how many words it takes, and when it changes settings."""

    name: str
    reply: Reply
    takes: int = 0
    changes: Changes = Changes.NOTHING

    def changes_settings(self, args: Sequence[str]) -> bool:
        """Whether it changes the chat's settings, with these words after it."""
        if self.changes is Changes.BY_LINK:
            link = _link(args)
            return link is not None and BY_NAME[link.name].changes_settings(link.args)
        return self.changes is Changes.ALWAYS or (self.changes is Changes.WITH_WORDS and bool(args))


def _help(rows: Sequence[Command]) -> Reply:
    """`/help` about some commands and about itself."""

    async def reply(ask: Ask) -> Answer:
        return help_answer(ask, (*rows, BY_NAME["help"]))

    return reply


_OTHERS = (
    # A subject may have three words: eth against btc.
    Command("status", status_of, takes=3),
    Command("premium", premium),
    Command("etf", etf),
    Command("eth", eth),
    Command("shock", shock),
    # set, and three names with their prices
    Command("levels", levels, takes=7),
    Command("leverage", leverage),
    Command("liquidations", liquidations),
    Command("depth", depth),
    Command("adl", adl),
    Command("exploits", exploits),
    Command("macro", macro),
    Command("playbook", playbook),
    Command("why", why, takes=1),
    Command("history", history, takes=1),
    Command("scorecard", scorecard, takes=1),
    Command("compare", compare, takes=1),
    # A subject may have two words.
    Command("chart", chart, takes=3),
    Command("subscribe", subscribe, takes=2, changes=Changes.WITH_WORDS),
    Command("unsubscribe", unsubscribe, takes=1, changes=Changes.WITH_WORDS),
    # A time follows "on".
    Command("brief", brief, takes=2, changes=Changes.WITH_WORDS),
    Command("mute", mute, takes=2, changes=Changes.WITH_WORDS),
    Command("timezone", timezone, takes=3, changes=Changes.WITH_WORDS),
    Command("language", language, takes=1, changes=Changes.WITH_WORDS),
    # A link such as t.me/bot?start=why_A-12 brings one word along.
    Command("start", start, takes=1, changes=Changes.BY_LINK),
    Command("about", about),
)

COMMANDS: tuple[Command, ...] = (*_OTHERS, Command("help", _help(_OTHERS), takes=1))
"""In the order of the menu."""

BY_NAME = {command.name: command for command in COMMANDS}


async def answer(ask: Ask, name: str) -> Answer:
    """The answer to a command with its words, or to what cannot be understood."""
    command = BY_NAME.get(name.lower())
    if command is None:
        return unknown_command(ask.words, name, BY_NAME)
    if command.changes is Changes.BY_LINK and (link := _link(ask.args)):
        # A link that leads nowhere any more is an ordinary beginning.
        with suppress(Misunderstood):
            return await perform(ask.with_args(link.args), BY_NAME[link.name])
    try:
        return await perform(ask, command)
    except Misunderstood as error:
        return wrong_word(ask.words, command.name, error.word)


def _link(args: Sequence[str]) -> Link | None:
    """The command that the word of a link names."""
    link = read_payload(args[0]) if len(args) == 1 else None
    return link if link and link.name in BY_NAME else None


async def perform(ask: Ask, command: Command) -> Answer:
    """Carry a command out. Raises Misunderstood."""
    if len(ask.args) > command.takes:
        raise Misunderstood(ask.args[command.takes])
    return await command.reply(ask)
