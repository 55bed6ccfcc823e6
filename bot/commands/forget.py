"""`/forget`: all that is stored about this chat is deleted, after a question."""

from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask, Button
from bot.words.wording import Wording
from storage.own_alerts import note_all_changed
from storage.personal import forget as delete
from storage.personal import stored_about


async def forget(ask: Ask) -> Answer:
    """First what would be deleted; `yes` does it, `no` leaves everything."""
    match tuple(word.lower() for word in ask.args):
        case ():
            return _question(ask)
        case ("no",):
            return Answer(ask.words("forget.kept"))
        case ("yes",):
            return _forgotten(ask)
        case _:
            raise Misunderstood(ask.args[0])


def _question(ask: Ask) -> Answer:
    words = ask.words
    total = sum(map(len, stored_about(ask.desk.db, ask.chat.id).values()))
    text = words("forget.question", n=total, rows=words.number(total, 0))
    return Answer(text, ((_button(words, "yes"), _button(words, "no")),))


def _button(words: Wording, which: str) -> Button:
    return Button(words.plain(f"button.forget_{which}"), f"here:forget:{which}")


def _forgotten(ask: Ask) -> Answer:
    db = ask.desk.db
    with db.transaction():
        # What runs in memory on what was stored has to end as well.
        note_all_changed(db, ask.chat.id)
        deleted = delete(db, ask.chat.id)
    return Answer(ask.words("forget.done", n=deleted, rows=ask.words.number(deleted, 0)))
