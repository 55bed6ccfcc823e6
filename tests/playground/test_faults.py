"""What goes wrong on demand, as the real library sees it."""

from typing import Any, NamedTuple

import aiohttp
import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.playground.cast import Cast
from bot.playground.chats import ChatKind
from bot.playground.faults import Mishap
from bot.playground.limits import Bucket, Limits, Rate, Window
from bot.playground.refusals import RefusedError, bad_request, forbidden, too_many_requests
from bot.playground.server import PlaygroundServer
from tests.playground.stage import new_bot, new_playground


class Seen(NamedTuple):
    """What goes wrong, and the exception that it is for the bot."""

    what: RefusedError | Mishap
    error: type[TelegramError]
    words: str
    cause: type[Exception] | None = None


SEEN = {
    "429": Seen(too_many_requests(7), RetryAfter, "Retry in 0:00:07"),
    "400": Seen(bad_request("message thread not found"), BadRequest, "Message thread not found"),
    "403": Seen(forbidden("bot was blocked by the user"), Forbidden, "bot was blocked by the user"),
    "401": Seen(RefusedError(401), InvalidToken, "Unauthorized"),
    "404": Seen(RefusedError(404), InvalidToken, "Not Found"),
    "409": Seen(RefusedError(409, "terminated by other getUpdates request"), Conflict, "terminated"),
    "500": Seen(RefusedError(500, "restart"), NetworkError, "Internal Server Error: restart"),
    "502 html": Seen(Mishap.BAD_GATEWAY, NetworkError, r"Bad Gateway \(502\)", TelegramError),
    "dropped before": Seen(Mishap.DROP_BEFORE, NetworkError, "Disconnected", aiohttp.ServerDisconnectedError),
    "dropped after": Seen(Mishap.DROP_AFTER, NetworkError, "Disconnected", aiohttp.ServerDisconnectedError),
}


@pytest.fixture
def begun(playground: PlaygroundServer, cast: Cast) -> int:
    """The id of a private chat that the bot may write to."""
    return playground.telegram.private_chat(cast.alice).id


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
async def test_a_fault_is_the_exception_that_telegram_would_cause(
    playground: PlaygroundServer, bot: Bot, begun: int, seen: Seen
) -> None:
    playground.faults.add(seen.what, "sendMessage")
    with pytest.raises(seen.error, match=seen.words) as caught:
        await bot.send_message(begun, "hello")
    assert type(caught.value) is seen.error
    assert seen.cause is None or isinstance(caught.value.__cause__, seen.cause)
    # A fault is used once; the next call goes well.
    assert (await bot.send_message(begun, "again")).text == "again"


async def test_retry_after_comes_in_the_header_too(playground: PlaygroundServer, begun: int) -> None:
    playground.faults.add(too_many_requests(7))
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"{playground.bot_url}{playground.token}/sendMessage", data={"chat_id": begun, "text": "x"}
        )
    assert answer.headers["Retry-After"] == "7"
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


@pytest.mark.parametrize(("what", "arrived"), [(Mishap.DROP_BEFORE, 0), (Mishap.DROP_AFTER, 1)])
async def test_a_dropped_call_looks_the_same_whether_it_was_accepted_or_not(
    playground: PlaygroundServer, bot: Bot, begun: int, what: Mishap, arrived: int
) -> None:
    playground.faults.add(what, "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(begun, "hello")
    assert len(playground.sent(playground.telegram.users[begun])) == arrived
    assert [call.status for call in playground.calls if call.method == "sendMessage"] == [0]


async def test_a_slow_answer_times_out_after_the_message_was_accepted(
    playground: PlaygroundServer, cast: Cast, begun: int
) -> None:
    playground.faults.add(Mishap.SLOW, "sendMessage", delay_s=30)
    async with new_bot(playground, read_timeout=0.2) as bot:
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(begun, "hello")
    assert isinstance(caught.value.__cause__, aiohttp.SocketTimeoutError)
    assert len(playground.sent(cast.alice)) == 1


async def test_a_refused_connection_is_a_network_error() -> None:
    server = new_playground()
    await server.start()
    bot = new_bot(server)
    await bot._request[1].initialize()
    await server.close()
    with pytest.raises(NetworkError) as caught:
        await bot.get_me()
    assert isinstance(caught.value.__cause__, aiohttp.ClientConnectorError)
    await bot._request[1].shutdown()


async def test_a_fault_waits_for_its_method_and_chat(
    playground: PlaygroundServer, cast: Cast, bot: Bot, begun: int
) -> None:
    playground.faults.add(forbidden("bot was blocked by the user"), "sendMessage", cast.night_desk.id)
    await bot.send_message(begun, "to another chat")
    await bot.get_chat(cast.night_desk.id)
    with pytest.raises(Forbidden):
        await bot.send_message(cast.night_desk.id, "to this one")


async def test_a_fault_can_be_queued_several_times(
    playground: PlaygroundServer, bot: Bot, begun: int
) -> None:
    playground.faults.add(too_many_requests(1), times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(begun, "x")
    await bot.send_message(begun, "x")


async def test_who_blocks_the_bot_gets_nothing_more(
    playground: PlaygroundServer, cast: Cast, bot: Bot, begun: int
) -> None:
    playground.people.block(cast.alice)
    with pytest.raises(Forbidden, match=r"^Forbidden: bot was blocked by the user$"):
        await bot.send_message(begun, "x")
    playground.people.unblock(cast.alice)
    await bot.send_message(begun, "x")
    statuses = [
        update.my_chat_member.new_chat_member.status
        for update in await bot.get_updates()
        if update.my_chat_member
    ]
    assert statuses[-2:] == ["kicked", "member"]


async def test_a_deleted_account_gets_nothing(
    playground: PlaygroundServer, cast: Cast, bot: Bot, begun: int
) -> None:
    playground.people.deactivate(cast.alice)
    with pytest.raises(Forbidden, match=r"^Forbidden: user is deactivated$"):
        await bot.send_message(begun, "x")


async def test_a_migrated_group_tells_its_new_id(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    group = playground.telegram.create_chat(ChatKind.GROUP, "Small group", cast.alice)
    playground.people.add_bot(group, cast.alice)
    new = playground.people.migrate(group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group.id, "x")
    assert caught.value.new_chat_id == new.id
    assert (await bot.send_message(new.id, "x")).chat.type == "supergroup"
    messages = [update.message for update in await bot.get_updates() if update.message]
    assert [message.migrate_to_chat_id for message in messages if message.migrate_to_chat_id] == [new.id]
    assert [message.migrate_from_chat_id for message in messages if message.migrate_from_chat_id] == [
        group.id
    ]


async def test_a_bot_that_was_thrown_out_is_told_from_what(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.remove_bot(cast.night_desk, cast.alice)
    playground.people.remove_bot(cast.channel, cast.alice)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(cast.night_desk.id, "x")
    with pytest.raises(Forbidden, match="bot was kicked from the channel chat"):
        await bot.send_message(cast.channel.id, "x")


async def test_nobody_is_written_to_who_did_not_begin(cast: Cast, bot: Bot) -> None:
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(cast.alice.id, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(424242, "x")


class _Hand:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("model", [Window, Bucket])
async def test_more_than_one_message_a_second_to_a_person_is_too_many(
    playground: PlaygroundServer, bot: Bot, begun: int, model: Any
) -> None:
    hand = _Hand()
    playground.faults.limits = Limits(hand, model)
    await bot.send_message(begun, "one")
    with pytest.raises(RetryAfter):
        await bot.send_message(begun, "two")
    hand.now = 1.0
    await bot.send_message(begun, "two")


async def test_edits_count_against_the_limit_and_answers_to_buttons_do_not(
    playground: PlaygroundServer, bot: Bot, cast: Cast, begun: int
) -> None:
    playground.faults.limits = Limits(_Hand(), private_chat=Rate(1, 1.0))
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="a")]])
    sent = await bot.send_message(begun, "one", reply_markup=keys)
    with pytest.raises(RetryAfter):
        await sent.edit_text("two")
    query = playground.people.press(cast.alice, playground.sent(cast.alice)[0], "a")
    assert await bot.answer_callback_query(query)


def test_twenty_messages_a_minute_fill_a_group(cast: Cast) -> None:
    hand = _Hand()
    limits = Limits(hand)
    for _ in range(20):
        assert limits.retry_after_s(cast.night_desk) is None
        hand.now += 0.1
    assert limits.retry_after_s(cast.night_desk) == 58
    hand.now = 60.0
    assert limits.retry_after_s(cast.night_desk) is None


def test_after_a_breach_everything_is_refused_for_the_penalty(cast: Cast) -> None:
    hand = _Hand()
    limits = Limits(hand, group=Rate(1, 1.0), penalty_s=5.0)
    assert limits.retry_after_s(cast.night_desk) is None
    assert limits.retry_after_s(cast.night_desk) == 1
    hand.now = 2.0
    assert limits.retry_after_s(cast.channel) == 3
    hand.now = 5.0
    assert limits.retry_after_s(cast.channel) is None


async def test_what_is_paid_for_has_a_limit_of_its_own(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    chats = [playground.telegram.private_chat(user).id for user in (cast.alice, cast.bob)]
    playground.faults.limits = Limits(_Hand(), overall=Rate(1, 1.0), paid=Rate(1, 1.0))
    await bot.send_message(chats[0], "free")
    await bot.send_message(chats[1], "paid for", allow_paid_broadcast=True)
    with pytest.raises(RetryAfter):
        await bot.send_message(chats[1], "too much", allow_paid_broadcast=True)
