"""The table of commands: one row a command. Handlers, menus and `/help` all come from it."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

from bot.commands.about import about
from bot.commands.ack import ack
from bot.commands.adl import adl
from bot.commands.admin import admin
from bot.commands.alert import alert, makes_rule
from bot.commands.alerts import SHOWING, alerts, moves_threshold
from bot.commands.board import board
from bot.commands.brief import brief
from bot.commands.broadcast import broadcast
from bot.commands.cap import cap
from bot.commands.channel import channel
from bot.commands.chart import chart
from bot.commands.compare import compare
from bot.commands.depth import depth
from bot.commands.etf import etf
from bot.commands.eth import eth
from bot.commands.exploits import exploits
from bot.commands.export import export
from bot.commands.forget import forget
from bot.commands.help import help_answer
from bot.commands.here import here
from bot.commands.history import history
from bot.commands.language import language
from bot.commands.levels import levels
from bot.commands.leverage import leverage
from bot.commands.links import Link, read_payload
from bot.commands.liquidations import liquidations
from bot.commands.macro import macro
from bot.commands.mistakes import Misunderstood, unknown_command, wrong_word
from bot.commands.mute_topic import mute_all_or_one
from bot.commands.near import line_near
from bot.commands.one_subject import status_of
from bot.commands.operator import is_operator
from bot.commands.playbook import playbook
from bot.commands.premium import premium
from bot.commands.quiet import quiet
from bot.commands.scorecard import scorecard
from bot.commands.settings import settings
from bot.commands.shock import shock
from bot.commands.start import start
from bot.commands.stop import stop
from bot.commands.subscribe import subscribe, subscribe_by_link, unsubscribe
from bot.commands.timezone import timezone
from bot.commands.why import why
from bot.words.answer import Answer, Ask
from signals.own.grammar import LONGEST

Reply = Callable[[Ask], Awaitable[Answer]]


class Changes(StrEnum):
    """When a command changes what its chat hears: in groups that is for administrators alone."""

    NOTHING = "nothing"
    WITH_WORDS = "with_words"
    """Alone it only shows how things are."""
    ALWAYS = "always"
    BY_LINK = "by_link"
    """As the command that the link leads to by which it was asked."""


ANY_WORDS = 4096
"""More than a message can hold."""
_MANY = 24
"""Each topic by its name, and more."""


def _draws_nothing(_: Sequence[str]) -> bool:
    return False


def _draws_always(_: Sequence[str]) -> bool:
    return True


class Command(NamedTuple):
    """A command: its name without the slash, how many words it takes, and when it changes settings.

    `draws`: whether its answer to some words is a picture, which takes long. `operator_only`: for all others
    it does not exist.
    """

    name: str
    reply: Reply
    takes: int = 0
    changes: Changes = Changes.NOTHING
    names_asker: bool = False
    """Whether the chat is shown who asked."""
    draws: Callable[[Sequence[str]], bool] = _draws_nothing
    operator_only: bool = False
    showing: AbstractSet[str] = frozenset()
    """First words after it with which it only shows how things are."""

    def changes_settings(self, args: Sequence[str]) -> bool:
        """Whether it changes the chat's settings, with these words after it."""
        if args and args[0].lower() in self.showing:
            return False
        if self.changes is Changes.BY_LINK:
            link = _link(args)
            return link is not None and BY_NAME[link.name].changes_settings(link.args)
        return self.changes is Changes.ALWAYS or (self.changes is Changes.WITH_WORDS and bool(args))

    def draws_with(self, args: Sequence[str]) -> bool:
        """Whether its answer with these words after it is a picture; a link is what it leads to."""
        if self.changes is Changes.BY_LINK:
            link = _link(args)
            return link is not None and BY_NAME[link.name].draws_with(link.args)
        return self.draws(args)


def _help(rows: Sequence[Command]) -> Reply:
    """`/help` about some commands and about itself."""

    async def reply(ask: Ask) -> Answer:
        known = [row for row in rows if is_operator(ask) or not row.operator_only]
        return help_answer(ask, (*known, BY_NAME["help"]))

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
    # An alert, and "back".
    Command("ack", ack, takes=2, names_asker=True),
    Command("scorecard", scorecard, takes=1),
    Command("compare", compare, takes=1),
    # A subject may have two words.
    Command("chart", chart, takes=3, draws=_draws_always),
    # Topics, and how they are to be heard.
    Command("subscribe", subscribe, takes=_MANY, changes=Changes.WITH_WORDS),
    Command("unsubscribe", unsubscribe, takes=_MANY, changes=Changes.WITH_WORDS),
    # A rule, in whatever words.
    Command("alert", alert, takes=LONGEST, changes=Changes.WITH_WORDS, draws=makes_rule),
    # What to do, to which, and how long it lives.
    Command("alerts", alerts, takes=3, changes=Changes.WITH_WORDS, showing=SHOWING, draws=moves_threshold),
    # A time follows "on", and how it is to sound.
    Command("brief", brief, takes=3, changes=Changes.WITH_WORDS),
    Command("board", board, takes=1, changes=Changes.ALWAYS),
    # A topic, and a length such as 2 hours 30 min.
    Command("mute", mute_all_or_one, takes=5, changes=Changes.WITH_WORDS),
    Command("quiet", quiet, takes=3, changes=Changes.WITH_WORDS),
    Command("cap", cap, takes=1, changes=Changes.WITH_WORDS),
    Command("settings", settings, takes=1),
    Command("timezone", timezone, takes=3, changes=Changes.WITH_WORDS),
    Command("language", language, takes=1, changes=Changes.WITH_WORDS),
    Command("here", here, changes=Changes.ALWAYS),
    Command("channel", channel, takes=1),
    # A link such as t.me/bot?start=why_A-12 brings one word along.
    Command("start", start, takes=1, changes=Changes.BY_LINK),
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

COMMANDS: tuple[Command, ...] = (*_OTHERS, Command("help", _help((*_OTHERS, *OPERATOR_COMMANDS)), takes=1))
"""For everybody, in the order of the menu."""
BY_NAME = {command.name: command for command in COMMANDS}
_OF_OPERATORS = {command.name: command for command in OPERATOR_COMMANDS}


def find(ask: Ask, name: str) -> Command | None:
    """The command of a name, as far as it exists for whoever asks."""
    name = name.lower()
    return BY_NAME.get(name) or (_OF_OPERATORS.get(name) if is_operator(ask) else None)


def draws_by_name(name: str, args: Sequence[str]) -> bool:
    """Whether the answer to a command with its words is a picture."""
    command = BY_NAME.get(name.lower())
    return command is not None and command.draws_with(args)


async def answer(ask: Ask, name: str) -> Answer:
    """The answer to a command with its words, or to what cannot be understood."""
    command = find(ask, name)
    if command is None:
        return unknown_command(ask.words, name, line_near(name, tuple(BY_NAME)))
    if command.changes is Changes.BY_LINK and (link := _link(ask.args)):
        # A link that leads nowhere any more is an ordinary beginning.
        with suppress(Misunderstood):
            return await _follow(ask, link)
    try:
        return await perform(ask, command)
    except Misunderstood as error:
        return wrong_word(ask.words, command.name, error.word)


def _link(args: Sequence[str]) -> Link | None:
    """The command that the word of a link names."""
    link = read_payload(args[0]) if len(args) == 1 else None
    return link if link and link.name in BY_NAME else None


async def _follow(ask: Ask, link: Link) -> Answer:
    """Where a link leads. Raises Misunderstood."""
    if link.name == "subscribe" and link.args:
        topic, *rest = link.args
        if rest:
            raise Misunderstood(rest[0])
        return subscribe_by_link(ask, topic)
    return await perform(ask.with_args(link.args), BY_NAME[link.name])


async def perform(ask: Ask, command: Command) -> Answer:
    """Carry a command out. Raises Misunderstood."""
    if len(ask.args) > command.takes:
        raise Misunderstood(ask.args[command.takes])
    return await command.reply(ask)
