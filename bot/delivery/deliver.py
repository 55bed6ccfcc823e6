"""From the outbox to Telegram: every delivery arrives, in the order of its chat, as fast as Telegram allows.

    woken, or due -> slots of the pace -> claim a delivery for each -> send -> sent | decide -> saved

Where the operator pays for it, replies and alerts have a faster pace of their own beside the usual one.

All that must outlive a crash is in the database: what is queued, what is being sent, until when a chat has to
wait. Killed at any moment the sender loses nothing; what it had claimed is sent again at the next start.
No more is claimed than has a slot and leaves at once, so that only what is truly under way can be repeated.
Which goes first is the outbox's order (`storage.kinds`), with errands in the lane of the edits.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial

from telegram import Bot
from telegram.error import TelegramError

from bot.delivery import settle
from bot.delivery.alarm import Alarm, earliest
from bot.delivery.beside import manner_of
from bot.delivery.errors import Failure, Trouble, classify
from bot.delivery.outcomes import Outcomes
from bot.delivery.pace import Pace
from bot.delivery.paces import Paces
from bot.delivery.send import Draw, send
from bot.delivery.settle import decide, is_loss, result_of
from bot.delivery.spare import Errand, Spare
from bot.delivery.troubles import Troubles
from bot.health import Result, Sending
from bot.lasting import Lasting
from storage import outbox, traffic
from storage.database import Database, StorageError
from storage.kinds import Lane
from storage.outbox import Delivery

_log = logging.getLogger(__name__)

_LONGEST_FINISH = timedelta(seconds=7)
_STORAGE_RETRY = timedelta(seconds=1)


class Dispatcher:
    """Sends what is in the outbox while `run` runs. All of it lives in one event loop.

    `clock` gives aware UTC. `pace` and `alarm` are only given where time is not the real one. `paid` is the
    pace of what is paid for, None: nothing is. Without `draw` text that wants a picture goes alone. `spare`:
    who has errands, the most urgent first.
    """

    def __init__(
        self,
        db: Database,
        bot: Bot,
        clock: Callable[[], datetime],
        pace: Pace | None = None,
        *,
        paid: Pace | None = None,
        alarm: Alarm | None = None,
        draw: Draw | None = None,
        spare: Sequence[Spare] = (),
    ) -> None:
        self.troubles = Troubles()
        """Why nothing arrives at present, for whoever asks how the bot is."""
        self.last_sent_at: datetime | None = None
        self._db = db
        self._bot = bot
        self._clock = clock
        self._paces = Paces(pace or Pace(), paid)
        self._outcomes = Outcomes(db)
        self._unread = Lasting(_log, "The outbox cannot be read", over="The outbox can be read again")
        self._alarm = alarm or Alarm(clock)
        self._draw = draw
        self._spare = spare
        self._in_flight: set[asyncio.Task[None]] = set()
        self._results: Counter[tuple[str, Result]] = Counter()
        self._was_edit = False
        self._is_stopping = False
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def in_flight(self) -> int:
        """How many messages are under way."""
        return len(self._in_flight)

    def health(self) -> Sending:
        """How it is doing, for the operator."""
        return Sending(
            self.in_flight,
            self.last_sent_at,
            self.troubles.reason,
            self._paces.usual.slowness,
            dict(self._results),
            self._paces.per_second,
            self.troubles.refused_since(self._clock()),
        )

    def wake(self) -> None:
        """Something was committed to the outbox, or a chat may be written to again: look now."""
        self._alarm.ring()

    def note_reply(self, chat_id: int) -> None:
        """A message or an edit reached a chat on another way; it counts for the chat's limit.

        What was asked for may leave work behind it, so this wakes too.
        """
        outbox.hold_chat(self._db, chat_id, self._paces.count(chat_id, self._clock()))
        self._alarm.ring()

    async def run(self) -> None:
        """Deliver until `stop`.

        Raises:
            StorageError: the database cannot be used at the start.
        """
        self._ended.clear()
        try:
            if left := outbox.reclaim(self._db):
                _log.warning("%d deliveries were under way when the bot ended; they are sent again", left)
            now = self._clock()
            self._paces.remember(traffic.sent_since(self._db, now - self._paces.usual.memory))
            while not self._is_stopping:
                await self._alarm.wait(self._look())
        finally:
            await self._finish()
            self._ended.set()

    async def stop(self) -> None:
        """Start no more, finish what is under way within 7 s, and let `run` return."""
        self._is_stopping = True
        self._alarm.ring()
        await self._ended.wait()

    def give_up(self) -> None:
        """Let go of what is under way: another process sends from now on, this again as well."""
        self._is_stopping = True
        for task in self._in_flight:
            task.cancel()

    def _look(self) -> datetime | None:
        """Start what is due; the moment to look again, None: not before the alarm rings."""
        try:
            due = self._start_due()
        except StorageError as error:
            self._unread.complain(error)
            return self._clock() + _STORAGE_RETRY
        self._unread.is_well()
        return due

    def _start_due(self) -> datetime | None:
        # What is paid for goes first: it leaves the usual slots to others only once there is none of it.
        return earliest(self._start_paid(), self._start_usual())

    def _start_paid(self) -> datetime | None:
        """Start replies and alerts; when to look again, None: not before the alarm rings."""
        pace = self._paces.paid
        while pace and (free := pace.most_under_way - self.in_flight) > 0:
            now = self._clock()
            slots = pace.slots(now, self.in_flight)
            if not slots:
                return pace.next_slot(now, self.in_flight)
            started = self._start_deliveries(now, min(slots, free), before=Lane.EDIT, is_paid=True)
            if not started:
                return None
            for _ in range(started):
                pace.take_slot(now)
        return None

    def _start_usual(self) -> datetime | None:
        pace = self._paces.usual
        while (free := pace.most_under_way - self.in_flight) > 0:
            now = self._clock()
            slots = pace.slots(now, self.in_flight)
            if not slots:
                return pace.next_slot(now, self.in_flight)
            started = self._start_first(now, min(slots, free))
            if not started:
                return earliest(outbox.next_due(self._db), *(each.next_due(now) for each in self._spare))
            for _ in range(started):
                pace.take_slot(now)
        return None

    def _start_first(self, now: datetime, most: int) -> int:
        """Start what is first in order, at most so many; how many. Errands are in the lane of the edits."""
        return (
            self._start_deliveries(now, most, before=Lane.EDIT)
            or (not self._was_edit and self._start_errand(now))
            # Else a thousand boards that change every minute would keep the digests waiting for ever.
            or self._start_deliveries(now, most)
            or self._start_errand(now)
        )

    def _start_deliveries(
        self, now: datetime, most: int, *, before: Lane | None = None, is_paid: bool = False
    ) -> int:
        claimed = outbox.claim(self._db, now, most, before=before)
        for delivery in claimed:
            self._start(self._deliver(delivery, is_paid=is_paid), f"delivery {delivery.id}")
            self._was_edit = False
        return len(claimed)

    def _start_errand(self, now: datetime) -> int:
        if errand := self._next_errand(now):
            self._start(self._run_errand(errand), errand.name)
            self._was_edit = True
        return int(errand is not None)

    def _next_errand(self, now: datetime) -> Errand | None:
        """The first errand of whoever has one, in a chat that is left in peace until it has arrived."""
        pace = self._paces.usual
        for lane in self._spare:
            if errand := lane.claim(now, lambda chat_id: pace.room(chat_id, now)):
                outbox.hold_chat(self._db, errand.chat_id, now + pace.chat_gap)
                return errand
        return None

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._in_flight.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._alarm.ring()
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, StorageError):
            words = "What became of %s cannot be stored: it is set aside until the next start: %s"
            _log.error(words, task.get_name(), error)
        else:
            _log.error("Bug: the outcome of %s cannot be stored", task.get_name(), exc_info=error)

    async def _deliver(self, delivery: Delivery, *, is_paid: bool) -> None:
        try:
            manner = manner_of(self._db, delivery, self._clock(), is_paid=is_paid)
            sent = await send(self._bot, delivery, self._draw, manner)
        except TelegramError as error:
            await self._settle(delivery, classify(error), is_paid=is_paid)
        except Exception as error:  # noqa: BLE001
            # The last resort: a delivery that hits a bug must neither stop the others nor be tried for ever.
            _log.exception("Bug: delivery %d cannot be sent", delivery.id)
            reason = f"bug: {type(error).__name__}"
            self._results[delivery.kind, "failed"] += 1
            await self._outcomes.store(partial(outbox.mark_failed, self._db, delivery.id, reason))
        else:
            self.troubles.are_over()
            self._results[delivery.kind, "sent"] += 1
            self.last_sent_at = now = self._clock()
            free_at = self._paces.count(delivery.chat_id, now)
            await self._outcomes.store(partial(settle.save_sent, self._db, delivery, sent, now, free_at))

    async def _run_errand(self, errand: Errand) -> None:
        outcome: int | Failure | None
        try:
            outcome = await errand.call(self._bot)
        except TelegramError as error:
            outcome = classify(error)
            _log.info("The %s in chat %d: %s", errand.name, errand.chat_id, outcome.reason)
        now = self._clock()
        self._results["edit", result_of(outcome, None)] += 1
        if not isinstance(outcome, Failure):
            self.troubles.are_over()
            free_at = self._paces.count(errand.chat_id, now)
        else:
            self.troubles.concerns_all(outcome)
            free_at = now + (outcome.retry_after or timedelta(0))
            if outcome.retry_after is not None:
                self._paces.limited(errand.chat_id, outcome.retry_after, now)
            if outcome.trouble is Trouble.BAD_TOKEN:
                self._paces.pause(self.troubles.rest_until(now))
        await self._outcomes.store(partial(settle.save_errand, self._db, errand, outcome, now, free_at))

    async def _settle(self, delivery: Delivery, failure: Failure, *, is_paid: bool) -> None:
        now = self._clock()
        step = decide(delivery, failure, now, is_paid=is_paid)
        if not self.troubles.concerns_all(failure):
            level = logging.ERROR if is_loss(failure, step) else logging.WARNING
            _log.log(level, "Delivery %d to chat %d: %s", delivery.id, delivery.chat_id, failure.reason)
        self._results[delivery.kind, result_of(failure, step.retry_at)] += 1
        if failure.trouble is Trouble.WAIT and step.retry_at is not None:
            self._paces.limited(delivery.chat_id, step.retry_at - now, now)
        if step.pay_again_at is not None and self._paces.paid:
            self._paces.paid.pause(step.pay_again_at)
        if failure.trouble is Trouble.BAD_TOKEN:
            self._paces.pause(self.troubles.rest_until(now))
        await self._outcomes.store(partial(settle.save_step, self._db, delivery, step, failure.reason, now))

    async def _finish(self) -> None:
        """What does not end in time stays `sending` in the database, and is sent again at the next start."""
        if self._in_flight:
            _, late = await asyncio.wait(self._in_flight, timeout=_LONGEST_FINISH.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._outcomes.stop()
