"""`/playbook`: five things to look at after a crash, what each is now, and for what it speaks."""

from collections.abc import Iterator

from bot.commands.detail import sources_line
from bot.words.answer import Answer, Ask, Button
from bot.words.playbook import point_lines, read_points, summary
from bot.words.texts import Html
from bot.words.wording import Wording


async def playbook(ask: Ask) -> Answer:
    """The five points as a table."""
    return Answer(Html("\n".join(filter(None, _lines(ask)))), (_buttons(ask.words),))


def _lines(ask: Ask) -> Iterator[Html]:
    words, points = ask.words, read_points(ask.desk)
    yield summary(words, points)
    for number, point in enumerate(points, start=1):
        yield from point_lines(words, ask.desk, number, point)
    yield sources_line(words, ())


def _buttons(words: Wording) -> tuple[Button, ...]:
    return (
        Button(words.plain("button.refresh"), "here:playbook"),
        Button(words.plain("button.chart"), "chart:btc"),
    )
