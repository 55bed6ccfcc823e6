"""The built-in scenario, worked out once, by the first test that wants it."""

from functools import cache

from bot.playground.play import Play, built_in


@cache
def played() -> Play:
    """The market of the playground, and from when to when it is played."""
    return built_in()
