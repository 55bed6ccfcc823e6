"""`/broadcast ...`: an operator's message to many chats, shown as it will look before anything is sent."""

from bot.commands.broadcast_panel import draft_answer, progress_line
from bot.delivery.split import MAX_UNITS, plain, utf16_units
from bot.telling.broadcasts import KINDS
from bot.words.answer import Answer, Ask
from bot.words.texts import Html
from storage import broadcasts

_SHOWN = 5


async def broadcast(ask: Ask) -> Answer:
    """The message itself, with what it reaches and what to do on its buttons; alone it explains itself.

    The operator's own formatting stays: bold, italics, links, code, quotes, spoilers.
    """
    words, db, text = ask.words, ask.desk.db, ask.written
    if not plain(text).strip():
        last = [progress_line(words, db, each) for each in broadcasts.last_broadcasts(db, _SHOWN)]
        return Answer(Html("\n".join((words("usage.broadcast"), *last))))
    units = utf16_units(plain(text))
    if units > MAX_UNITS:
        return Answer(
            words("broadcast.too_long", units=words.number(units, 0), most=words.number(MAX_UNITS, 0))
        )
    return draft_answer(ask, broadcasts.draft(db, ask.chat.id, text, KINDS, ask.desk.now))
