"""How far alerts and broadcasts to many chats have got, and how long the rest takes at the present pace."""

from collections.abc import Iterator
from datetime import timedelta

from bot.commands.broadcast_panel import progress_line
from bot.words.answer import Ask
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import broadcasts
from storage.broadcasts import Broadcast
from storage.progress import alerts_under_way, count_open

_LOOKED_AT = 5
"""Of the last alerts: an older one that is still under way has been overtaken by worse trouble."""


def time_left(waiting: int, per_second: float) -> timedelta | None:
    """How long so many messages take; None where none waits, or nothing sends."""
    return timedelta(seconds=waiting / per_second) if waiting and per_second else None


def fanout_lines(ask: Ask) -> Iterator[Html]:
    """A line for each of the last alerts that has not reached everybody yet."""
    words, per_second = ask.words, ask.desk.health.sending().per_second
    under_way = alerts_under_way(ask.desk.db, _LOOKED_AT)
    # Those that are equally urgent go side by side: each ends about when all of them do.
    left = time_left(sum(each.waiting for each in under_way), per_second)
    for each in under_way:
        sent, messages = words.number(each.sent, 0), words.number(each.messages, 0)
        line = words("fanout.sent", id=each.alert_id, sent=sent, messages=messages)
        yield words.joined([line, _left(words, left)])


def broadcast_line(ask: Ask, broadcast: Broadcast) -> Html:
    """What became of a broadcast, and when the rest will have arrived: everything else goes before it."""
    db, per_second = ask.desk.db, ask.desk.health.sending().per_second
    waits = broadcasts.progress(db, broadcast.id).get("queued", 0)
    left = time_left(count_open(db) if waits else 0, per_second)
    return ask.words.joined([progress_line(ask.words, db, broadcast), _left(ask.words, left)])


def _left(words: Wording, left: timedelta | None) -> Html:
    return Html() if left is None else words("fanout.left", left=words.duration(left))
