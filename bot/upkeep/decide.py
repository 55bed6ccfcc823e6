"""What a board needs at a moment, and what a failure means for it: pure decisions, each with its reason."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.delivery.errors import Failure, Trouble
from bot.delivery.spare import RESERVE
from storage.boards import BoardRow

EDIT_EVERY = timedelta(minutes=1)
_LONGEST_WAIT_ANEW = timedelta(days=1)
_LOOK_AGAIN = timedelta(seconds=5)
_RETRY = timedelta(minutes=1)
_RETRY_REFUSED = timedelta(hours=1)


class Act(StrEnum):
    """What a board may need."""

    SEND = "send"
    PIN = "pin"
    EDIT = "edit"
    UNPIN = "unpin"
    LEAVE = "leave"
    """Nothing of its message is left in Telegram that would have to be undone."""
    NOTHING = "nothing"


class Why(StrEnum):
    """Why a board gets something, or nothing."""

    FIRST = "first"
    LOST = "lost"
    """Somebody deleted it."""
    UNPINNED_YET = "unpinned_yet"
    UNCERTAIN = "uncertain"
    """What it shows is not known, or whether it is still there."""
    CHANGED = "changed"
    MOVED = "moved"
    """It belongs into another topic now."""
    ENDED = "ended"
    UNCHANGED = "unchanged"
    TOO_SOON = "too_soon"
    HELD = "held"
    """A try failed, or Telegram asked to wait."""
    OUTBOX_FIRST = "outbox_first"
    NO_ROOM = "no_room"
    """What is left of the group's limit belongs to alerts and answers."""


class Decision(NamedTuple):
    """What to do now and why; where that is nothing for now, when to look again."""

    act: Act
    why: Why
    again_at: datetime | None = None


class Chat(NamedTuple):
    """The chat of a board: until when it must wait, what it could take, whether something waits for it."""

    not_before: datetime | None
    room: int
    has_open: bool


def decide(board: BoardRow, text_hash: str, chat: Chat, now: datetime) -> Decision:
    """What a board needs now, if it may be done now. `text_hash`: of what it should show."""
    wanted = needed(board, text_hash)
    if wanted.act in {Act.NOTHING, Act.LEAVE}:
        return wanted
    waits = [
        (Why.HELD, board.not_before),
        (Why.HELD, chat.not_before),
        (Why.TOO_SOON, _earliest(board, wanted)),
    ]
    for why, until in waits:
        if until is not None and until > now:
            return Decision(Act.NOTHING, why, until)
    if chat.has_open:
        return Decision(Act.NOTHING, Why.OUTBOX_FIRST)
    if chat.room <= RESERVE:
        return Decision(Act.NOTHING, Why.NO_ROOM, now + _LOOK_AGAIN)
    return wanted


def needed(board: BoardRow, text_hash: str) -> Decision:
    """What a board needs, whenever that may be."""
    has_moved = board.message_id is not None and board.sent_in != board.thread_id
    if board.state == "ending" or has_moved:
        is_pinned = board.message_id is not None and board.pin == "done"
        why = Why.ENDED if board.state == "ending" else Why.MOVED
        return Decision(Act.UNPIN if is_pinned else Act.LEAVE, why)
    if board.message_id is None:
        return Decision(Act.SEND, Why.FIRST if board.sent_at is None else Why.LOST)
    if board.text_hash is None:
        return Decision(Act.EDIT, Why.UNCERTAIN)
    if board.pin == "wanted":
        return Decision(Act.PIN, Why.UNPINNED_YET)
    if board.text_hash != text_hash:
        return Decision(Act.EDIT, Why.CHANGED)
    # Whether it is still pinned is not asked: whoever unpinned it wanted that.
    return Decision(Act.NOTHING, Why.UNCHANGED)


def _earliest(board: BoardRow, wanted: Decision) -> datetime | None:
    """From when on the pace of boards allows it."""
    if wanted.why is Why.CHANGED and board.edited_at is not None:
        return board.edited_at + EDIT_EVERY
    if wanted.why is Why.LOST and board.sent_at is not None:
        return board.sent_at + wait_anew(board.losses)
    return None


def wait_anew(losses: int) -> timedelta:
    """How long a board stands before it is sent anew: the more often it was deleted, the longer."""
    times: int = 4 ** min(max(losses - 1, 0), 10)  # beyond the longest wait, and no number too large
    return min(EDIT_EVERY * times, _LONGEST_WAIT_ANEW)


class After(StrEnum):
    """What a failed try makes of a board."""

    DONE = "done"
    """As good as done."""
    LOST = "lost"
    LEFT = "left"
    FORGET = "forget"
    NO_PIN = "no_pin"
    """It stays unpinned, and the chat is told why."""
    WAIT = "wait"


_REFUSALS = {
    Trouble.NO_RIGHTS,
    Trouble.REFUSED,
    Trouble.BAD_MARKUP,
    Trouble.TOO_LONG,
    Trouble.CHAT_UNKNOWN,
}
_THE_CHAT_WAITS = {Trouble.WAIT, Trouble.CHAT_GONE, Trouble.CHAT_MIGRATED}
_OUTRIGHT = {
    Trouble.UNCHANGED: After.DONE,
    Trouble.MESSAGE_GONE: After.LOST,
    # The topic was deleted, and the board with it.
    Trouble.NO_THREAD: After.FORGET,
}


def after_failure(act: Act, failure: Failure, now: datetime) -> tuple[After, datetime]:
    """What a failure makes of a board, and when to try again where it waits."""
    trouble = failure.trouble
    if act is Act.UNPIN and trouble in {*_REFUSALS, Trouble.MESSAGE_GONE}:
        return After.LEFT, now
    if act is Act.PIN and trouble in {Trouble.NO_RIGHTS, Trouble.REFUSED}:
        return After.NO_PIN, now
    if trouble in _OUTRIGHT:
        return _OUTRIGHT[trouble], now
    if trouble in _THE_CHAT_WAITS:
        return After.WAIT, now
    return After.WAIT, now + (_RETRY_REFUSED if trouble in _REFUSALS else _RETRY)
