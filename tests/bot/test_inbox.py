"""The inbox and the polling before it, in front of the playground's Telegram."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from telegram import Update

from bot.playground.cast import gather_cast
from bot.playground.faults import Mishap
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.talk.inbox import MOST_ATTEMPTS, MOST_IN_MEMORY, Inbox
from bot.talk.line import LineBot
from bot.talk.poll import Poller, next_offset
from storage import inbox
from storage.database import Database, StorageError, open_database
from storage.inbox import Newest
from tests.playground.stage import call, new_playground

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Reader:
    """What was handled, and a gate at which handling waits for those whose text names it."""

    said: list[str] = field(default_factory=list)
    began: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, update: Update) -> None:
        text = (update.effective_message and update.effective_message.text) or ""
        await self._note(self.began, text)
        if "wait" in text:
            await self.gate.wait()
        await self._note(self.said, text)

    async def _note(self, notes: list[str], text: str) -> None:
        async with self.changed:
            notes.append(text)
            self.changed.notify_all()

    async def until(self, notes: list[str], count: int) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(notes) >= count)


@dataclass
class Stage:
    server: PlaygroundServer
    bot: LineBot
    db: Database
    reader: Reader = field(default_factory=Reader)

    def people(self, count: int) -> list[User]:
        return [self.server.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(count)]

    def say(self, user: User, text: str) -> None:
        self.server.people.say(user, self.server.telegram.bot, text)

    def inbox(self) -> Inbox:
        return Inbox(self.db, lambda: NOON, self.bot, self.reader.handle)

    @asynccontextmanager
    async def polling(self, **options: timedelta) -> AsyncIterator[Poller]:
        box = self.inbox()
        box.take_up()
        poller = Poller(self.db, lambda: NOON, self.bot, box=box, kinds=["message"], **options)
        task = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await box.finish()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with new_playground() as server:
        gather_cast(server.people)
        server.telegram.updates.waiting.clear()
        async with running_bot(server) as bot:
            db = open_database(":memory:")
            yield Stage(server, bot, db)
            db.close()


@asynccontextmanager
async def running_bot(server: PlaygroundServer) -> AsyncIterator[LineBot]:
    async with LineBot(server.token, server.bot_url, server.file_url) as bot:
        yield bot


async def test_a_chat_is_answered_in_order_and_a_slow_one_holds_up_nobody(stage: Stage) -> None:
    slow, *others = stage.people(50)
    for text in ("wait", "second", "third"):
        stage.say(slow, text)
    for user in others:
        stage.say(user, "quick")
    async with stage.polling():
        await stage.reader.until(stage.reader.said, 49)
        assert stage.reader.said == ["quick"] * 49
        stage.reader.gate.set()
        await stage.reader.until(stage.reader.said, 52)
    assert stage.reader.said[49:] == ["wait", "second", "third"]
    assert inbox.count_inbox(stage.db) == {"done": 52}


async def test_an_update_is_stored_before_it_is_confirmed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ann] = stage.people(1)

    def full(*_: object) -> list[inbox.Received]:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "receive", full)
        stage.say(ann, "hello")
        async with stage.polling() as poller:
            # Asked again, it gives the same again.
            await stage.server.wait_for(lambda: poller.trouble)
            assert poller.trouble == "updates cannot be stored: the disk is full"
    assert len(stage.server.telegram.updates.waiting) == 1
    async with stage.polling():
        await stage.reader.until(stage.reader.said, 1)


async def test_an_update_that_cannot_be_read_is_set_aside_and_the_others_are_answered(stage: Stage) -> None:
    [ann] = stage.people(1)
    stage.say(ann, "before")
    stage.server.telegram.updates.add("message", {"message_id": "?", "chat": 7})
    stage.say(ann, "after")
    async with stage.polling():
        await stage.reader.until(stage.reader.said, 2)
    assert stage.reader.said == ["before", "after"]
    assert inbox.count_inbox(stage.db) == {"done": 2, "set_aside": 1}


async def test_what_was_under_way_when_the_bot_ended_is_handled_at_the_next_start_and_not_a_third_time(
    stage: Stage,
) -> None:
    [ann] = stage.people(1)
    stage.say(ann, "wait")
    # A kill leaves no trace of the end: the inbox is simply not there any more.
    killed = stage.inbox()
    updates = await stage.bot.raw_updates(None, timedelta(0), ["message"])
    killed.take(updates)
    await stage.reader.until(stage.reader.began, 1)
    for task in killed._under_way.copy():
        task.cancel()
    assert stage.reader.said == []
    stage.reader.gate.set()
    async with stage.polling():
        await stage.reader.until(stage.reader.said, 1)
        # Telegram gives the same update once more, for it was never confirmed.
        await stage.server.wait_for(lambda: not stage.server.telegram.updates.waiting or None)
    assert stage.reader.said == ["wait"]


async def test_an_update_that_ends_the_program_again_and_again_is_set_aside(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    [ann] = stage.people(1)
    stage.say(ann, "wait")
    box = stage.inbox()
    box.take(await stage.bot.raw_updates(None, timedelta(0), ["message"]))
    await stage.reader.until(stage.reader.began, 1)
    stage.db.execute("UPDATE inbox SET attempts = ?", (MOST_ATTEMPTS,))
    stage.reader.began.clear()
    after = stage.inbox()
    after.take_up()
    await after.finish()
    assert stage.reader.began == []
    assert inbox.count_inbox(stage.db) == {"set_aside": 1}
    assert f"the program ended {MOST_ATTEMPTS} times" in caplog.text
    stage.reader.gate.set()
    await box.finish()


async def test_no_more_is_fetched_than_there_is_room_for(stage: Stage) -> None:
    box = stage.inbox()
    box.take({"update_id": number, "message": _message("wait")} for number in range(MOST_IN_MEMORY))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(box.room(), 0.01)
    stage.reader.gate.set()
    await asyncio.wait_for(box.room(), 10)
    await box.finish()


def _message(text: str) -> dict[str, object]:
    return {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "text": text}


async def test_a_request_that_hangs_is_given_up_and_made_anew(stage: Stage) -> None:
    [ann] = stage.people(1)
    stage.server.faults.add(Mishap.SLOW, "getUpdates", delay_s=60)
    async with stage.polling(hangs_after=timedelta(seconds=0.3)):
        stage.say(ann, "hello")
        await stage.reader.until(stage.reader.said, 1)


async def test_a_webhook_that_was_left_behind_is_taken_away(stage: Stage) -> None:
    [ann] = stage.people(1)
    await call(stage.server, "setWebhook", url="https://example.org/hook")
    stage.say(ann, "hello")
    async with stage.polling():
        await stage.reader.until(stage.reader.said, 1)
    await stage.server.wait_for_call("deleteWebhook")


async def test_a_second_poller_is_named_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with stage.polling(), asyncio.TaskGroup() as others:
        await stage.server.wait_for(lambda: stage.server.telegram.updates.is_polled or None)
        others.create_task(call(stage.server, "getUpdates", timeout=0))
        await stage.server.wait_for_call("getUpdates", ok=False)
        await stage.server.wait_for(lambda: stage.server.telegram.updates.is_polled or None)
    assert caplog.text.count("another program is polling with the same token") == 1


@pytest.mark.parametrize(
    ("newest", "offset"),
    [
        (None, None),
        (Newest(41, NOON), 42),
        (Newest(41, NOON - 5 * DAY), 42),
        # Telegram counts anew after a week without updates: an old offset would skip the first of them.
        (Newest(41, NOON - 7 * DAY), None),
    ],
)
def test_a_start_asks_from_where_the_last_run_ended(newest: Newest | None, offset: int | None) -> None:
    assert next_offset(newest, NOON) == offset
