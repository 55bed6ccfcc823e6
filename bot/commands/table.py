"""The table of commands: one row a command. Handlers, menus and `/help` all come from it."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from bot.commands.about import about
from bot.commands.adl import adl
from bot.commands.admin import admin
from bot.commands.brief import brief
from bot.commands.broadcast import broadcast
from bot.commands.cap import cap
from bot.commands.chart import chart
from bot.commands.depth import depth
from bot.commands.etf import etf
from bot.commands.eth import eth
from bot.commands.exploits import exploits
from bot.commands.export import export
from bot.commands.forget import forget
from bot.commands.history import history
from bot.commands.language import language
from bot.commands.levels import levels
from bot.commands.leverage import leverage
from bot.commands.liquidations import liquidations
from bot.commands.macro import macro
from bot.commands.mistakes import Misunderstood, unknown_command, wrong_word
from bot.commands.mute import mute
from bot.commands.operator import is_operator
from bot.commands.playbook import playbook
from bot.commands.premium import premium
from bot.commands.quiet import quiet
from bot.commands.scorecard import scorecard
from bot.commands.settings import settings
from bot.commands.shock import shock
from bot.commands.start import start
from bot.commands.status import status
from bot.commands.stop import stop
from bot.commands.subscribe import subscribe, unsubscribe
from bot.commands.timezone import timezone
from bot.commands.why import why
from bot.words.answer import Answer, Ask
from bot.words.texts import Html

Reply = Callable[[Ask], Awaitable[Answer]]


class Changes(StrEnum):
    """When a command changes what its chat hears: in groups that is for administrators alone."""

    NOTHING = "nothing"
    WITH_WORDS = "with_words"
    """Alone it only shows how things are."""
    ALWAYS = "always"


ANY_WORDS = 4096
"""More than a message can hold."""


class Command(NamedTuple):
    """A command: its name without the slash, how many words it takes, and when it changes settings.

    `draws`: its answer is a picture, which takes long. `operator_only`: for all others it does not exist.
    """

    name: str
    reply: Reply
    takes: int = 0
    changes: Changes = Changes.NOTHING
    draws: bool = False
    operator_only: bool = False

    def changes_settings(self, args: Sequence[str]) -> bool:
        """Whether it changes the chat's settings, with these words after it."""
        return self.changes is Changes.ALWAYS or (self.changes is Changes.WITH_WORDS and bool(args))


def _help(rows: Sequence[Command]) -> Reply:
    """`/help`: what these commands do, one line each."""

    async def reply(ask: Ask) -> Answer:
        words, known = ask.words, [row for row in rows if is_operator(ask) or not row.operator_only]
        lines = [words("help.line", name=row.name, what=words(f"menu.{row.name}")) for row in known]
        return Answer(Html("\n".join((words("help.title"), *lines, words("help.end")))))

    return reply


_OTHERS = (
    Command("status", status),
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
    Command("chart", chart, takes=2, draws=True),
    Command("subscribe", subscribe, takes=2, changes=Changes.WITH_WORDS),
    Command("unsubscribe", unsubscribe, takes=1, changes=Changes.WITH_WORDS),
    # A time follows "on", and how it is to sound.
    Command("brief", brief, takes=3, changes=Changes.WITH_WORDS),
    Command("mute", mute, takes=2, changes=Changes.WITH_WORDS),
    Command("quiet", quiet, takes=3, changes=Changes.WITH_WORDS),
    Command("cap", cap, takes=1, changes=Changes.WITH_WORDS),
    Command("settings", settings, takes=1),
    Command("timezone", timezone, takes=3, changes=Changes.WITH_WORDS),
    Command("language", language, takes=1, changes=Changes.WITH_WORDS),
    # A link such as t.me/bot?start=word brings one word along, which means nothing yet.
    Command("start", start, takes=1),
    # "off" ends it.
    Command("stop", stop, takes=1, changes=Changes.ALWAYS),
    Command("export", export, changes=Changes.ALWAYS),
    Command("forget", forget, takes=1, changes=Changes.ALWAYS),
    Command("about", about),
)

OPERATOR_COMMANDS: tuple[Command, ...] = (
    Command("admin", admin, takes=ANY_WORDS, operator_only=True),
    Command("broadcast", broadcast, takes=ANY_WORDS, operator_only=True),
)
"""For the operators, after all others."""

COMMANDS: tuple[Command, ...] = (*_OTHERS, Command("help", _help((*_OTHERS, *OPERATOR_COMMANDS))))
"""For everybody, in the order of the menu."""

BY_NAME = {command.name: command for command in COMMANDS}
_OF_OPERATORS = {command.name: command for command in OPERATOR_COMMANDS}


def find(ask: Ask, name: str) -> Command | None:
    """The command of a name, as far as it exists for whoever asks."""
    name = name.lower()
    return BY_NAME.get(name) or (_OF_OPERATORS.get(name) if is_operator(ask) else None)


async def answer(ask: Ask, name: str) -> Answer:
    """The answer to a command with its words, or to what cannot be understood."""
    command = find(ask, name)
    if command is None:
        return unknown_command(ask.words, name, BY_NAME)
    try:
        return await perform(ask, command)
    except Misunderstood as error:
        return wrong_word(ask.words, command.name, error.word)


async def perform(ask: Ask, command: Command) -> Answer:
    """Carry a command out. Raises Misunderstood."""
    if len(ask.args) > command.takes:
        raise Misunderstood(ask.args[command.takes])
    return await command.reply(ask)
