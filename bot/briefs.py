"""Briefs that are due: one a day for each chat that wants it, made together with the note that it was.

A bot that was down at the hour makes it up to three hours late, and no later: a brief is about the morning.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.listeners import in_quiet_hours
from bot.words.brief import brief_text
from bot.words.texts import Html
from bot.words.wording import spoken_in, wording_for
from storage.briefs import BriefRow, note_day, read_briefs
from storage.chats import ChatRow
from storage.kinds import KINDS
from storage.outbox import Delivery, enqueue

log = logging.getLogger(__name__)

LATEST = KINDS["brief"].lifetime
MOST_AT_ONCE = 3_000
"""So many in one go, for everybody else waits meanwhile; the rest comes a minute later."""
CHART: Literal["premium"] = "premium"
"""The chart that goes with a brief."""


def due_day(row: BriefRow, now: datetime) -> date | None:
    """The day, in the chat's zone, whose brief is due at a moment; None where none is.

    Where clocks are set forward over the hour it is due right after; an hour that comes twice counts once.
    """
    zone = ZoneInfo(row.chat.timezone)
    day = now.astimezone(zone).date()
    for each in (day, day - timedelta(days=1)):
        due = datetime.combine(each, row.at, zone)
        is_new = row.last_day is None or each > row.last_day
        if is_new and due.astimezone(now.tzinfo) <= now < due.astimezone(now.tzinfo) + LATEST:
            return each
    return None


def make_due_briefs(desk: Desk, wake: Callable[[], None]) -> int:
    """Put the briefs that are due into the outbox, some thousands at most; how many.

    Raises:
        StorageError: nothing was stored of the chat at which it happened.
    """
    texts = _Texts(desk)
    due = ((row, day) for row in read_briefs(desk.db) if (day := due_day(row, texts.now)) is not None)
    made = 0
    for row, day in islice(due, MOST_AT_ONCE):
        _make(desk, row, day, texts)
        made += 1
    if made:
        wake()
    return made


class _Texts:
    """The briefs of one moment in words, each once for all chats that are spoken to alike.

    Thousands want theirs at eight, and nothing else goes on while they are made.
    """

    def __init__(self, desk: Desk) -> None:
        self.now = desk.now
        self._desk = desk
        self._written: dict[tuple[str, str], Html] = {}

    def of(self, chat: ChatRow) -> Html:
        voice = spoken_in(chat.language, chat.app_language), chat.timezone
        if voice not in self._written:
            self._written[voice] = brief_text(wording_for(chat, self.now), self._desk)
        return self._written[voice]


def _make(desk: Desk, row: BriefRow, day: date, texts: _Texts) -> None:
    now, chat = texts.now, row.chat
    is_muted = chat.muted_until is not None and now < chat.muted_until
    with desk.db.transaction():
        note_day(desk.db, chat.id, day)
        if is_muted:
            log.debug("no brief for chat %d: it is muted", chat.id)
            return
        enqueue(
            desk.db,
            [
                Delivery(
                    chat_id=chat.id,
                    thread_id=row.thread_id,
                    kind="brief",
                    text=texts.of(chat),
                    chart=CHART,
                    silent=row.silent or in_quiet_hours(chat, now),
                    created_at=now,
                )
            ],
        )
