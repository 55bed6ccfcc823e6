"""Briefs that are due: one a day for each chat that wants it, made together with the note that it was.

    who wants one when -> due -> the next few, in one transaction -> outbox

A bot that was down at the hour makes it up to three hours late, and no later: a brief is about the morning.
Thousands want theirs at eight: they are made a few at a time, with the event loop free in between.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.reading import read_beside
from bot.telling.listeners import in_quiet_hours
from bot.words.brief import brief_text
from bot.words.texts import Html
from bot.words.wording import spoken_in, wording_for
from storage.briefs import BriefRow, Wish, brief_of, note_day, read_wishes
from storage.chats import ChatRow
from storage.kinds import KINDS
from storage.outbox import Delivery, enqueue

log = logging.getLogger(__name__)

LATEST = KINDS["brief"].lifetime
MOST_AT_ONCE = 50
"""So many in one go, which takes some hundredths of a second."""
MOST_AT_A_TIME = 3_000
"""So many a minute: more than can be sent in one."""
CHART: Literal["premium"] = "premium"
"""The chart that goes with a brief."""
_PAUSE_S = 0.01


def due_day(wish: Wish, now: datetime) -> date | None:
    """The day, in the chat's zone, whose brief is due at a moment; None where none is.

    Where clocks are set forward over the hour it is due right after; an hour that comes twice counts once.
    """
    zone = ZoneInfo(wish.timezone)
    day = now.astimezone(zone).date()
    for each in (day, day - timedelta(days=1)):
        due = datetime.combine(each, wish.at, zone)
        is_new = wish.last_day is None or each > wish.last_day
        if is_new and due.astimezone(now.tzinfo) <= now < due.astimezone(now.tzinfo) + LATEST:
            return each
    return None


async def make_due_briefs(desk: Desk, wake: Callable[[], None]) -> int:
    """Put the briefs that are due into the outbox, some thousands at most; how many.

    Raises:
        StorageError: nothing was stored of the few among which it happened, nor of those after them.
    """
    texts, made = _Texts(desk), 0
    wishes = await read_beside(desk.db, read_wishes)
    found = chain.from_iterable(ids for wish, ids in wishes if due_day(wish, texts.now))
    due = deque(sorted(found)[:MOST_AT_A_TIME])
    while due:
        made += _make_some(desk, due, texts)
        wake()
        await asyncio.sleep(_PAUSE_S)
    return made


class _Texts:
    """The briefs of one moment in words, each once for all chats that are spoken to alike."""

    def __init__(self, desk: Desk) -> None:
        self.now = desk.now
        self._desk = desk
        self._written: dict[tuple[str, str], Html] = {}

    def __len__(self) -> int:
        return len(self._written)

    def of(self, chat: ChatRow) -> Html:
        voice = spoken_in(chat.language, chat.app_language), chat.timezone
        if voice not in self._written:
            self._written[voice] = brief_text(wording_for(chat, self.now), self._desk)
        return self._written[voice]


def _make_some(desk: Desk, due: deque[int], texts: _Texts) -> int:
    """The next few; how many. A chat may have chosen something else since it was found to be due."""
    written, made = len(texts), 0
    with desk.db.transaction():
        # To write one text takes as long as to make all the others.
        while due and made < MOST_AT_ONCE and len(texts) == written:
            row = brief_of(desk.db, due.popleft())
            if row is not None and (day := due_day(row.wish, texts.now)) is not None:
                _make(desk, row, day, texts)
                made += 1
    return made


def _make(desk: Desk, row: BriefRow, day: date, texts: _Texts) -> None:
    now, chat = texts.now, row.chat
    note_day(desk.db, chat.id, day)
    if chat.muted_until is not None and now < chat.muted_until:
        log.debug("no brief for chat %d: it is muted", chat.id)
        return
    delivery = Delivery(
        chat_id=chat.id,
        thread_id=row.thread_id,
        kind="brief",
        text=texts.of(chat),
        chart=CHART,
        silent=row.silent or in_quiet_hours(chat, now),
        created_at=now,
    )
    enqueue(desk.db, [delivery])
