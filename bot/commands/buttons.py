"""What buttons do. Their data is a command line with colons, such as `why:premium` or `chart:premium:7d`.

`here:` before it puts the answer in place of the message that the button is on.
"""

from dataclasses import replace

from bot.commands.mistakes import Misunderstood
from bot.commands.table import BY_NAME, Changes, Command, draws_by_name, find, perform
from bot.words.answer import Answer, Ask, Place
from bot.words.texts import Html
from bot.words.wording import Wording

_HERE = "here"

_MENUS = frozenset({"settings", "channel"})
"""What only leads from page to page: of a page nobody wonders whether it is fresh."""


def changes_settings(data: str) -> bool:
    """Whether a press changes what its chat hears."""
    name, args, _ = _split(data)
    command = BY_NAME.get(name)
    return command is not None and command.changes_settings(args)


def names_asker(data: str) -> bool:
    """Whether a press shows the chat who pressed."""
    command = BY_NAME.get(_split(data)[0])
    return command is not None and command.names_asker


def draws(data: str) -> bool:
    """Whether a press is answered with a picture."""
    name, args, _ = _split(data)
    return draws_by_name(name, args)


async def press(ask: Ask, data: str) -> Answer:
    """The answer to a pressed button; of an older version's button only a note remains."""
    name, args, here = _split(data)
    command = find(ask, name)
    if command is None:
        return _outdated(ask)
    try:
        answer = await perform(ask.with_args(args), command)
    except Misunderstood:
        return _outdated(ask)
    place = Place.INSTEAD if here else Place.BELOW
    if answer.place is Place.NOWHERE:
        place = Place.NOWHERE
    return replace(answer, place=place, note=answer.note or _note(ask.words, command, args, here=here))


def _note(words: Wording, command: Command, args: tuple[str, ...], *, here: bool) -> str:
    """What pops up: that something was changed, or that an answer is fresh, though it may look the same."""
    if command.changes_settings(args):
        return words.plain("note.done")
    if command.changes is not Changes.NOTHING or command.name in _MENUS:
        return ""
    return words.plain("note.refreshed", clock=words.clock(words.now)) if here else ""


def _split(data: str) -> tuple[str, tuple[str, ...], bool]:
    """The command's name, the words after it, and whether its answer goes here.

    A client may send other data than the button's. The name is made small here, once, so that whoever asks
    what a press may do asks about the very command that it is answered with.
    """
    name, *args = data.split(":")
    if name == _HERE and args:
        name, *args = args
        return name.lower(), tuple(args), True
    return name.lower(), tuple(args), False


def _outdated(ask: Ask) -> Answer:
    return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain("note.outdated"))
