"""`/admin outbox`: what waits, what became of the rest, and how the dispatcher is doing."""

from collections.abc import Iterable, Iterator

from bot.commands.admin_fanout import broadcast_line, fanout_lines
from bot.commands.admin_lines import ago, short
from bot.words.answer import Ask
from bot.words.marks import WARNING
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.broadcasts import last_broadcasts
from storage.census import Waiting, count_held, count_waiting, last_failures, oldest_queued
from storage.kinds import KINDS, Lane
from storage.outbox import count_by_state

_SHOWN_BROADCASTS, _SHOWN_FAILURES = 3, 5


def outbox_lines(ask: Ask) -> Iterator[Html]:
    """The dispatcher first, then the numbers, the last broadcasts, the last failures."""
    words, db = ask.words, ask.desk.db
    yield from sending_lines(ask)
    yield from fanout_lines(ask)
    for state, count in count_by_state(db).items():
        yield words(f"admin.outbox_{state}", count=words.number(count, 0))
    yield from _waiting_lines(words, count_waiting(db))
    if waits := oldest_queued(db):
        yield words("admin.oldest", length=words.age(waits))
    if held := count_held(db, ask.desk.now):
        number = words.number(held.chats, 0)
        yield words("admin.held", n=held.chats, count=number, moment=words.moment(held.until))
    for broadcast in last_broadcasts(db, _SHOWN_BROADCASTS):
        yield broadcast_line(ask, broadcast)
    for failure in last_failures(db, _SHOWN_FAILURES):
        yield words(
            "admin.failure",
            kind=failure.kind,
            count=words.number(failure.times, 0),
            moment=words.moment(failure.last_at),
            error=short(failure.error),
        )


def sending_lines(ask: Ask) -> Iterator[Html]:
    """How the dispatcher is doing."""
    words, sending = ask.words, ask.desk.health.sending()
    yield words("admin.sending", n=sending.in_flight, when=ago(words, sending.last_sent_at))
    if sending.trouble:
        yield _warning(words, "admin.trouble", reason=short(sending.trouble))
    if sending.slowness > 1:
        yield _warning(words, "admin.slow", times=sending.slowness)


def _waiting_lines(words: Wording, waiting: Iterable[Waiting]) -> Iterator[Html]:
    """What waits, lane by lane in the order of sending."""
    lanes: dict[Lane, list[Waiting]] = {lane: [] for lane in Lane}
    for each in waiting:
        lanes[KINDS[each.kind].lane].append(each)
    for lane, of_lane in lanes.items():
        if of_lane:
            yield words(
                "admin.lane",
                lane=words(f"admin.lane_{lane.name.lower()}"),
                count=words.number(sum(each.deliveries for each in of_lane), 0),
                length=words.age(min(each.oldest_at for each in of_lane)),
            )


def _warning(words: Wording, key: str, **values: object) -> Html:
    return words(key, mark=WARNING, **values)
