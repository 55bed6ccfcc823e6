"""`/about`: the argument that the bot follows, whose data it uses, and what it is not."""

from bot.words.answer import Answer, Ask, Button


async def about(ask: Ask) -> Answer:
    """Always the same text."""
    return Answer(ask.words("about.text"), ((Button(ask.words.plain("button.status"), "status"),),))
