"""What becomes of a delivery: a pure decision where it failed, and the writing down of every outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.errors import Failure, Trouble
from bot.delivery.misplaced import note_of_lost_topic, tell_keepers
from bot.delivery.send import Sent
from bot.delivery.spare import Errand
from bot.health import Result
from storage import chats, outbox
from storage.database import Database
from storage.moving import migrate_chat, move_to_thread
from storage.outbox import Delivery
from storage.returns import away_since

_FIRST_RETRY = timedelta(seconds=1)
_LONGEST_RETRY = timedelta(seconds=60)
_LONGEST_REPEAT = timedelta(minutes=10)
# "chat not found" is said for a moment of a chat that moves; so often means that it is gone.
_TRIES_OF_UNKNOWN_CHAT = 3
_HOLD_WITHOUT_RIGHTS = timedelta(hours=1)
# As long as the usual pace takes for all that may be under way when the first refusal comes.
_PAUSE_OF_PAYING = timedelta(seconds=10)


@dataclass(frozen=True)
class Step:
    """What to do. `retry_at` None: given up. `unsure`: it may have arrived all the same.

    `leave_topic`: what went to the topic goes to the chat itself from now on, and why. `tell_keepers`: those
    who brought the bot there hear that it may not write. `pay_again_at`: until then all goes unpaid.
    """

    retry_at: datetime | None = None
    unsure: bool = False
    hold_chat_until: datetime | None = None
    block_chat: bool = False
    migrate_to: int | None = None
    leave_topic: Trouble | None = None
    tell_keepers: bool = False
    pay_again_at: datetime | None = None


GIVEN_UP = Step()


def decide(  # noqa: C901, PLR0911  a table
    delivery: Delivery, failure: Failure, now: datetime, *, is_paid: bool = False
) -> Step:
    """What a failure at `now` means for its delivery, its chat and all others."""
    match failure:
        case Failure(Trouble.WAIT):
            free_at = now + (failure.retry_after or retry_after(delivery.attempts))
            return Step(free_at, hold_chat_until=free_at)
        case Failure(Trouble.CHAT_MIGRATED, new_chat_id=int() as new_id):
            return Step(now, migrate_to=new_id)
        case Failure(Trouble.CHAT_GONE):
            return Step(block_chat=True)
        case Failure(Trouble.CHAT_UNKNOWN):
            return _ask_again(delivery, now)
        case Failure(Trouble.NO_THREAD | Trouble.THREAD_CLOSED as trouble) if delivery.thread_id:
            # A closed topic may be opened again, but who closes it wants no more messages there; each one
            # would be refused first.
            return Step(now, leave_topic=trouble)
        case Failure(Trouble.NO_RIGHTS | Trouble.THREAD_CLOSED):
            return Step(now, hold_chat_until=now + _HOLD_WITHOUT_RIGHTS, tell_keepers=True)
        case Failure(Trouble.BAD_TOKEN):
            return Step(now)  # it is for all to wait, for as long as `bot.delivery.troubles` says
        case Failure(Trouble.TEMPORARY | Trouble.CONFLICT | Trouble.GATEWAY):
            return Step(now + retry_after(delivery.attempts), unsure=failure.may_have_arrived)
        case Failure(Trouble.UNSURE):
            # Telegram has no way to ask whether it came. A repetition, under the same alert id, is the lesser
            # evil: where connections break for minutes, the second one breaks as well as the first.
            return Step(now + repeat_after(delivery.attempts), unsure=True)
        case Failure(Trouble.REFUSED) if is_paid:
            # It may be the payment that is refused, as without Stars; then it arrives unpaid.
            return Step(now, pay_again_at=now + _PAUSE_OF_PAYING)
    return GIVEN_UP


def retry_after(attempts: int) -> timedelta:
    """The wait after so many attempts: 1 s, 2 s, 4 s, ... at most a minute."""
    doublings = min(attempts - 1, 10)  # far beyond the longest wait, and no number too large
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)


def repeat_after(attempts: int) -> timedelta:
    """The wait before what may have arrived goes out again: 1 s, 4 s, 16 s, ... at most ten minutes.

    Longer each time, for each one may be the same message once more.
    """
    doublings = 2 * min(attempts - 1, 10)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_REPEAT)


def _ask_again(delivery: Delivery, now: datetime) -> Step:
    if delivery.attempts < _TRIES_OF_UNKNOWN_CHAT:
        return Step(now + retry_after(delivery.attempts))
    return Step(block_chat=True)


def save_sent(db: Database, delivery: Delivery, sent: Sent, now: datetime, chat_free_at: datetime) -> None:
    """Write down that a delivery arrived, or its first part, and when its chat may be written to again.

    Raises:
        StorageError: nothing was written.
    """
    with db.transaction():
        if sent.rest:
            outbox.keep_rest(db, delivery.id, sent.rest)
        else:
            outbox.mark_sent(db, delivery.id, sent.message_id, now)
        outbox.hold_chat(db, delivery.chat_id, chat_free_at)


def save_step(db: Database, delivery: Delivery, step: Step, reason: str, now: datetime) -> None:
    """Write down what was decided, all or nothing of it. `reason` is one line for whoever asks why.

    Raises:
        StorageError: nothing was written.
    """
    with db.transaction():
        if step.retry_at is None:
            outbox.mark_failed(db, delivery.id, reason)
        else:
            outbox.requeue(db, delivery.id, step.retry_at, reason, unsure=step.unsure)
        if step.hold_chat_until is not None:
            outbox.hold_chat(db, delivery.chat_id, step.hold_chat_until)
        if step.block_chat:
            chats.block(db, delivery.chat_id, reason, away_since(db, delivery.id, now))
        if step.migrate_to is not None:
            migrate_chat(db, delivery.chat_id, step.migrate_to)
        if step.leave_topic is not None:
            note = note_of_lost_topic(db, delivery.chat_id, step.leave_topic, now)
            move_to_thread(db, delivery.chat_id, 0, only_from=delivery.thread_id)
            outbox.leave_thread(db, delivery.id, note)
        if step.tell_keepers:
            tell_keepers(db, delivery.chat_id, now)


def save_errand(
    db: Database, errand: Errand, outcome: int | Failure | None, now: datetime, chat_free_at: datetime
) -> None:
    """Write down what came of an errand, and what a failure means for its chat.

    Raises:
        StorageError: nothing was written.
    """
    with db.transaction():
        outbox.hold_chat(db, errand.chat_id, chat_free_at)
        match outcome:
            case Failure(Trouble.CHAT_GONE):
                chats.block(db, errand.chat_id, outcome.reason, now)
            case Failure(Trouble.CHAT_MIGRATED, new_chat_id=int() as new_id):
                migrate_chat(db, errand.chat_id, new_id)
        errand.settle(outcome, now)


def result_of(outcome: int | Failure | None, retry_at: datetime | None) -> Result:
    """How a call ended, in one word. `retry_at` None: it is not tried again."""
    if not isinstance(outcome, Failure):
        return "sent"
    if outcome.trouble is Trouble.WAIT:
        return "limited"
    return "failed" if retry_at is None else "retried"


def is_loss(failure: Failure, step: Step) -> bool:
    """Whether somebody who is there and wants the message will not get it."""
    return step.retry_at is None and failure.trouble not in {Trouble.CHAT_GONE, Trouble.CHAT_UNKNOWN}
