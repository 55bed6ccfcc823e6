"""`/playbook`: five things to look at after a crash, what each is now, and for what it speaks."""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.words.answer import Answer, Ask
from bot.words.playbook import point_lines, read_points, summary
from bot.words.texts import Html


async def playbook(ask: Ask) -> Answer:
    """The five points as a table."""
    return page(ask, _lines(ask), (), ways_on(ask.words, "playbook", chart="btc"))


def _lines(ask: Ask) -> Iterator[Html]:
    words, points = ask.words, read_points(ask.desk)
    yield summary(words, points)
    for number, point in enumerate(points, start=1):
        yield from point_lines(words, ask.desk, number, point)
