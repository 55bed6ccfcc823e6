"""`/ack`: somebody of a group takes an alert, and everybody sees who; the same one can give it back."""

import re

from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask, Place
from bot.words.taken import who_took
from bot.words.texts import Html
from storage import acknowledgements
from storage.acknowledgements import NOBODY_NAMED, Taken
from storage.alerts import read_alert
from storage.chats import is_group

_ALERT = re.compile(r"^(?:a-?)?(\d{1,18})$", re.IGNORECASE)
_LISTED = 10


async def ack(ask: Ask) -> Answer:
    """Without a word after it: what is taken in this chat."""
    if not is_group(ask.chat):
        return Answer(ask.words("ack.only_in_groups"))
    if not ask.args:
        return _list(ask)
    alert_id = _alert_id(ask.args[0])
    if read_alert(ask.desk.db, alert_id) is None:
        return Answer(ask.words("why.no_such_alert", number=alert_id))
    said = _back(ask, alert_id) if _is_back(ask.args[1:]) else _take(ask, alert_id)
    ask.desk.leave_work()
    return said


def _alert_id(word: str) -> int:
    found = _ALERT.match(word)
    if not found:
        raise Misunderstood(word)
    return int(found[1])


def _is_back(rest: tuple[str, ...]) -> bool:
    if rest and rest[0].lower() != "back":
        raise Misunderstood(rest[0])
    return bool(rest)


def _take(ask: Ask, alert_id: int) -> Answer:
    wanted = Taken(_asker_id(ask), ask.asker.name if ask.asker else "", ask.desk.now)
    present = acknowledgements.take(ask.desk.db, ask.chat.id, alert_id, wanted)
    if present.user_id == wanted.user_id:
        return _noted(ask, "ack.yours", alert_id, present)
    return _noted(ask, "ack.theirs", alert_id, present)


def _back(ask: Ask, alert_id: int) -> Answer:
    if acknowledgements.give_back(ask.desk.db, ask.chat.id, alert_id, _asker_id(ask)):
        return _noted(ask, "ack.given_back", alert_id, None)
    present = acknowledgements.read_taken(ask.desk.db, ask.chat.id, [alert_id]).get(alert_id)
    return _noted(ask, "ack.theirs" if present else "ack.free", alert_id, present)


def _asker_id(ask: Ask) -> int:
    return ask.asker.id if ask.asker else NOBODY_NAMED


def _noted(ask: Ask, key: str, alert_id: int, taken: Taken | None) -> Answer:
    """Said below a command; over a button only a note pops up, for the alert itself shows it to everybody."""
    words = ask.words
    values: dict[str, object] = {"number": alert_id}
    if taken is not None and key == "ack.theirs":
        values |= {"name": who_took(words, taken), "clock": words.clock(taken.at)}
    return Answer(words(key, **values), place=Place.NOWHERE, note=words.plain(key, **values))


def _list(ask: Ask) -> Answer:
    words = ask.words
    taken = acknowledgements.last_taken(ask.desk.db, ask.chat.id, _LISTED)
    if not taken:
        return Answer(words("ack.none"))
    lines = [
        words("ack.listed", number=number, name=who_took(words, each), moment=words.moment(each.at))
        for number, each in taken.items()
    ]
    return Answer(Html("\n".join((words("ack.title"), *lines))))
