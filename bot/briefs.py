"""Briefs that are due: one a day for each chat that wants it, made together with the note that it was.

A bot that was down at the hour makes it up to three hours late, and no later: a brief is about the morning.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.listeners import in_quiet_hours
from bot.words.brief import brief_text
from bot.words.wording import wording_for
from storage.briefs import BriefRow, note_day, read_briefs
from storage.kinds import KINDS
from storage.outbox import Delivery, enqueue

log = logging.getLogger(__name__)

LATEST = KINDS["brief"].lifetime
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
    """Put every brief that is due into the outbox; how many.

    Raises:
        StorageError: nothing was stored of the chat at which it happened.
    """
    made = 0
    for row in read_briefs(desk.db):
        day = due_day(row, desk.now)
        if day is not None:
            _make(desk, row, day)
            made += 1
    if made:
        wake()
    return made


def _make(desk: Desk, row: BriefRow, day: date) -> None:
    now, chat = desk.now, row.chat
    is_muted = chat.muted_until is not None and now < chat.muted_until
    with desk.db.transaction():
        note_day(desk.db, chat.id, day)
        if is_muted:
            log.debug("no brief for chat %d: it is muted", chat.id)
            return
        text = brief_text(wording_for(chat, now), desk)
        enqueue(
            desk.db,
            [
                Delivery(
                    chat_id=chat.id,
                    thread_id=row.thread_id,
                    kind="brief",
                    text=text,
                    chart=CHART,
                    silent=row.silent or in_quiet_hours(chat, now),
                    created_at=now,
                )
            ],
        )
