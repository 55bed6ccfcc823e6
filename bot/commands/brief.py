"""`/brief`: the state of things in one message, now or every day at an hour of the chat's choice."""

from bot.commands.mistakes import Misunderstood
from bot.commands.mute import time_of_day
from bot.words.answer import Answer, Ask, Button
from bot.words.brief import brief_text
from storage import briefs

_USUAL = "08:00"


async def brief(ask: Ask) -> Answer:
    """Without a word after it the brief of now; `on 08:00` and `off` choose when it comes by itself."""
    match tuple(word.lower() for word in ask.args):
        case ():
            return _now(ask)
        case ("off",):
            briefs.stop(ask.desk.db, ask.chat.id)
            return Answer(ask.words("brief.off"))
        case ("on",):
            return _on(ask, _USUAL)
        case ("on", clock):
            return _on(ask, clock)
        case (_, *rest):
            raise Misunderstood(rest[0] if rest and ask.args[0].lower() == "off" else ask.args[0])
        case _:
            raise AssertionError(ask.args)


def _now(ask: Ask) -> Answer:
    words, chosen = ask.words, briefs.read_brief(ask.desk.db, ask.chat.id)
    button = Button(words.plain("button.chart"), "chart:premium")
    choice = (
        Button(words.plain("button.brief_off"), "here:brief:off")
        if chosen
        else Button(words.plain("button.brief_on"), "here:brief:on")
    )
    return Answer(brief_text(words, ask.desk), ((button, choice),))


def _on(ask: Ask, clock: str) -> Answer:
    at = time_of_day(clock)
    briefs.choose(ask.desk.db, ask.chat.id, at, thread_id=ask.thread_id)
    return Answer(ask.words("brief.on", clock=f"{at:%H:%M}", zone=ask.chat.timezone))
