"""Updates that Telegram never sent before: each is handled or set aside, and none keeps others waiting."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.talk.inbox import Inbox
from bot.talk.webhook import _object
from storage import inbox
from storage.database import open_database
from tests.bot.desks import NOW
from tests.bot.offline import ALICE, Hearing, Troubles, check_calls, open_hearing

PRIVATE = {"id": ALICE, "type": "private", "first_name": "Alice"}
USER = {"id": ALICE, "is_bot": False, "first_name": "Alice"}
MESSAGE = {"message_id": 5, "date": 0, "chat": PRIVATE, "from": USER, "text": "/status", "entities": []}
MEMBER = {"status": "member", "user": USER}
SHAPES: dict[str, Any] = {
    "message": MESSAGE | {"entities": [{"type": "bot_command", "offset": 0, "length": 7}]},
    "edited_message": MESSAGE,
    "channel_post": MESSAGE | {"chat": {"id": -1001, "type": "channel", "title": "News"}},
    "callback_query": {"id": "1", "from": USER, "chat_instance": "1", "message": MESSAGE, "data": "status"},
    "inline_query": {"id": "1", "from": USER, "query": "btc", "offset": ""},
    "my_chat_member": {"chat": PRIVATE, "from": USER, "date": 0, "old_chat_member": MEMBER}
    | {"new_chat_member": MEMBER},
}
EXAMPLES = max(settings.default.max_examples // 3, 1) if settings.default else 30
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("\ud800"), st.just([]),
    st.just({}), st.just(10**30), st.just("<b>&"), st.just(PRIVATE), st.just([MESSAGE]),
)  # fmt: skip


@st.composite
def updates(draw) -> dict[str, Any]:
    """One of the shapes, with a few things in it changed or added; whose it is stays a number."""
    kind = draw(st.sampled_from(sorted(SHAPES)))
    content = json.loads(json.dumps(SHAPES[kind]))
    for _ in range(draw(st.integers(1, 3))):
        place = content
        while True:
            inner = [value for value in place.values() if isinstance(value, dict) and value]
            if not inner or draw(st.booleans()):
                break
            place = draw(st.sampled_from(inner))
        if place:
            key = draw(st.sampled_from([*sorted({*place} - {"id"}), "sender_chat", "reply_to_message", "x"]))
            place[key] = draw(ODD)
    return {kind: content}


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def hearing(runner: asyncio.Runner):
    made = open_hearing()
    yield runner.run(made.__aenter__())
    runner.run(made.__aexit__(None, None, None))


@settings(deadline=None, max_examples=EXAMPLES)
@given(content=updates())
def test_whatever_comes_is_settled_and_what_comes_behind_it_is_answered(
    runner: asyncio.Runner, hearing: Hearing, content: dict[str, Any]
) -> None:
    async def comes() -> None:
        db = open_database(":memory:")
        box = Inbox(db, lambda: NOW, hearing.application.bot, hearing.application.process_update)
        begun = len(hearing.telegram.calls)
        box.take([{"update_id": 7, **content}, {"update_id": 8, "message": SHAPES["message"]}])
        await box.finish()
        calls = hearing.telegram.calls[begun:]
        assert "waiting" not in inbox.count_inbox(db)
        assert any(name == "sendMessage" and said["chat_id"] == ALICE for name, said in calls)
        check_calls(calls)
        db.close()

    runner.run(comes())


async def test_half_a_character_in_an_update_keeps_nobody_waiting() -> None:
    async with open_hearing() as hearing:
        with Troubles() as troubles:
            db = open_database(":memory:")
            box = Inbox(db, lambda: NOW, hearing.application.bot, hearing.application.process_update)
            text = {"text": "hello \ud83d", "entities": []}
            box.take([{"update_id": 7, "message": MESSAGE | text}])
            await box.finish()
            db.close()
        assert troubles.lines == []
        assert [name for name, _ in hearing.telegram.calls if name == "sendMessage"]


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**300])
def test_a_number_that_cannot_be_stored_is_none(number: int) -> None:
    assert _object(json.dumps({"update_id": number}).encode()) is None


def test_of_a_body_only_an_object_with_a_number_counts() -> None:
    assert _object(b'{"update_id": 7}') == {"update_id": 7}
    for body in (b"", b"[]", b"{}", b'{"update_id": true}', b"\xff", b"[" * 100_000, b"9" * 5_000):
        assert _object(body) is None


def test_an_update_is_read_by_the_library() -> None:
    assert all(Update.de_json({"update_id": 1, kind: shape}, None) for kind, shape in SHAPES.items())
