"""`/start`: a greeting with the verdict of now, and buttons. It subscribes nobody, and ends a pause."""

from bot.commands.admin_note import note_line
from bot.commands.status import verdict_line
from bot.commands.stop import after_a_pause
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.board import read_board
from bot.words.texts import Html
from bot.words.wording import Wording


async def start(ask: Ask) -> Answer:
    """What the bot does, in three lines, and where the market stands."""
    words = ask.words
    paused, resume = after_a_pause(ask)
    lines = [
        *([paused, Html()] if paused else []),
        words("start.greeting"),
        Html(),
        verdict_line(words, read_board(ask.desk)),
        *filter(None, [note_line(words, ask.desk.db)]),
        words("status.disclaimer"),
    ]
    return Answer(Html("\n".join(lines)), (*resume, *buttons_for_newcomers(words)))


def buttons_for_newcomers(words: Wording) -> Buttons:
    """The first things to do."""
    return (
        (Button(words.plain("button.status"), "status"),),
        (
            Button(words.plain("button.hear_usual"), "subscribe:usual"),
            Button(words.plain("button.hear_all"), "subscribe:all"),
        ),
        (Button(words.plain("button.language"), "language"), Button(words.plain("button.about"), "about")),
    )
