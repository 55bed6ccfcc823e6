"""The table of commands: one row a command. Handlers, menus and `/help` all come from it."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple

from bot.commands.about import about
from bot.commands.adl import adl
from bot.commands.alert import alert
from bot.commands.alerts import SHOWING, alerts
from bot.commands.brief import brief
from bot.commands.chart import chart
from bot.commands.depth import depth
from bot.commands.etf import etf
from bot.commands.eth import eth
from bot.commands.exploits import exploits
from bot.commands.history import history
from bot.commands.language import language
from bot.commands.levels import levels
from bot.commands.leverage import leverage
from bot.commands.liquidations import liquidations
from bot.commands.macro import macro
from bot.commands.mistakes import Misunderstood, unknown_command, wrong_word
from bot.commands.mute import mute
from bot.commands.playbook import playbook
from bot.commands.premium import premium
from bot.commands.scorecard import scorecard
from bot.commands.shock import shock
from bot.commands.start import start
from bot.commands.status import status
from bot.commands.subscribe import subscribe, unsubscribe
from bot.commands.timezone import timezone
from bot.commands.why import why
from bot.words.answer import Answer, Ask
from bot.words.texts import Html
from signals.own.grammar import LONGEST

Reply = Callable[[Ask], Awaitable[Answer]]


class Changes(StrEnum):
    """When a command changes what its chat hears: in groups that is for administrators alone."""

    NOTHING = "nothing"
    WITH_WORDS = "with_words"
    """Alone it only shows how things are."""
    ALWAYS = "always"


class Command(NamedTuple):
    """A command: its name without the slash, how many words it takes, and when it changes settings."""

    name: str
    reply: Reply
    takes: int = 0
    changes: Changes = Changes.NOTHING
    showing: AbstractSet[str] = frozenset()
    """First words after it with which it only shows how things are."""

    def changes_settings(self, args: Sequence[str]) -> bool:
        """Whether it changes the chat's settings, with these words after it."""
        if args and args[0].lower() in self.showing:
            return False
        return self.changes is Changes.ALWAYS or (self.changes is Changes.WITH_WORDS and bool(args))


def _help(rows: Sequence[Command]) -> Reply:
    """`/help`: what these commands do, one line each."""

    async def reply(ask: Ask) -> Answer:
        words = ask.words
        lines = [words("help.line", name=row.name, what=words(f"menu.{row.name}")) for row in rows]
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
    Command("chart", chart, takes=2),
    Command("subscribe", subscribe, takes=2, changes=Changes.WITH_WORDS),
    Command("unsubscribe", unsubscribe, takes=1, changes=Changes.WITH_WORDS),
    # A rule, in whatever words.
    Command("alert", alert, takes=LONGEST, changes=Changes.WITH_WORDS),
    # What to do, to which, and how long it lives.
    Command("alerts", alerts, takes=3, changes=Changes.WITH_WORDS, showing=SHOWING),
    # A time follows "on".
    Command("brief", brief, takes=2, changes=Changes.WITH_WORDS),
    Command("mute", mute, takes=2, changes=Changes.WITH_WORDS),
    Command("timezone", timezone, takes=3, changes=Changes.WITH_WORDS),
    Command("language", language, takes=1, changes=Changes.WITH_WORDS),
    # A link such as t.me/bot?start=word brings one word along, which means nothing yet.
    Command("start", start, takes=1),
    Command("about", about),
)

COMMANDS: tuple[Command, ...] = (*_OTHERS, Command("help", _help(_OTHERS)))
"""In the order of the menu."""

BY_NAME = {command.name: command for command in COMMANDS}


async def answer(ask: Ask, name: str) -> Answer:
    """The answer to a command with its words, or to what cannot be understood."""
    command = BY_NAME.get(name.lower())
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
