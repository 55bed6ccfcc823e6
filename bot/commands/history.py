"""`/history`: the last changes, newest first, each with the number of the alert that told it."""

from bot.commands.mistakes import Misunderstood
from bot.commands.why import change_line
from bot.words.answer import Answer, Ask
from bot.words.taken import taken_line
from bot.words.texts import Html
from storage.acknowledgements import Taken, read_taken
from storage.alerts import SavedChange, read_changes

_USUAL = 10
_MOST = 20
"""So many of the longest lines stay well below Telegram's 4,096 characters."""


async def history(ask: Ask) -> Answer:
    """The last ten changes, or as many as are asked for."""
    saved = read_changes(ask.desk.db, limit=_count(ask.args))
    if not saved:
        return Answer(ask.words("history.empty"))
    taken = read_taken(ask.desk.db, ask.chat.id, {each.alert_id for each in saved if each.alert_id})
    lines = [_line(ask, each, taken.get(each.alert_id or 0)) for each in saved]
    return Answer(Html("\n".join((ask.words("history.title", n=len(lines)), *lines))))


def _line(ask: Ask, saved: SavedChange, taken: Taken | None) -> Html:
    """A change, and who took the alert that told it."""
    line = change_line(ask.words, saved.change, saved.alert_id)
    return ask.words.joined([line, taken_line(ask.words, taken) if taken else Html()])


def _count(args: tuple[str, ...]) -> int:
    if not args:
        return _USUAL
    [word] = args
    if not (word.isascii() and word.isdigit()) or not 1 <= int(word) <= _MOST:
        raise Misunderstood(word)
    return int(word)
