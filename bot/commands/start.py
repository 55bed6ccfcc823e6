"""`/start`: a greeting with the verdict of now, and buttons. It subscribes nobody."""

from bot.commands.status import verdict_line
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.board import read_board
from bot.words.texts import Html
from bot.words.wording import Wording


async def start(ask: Ask) -> Answer:
    """What the bot does, in three lines, and where the market stands."""
    words = ask.words
    text = Html("\n".join((words("start.greeting"), "", verdict_line(words, read_board(ask.desk)))))
    return Answer(Html(f"{text}\n{words('status.disclaimer')}"), buttons_for_newcomers(words))


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
