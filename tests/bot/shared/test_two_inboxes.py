"""Two processes that share an inbox: each update is handled once, in the order of its chat, whoever dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telegram import Bot, Update

from bot.talk.inbox import Inbox, queue_of
from storage import processes
from storage.database import Database, open_database
from storage.inbox import count_inbox

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
ANN, BOB = 7, 8


def letter(number: int, chat_id: int, text: str) -> dict[str, object]:
    message = {"message_id": number, "date": 0, "chat": {"id": chat_id, "type": "private"}, "text": text}
    return {"update_id": number, "message": message}


@dataclass
class Web:
    """A process that notes what it handles; what says "wait" waits for its gate."""

    name: str
    db: Database
    said: list[str]
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        processes.say_alive(self.db, self.name, "web")
        self.inbox = Inbox(self.db, lambda: NOON, Bot("1:x"), self.handle, self.name)

    async def handle(self, update: Update) -> None:
        assert update.message is not None
        text = str(update.message.text)
        if "wait" in text:
            await self.gate.wait()
        self.said.append(f"{self.name}: {text}")

    def die(self) -> None:
        """As kill -9 does: nothing is written any more, and nobody says that it is there."""
        for task in self.inbox._under_way.copy():
            task.cancel()
        processes.is_gone(self.db, self.name)


@pytest.fixture
async def webs(tmp_path: Path) -> AsyncIterator[tuple[Web, Web]]:
    said: list[str] = []
    path = tmp_path / "shared.db"
    with closing(open_database(path)) as one, closing(open_database(path)) as two:
        both = Web("one", one, said), Web("two", two, said)
        yield both
        for web in both:
            web.gate.set()
            await web.inbox.finish()


async def until(web: Web, count: int) -> None:
    async with asyncio.timeout(10):
        while len(web.said) < count:  # noqa: ASYNC110  # the library tells nobody that it is done
            await asyncio.sleep(0.01)


async def test_the_second_update_of_a_chat_waits_for_the_first_in_another_process_and_other_chats_do_not(
    webs: tuple[Web, Web],
) -> None:
    one, two = webs
    one.inbox.take([letter(1, ANN, "wait, first")])
    two.inbox.take([letter(2, ANN, "second"), letter(3, BOB, "hello")])
    two.inbox.take([letter(4, ANN, "third")])
    await until(two, 1)
    assert two.said == ["two: hello"]
    one.gate.set()
    await until(two, 4)
    assert two.said[1:] == ["one: wait, first", "two: second", "two: third"]
    assert count_inbox(one.db) == {"done": 4}


async def test_what_a_process_leaves_that_dies_is_handled_by_the_other_before_what_came_later(
    webs: tuple[Web, Web],
) -> None:
    one, two = webs
    one.inbox.take([letter(1, ANN, "wait, first"), letter(2, ANN, "second")])
    two.inbox.take([letter(3, ANN, "third")])
    await asyncio.sleep(0)
    two.inbox.take_up()
    assert two.said == []
    one.die()
    two.gate.set()
    two.inbox.take_up()
    await until(two, 3)
    assert two.said == ["two: wait, first", "two: second", "two: third"]


async def test_an_update_that_is_brought_to_both_is_handled_once(webs: tuple[Web, Web]) -> None:
    one, two = webs
    one.inbox.take([letter(1, ANN, "hello")])
    two.inbox.take([letter(1, ANN, "hello")])
    await one.inbox.finish()
    await two.inbox.finish()
    assert one.said == ["one: hello"]


async def test_whoever_was_taken_for_dead_leaves_what_it_had_not_begun(webs: tuple[Web, Web]) -> None:
    one, two = webs
    one.inbox.take([letter(1, ANN, "wait, first"), letter(2, ANN, "second")])
    await asyncio.sleep(0)
    processes.is_gone(one.db, one.name)
    two.gate.set()
    two.inbox.take_up()
    await until(two, 2)
    one.gate.set()
    await one.inbox.finish()
    # What was in the air is said twice, and nothing else.
    assert two.said == ["two: wait, first", "two: second", "one: wait, first"]


@pytest.mark.parametrize(
    ("update", "queue"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 7}}}, 7),
        ({"update_id": 1, "channel_post": {"chat": {"id": -100}}}, -100),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -5}}}, -5),
        ({"update_id": 1, "callback_query": {"id": "1", "message": {"chat": {"id": 7}}}}, 7),
        ({"update_id": 1, "inline_query": {"id": "1", "from": {"id": 7}}}, None),
        ({"update_id": 1, "message": {"chat": {"id": "7"}}}, None),
        ({"update_id": 1, "message": {"chat": 7}}, None),
        ({"update_id": 1, "message": None}, None),
        ({"update_id": 1}, None),
    ],
)
def test_an_update_is_handled_in_the_order_of_the_chat_that_it_names(update, queue) -> None:
    assert queue_of(update) == queue


async def test_what_a_process_gives_up_it_finds_again_under_its_next_name(webs: tuple[Web, Web]) -> None:
    one, two = webs
    one.inbox.take([letter(1, ANN, "wait, first"), letter(2, ANN, "second")])
    await asyncio.sleep(0)
    one.inbox.give_up()
    await one.inbox.finish()
    assert one.said == []
    processes.is_gone(one.db, one.name)
    again = Web("one again", one.db, one.said)
    again.gate.set()
    again.inbox.take_up()
    await until(two, 2)
    assert one.said == ["one again: wait, first", "one again: second"]
    await again.inbox.finish()
