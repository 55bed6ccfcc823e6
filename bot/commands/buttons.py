"""What buttons do. Their data is a command line with colons, such as `why:premium` or `chart:premium:7d`.

`refresh:` before it puts the answer in place of the message that the button is on.
"""

from dataclasses import replace

from bot.answer import Answer, Ask, Place
from bot.commands.mistakes import Misunderstood
from bot.commands.table import BY_NAME, Command, perform
from bot.texts import Html

_REFRESH = "refresh"


def pressed_command(data: str) -> Command | None:
    """The command that a button stands for; None where it is none of today's."""
    return BY_NAME.get(_split(data)[0])


async def press(ask: Ask, data: str) -> Answer:
    """The answer to a pressed button; of an older version's button only a note remains."""
    name, args, refreshes = _split(data)
    command = BY_NAME.get(name)
    if command is None:
        return _outdated(ask)
    try:
        answer = await perform(ask.with_args(args), command)
    except Misunderstood:
        return _outdated(ask)
    if refreshes:
        note = ask.words.plain("note.refreshed", clock=ask.words.clock(ask.words.now))
        return replace(answer, place=Place.INSTEAD, note=note)
    return replace(answer, note=ask.words.plain("note.done")) if args and command.changes_settings else answer


def _split(data: str) -> tuple[str, tuple[str, ...], bool]:
    """The command's name, the words after it, and whether it refreshes."""
    name, *args = data.split(":")
    if name == _REFRESH and args:
        name, *args = args
        return name, tuple(args), True
    return name, tuple(args), False


def _outdated(ask: Ask) -> Answer:
    return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain("note.outdated"))
