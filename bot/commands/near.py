"""The command that somebody probably meant who wrote one that does not exist."""

from collections.abc import Sequence
from difflib import get_close_matches

from bot.commands.subjects import BY_WORD, tidied

_ALSO = {
    "unmute": "mute off",
    "pause": "stop",
    "resume": "stop off",
    "unpin": "board off",
    "menu": "help",
    "commands": "help",
    "info": "about",
    "config": "settings",
    "tz": "timezone",
    "lang": "language",
}
"""What other bots call things."""

_SHORTEST = 3
"""Fewer letters begin too many names."""
_LIKENESS = 0.7
"""From 0 to 1; with less `/all` would be `/adl`."""


def line_near(name: str, known: Sequence[str]) -> str | None:
    """A command line as it is typed, without its slash; None where nothing is near."""
    name = name.lower()
    if also := _ALSO.get(name):
        return also
    if subject := BY_WORD.get(tidied(name)):
        return subject.command.replace(":", " ")
    begun = [each for each in known if each.startswith(name)] if len(name) >= _SHORTEST else []
    close = begun or get_close_matches(name, known, n=1, cutoff=_LIKENESS)
    return close[0] if close else None
