"""The same troubles as they come out of a real client over HTTP, not as a test would build them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot
from telegram.error import TelegramError

from bot.delivery.errors import Failure, Trouble, classify
from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.refusals import (
    NOT_MODIFIED,
    QUERY_TOO_OLD,
    SECOND_POLLER,
    RefusedError,
    bad_request,
    forbidden,
    migrated,
    too_many_requests,
)
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.talk.request import Request
from tests.playground.stage import new_bot, new_playground

READ_TIMEOUT_S = 0.2


@pytest.fixture
async def playground() -> AsyncIterator[PlaygroundServer]:
    async with new_playground() as server:
        yield server


@pytest.fixture
def ann(playground: PlaygroundServer) -> Chat:
    return playground.telegram.private_chat(playground.telegram.add_user(User(2001, "Ann")))


@pytest.fixture
async def bot(playground: PlaygroundServer) -> AsyncIterator[Bot]:
    async with new_bot(playground, read_timeout=READ_TIMEOUT_S) as bot:
        yield bot


async def failure_of(bot: Bot, chat: Chat, text: str = "A-1", **more: str) -> Failure:
    with pytest.raises(TelegramError) as caught:
        await bot.send_message(chat.id, text, parse_mode=more.get("parse_mode"))
    return classify(caught.value)


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (forbidden("bot was blocked by the user"), Trouble.CHAT_GONE),
        (forbidden("user is deactivated"), Trouble.CHAT_GONE),
        (forbidden("bot was kicked from the supergroup chat"), Trouble.CHAT_GONE),
        (forbidden("bot is not a member of the channel chat"), Trouble.CHAT_GONE),
        (forbidden("the group chat was deleted"), Trouble.CHAT_GONE),
        (bad_request("group chat was upgraded to a supergroup chat"), Trouble.CHAT_GONE),
        (bad_request("chat not found"), Trouble.CHAT_UNKNOWN),
        (bad_request("private chat not found"), Trouble.CHAT_UNKNOWN),
        (bad_request("not enough rights to send text messages to the chat"), Trouble.NO_RIGHTS),
        (bad_request("have no rights to send a message"), Trouble.NO_RIGHTS),
        (bad_request("need administrator rights in the channel chat"), Trouble.NO_RIGHTS),
        (bad_request("message thread not found"), Trouble.NO_THREAD),
        (bad_request("TOPIC_DELETED"), Trouble.NO_THREAD),
        (bad_request("TOPIC_CLOSED"), Trouble.THREAD_CLOSED),
        (bad_request("can't parse entities: Can't find end tag"), Trouble.BAD_MARKUP),
        (bad_request("message is too long"), Trouble.TOO_LONG),
        (bad_request("Text is too long"), Trouble.TOO_LONG),
        (bad_request(NOT_MODIFIED), Trouble.UNCHANGED),
        (bad_request("message to edit not found"), Trouble.MESSAGE_GONE),
        (bad_request("message can't be edited"), Trouble.MESSAGE_GONE),
        (bad_request("BUTTON_DATA_INVALID"), Trouble.REFUSED),
        (bad_request(QUERY_TOO_OLD), Trouble.QUERY_TOO_OLD),
        (RefusedError(401), Trouble.BAD_TOKEN),
        (RefusedError(404), Trouble.BAD_TOKEN),
        (RefusedError(409, SECOND_POLLER), Trouble.CONFLICT),
        (RefusedError(500, "restart"), Trouble.TEMPORARY),
        (Mishap.BAD_GATEWAY, Trouble.GATEWAY),
        (Mishap.DROP_BEFORE, Trouble.UNSURE),
        (Mishap.DROP_AFTER, Trouble.UNSURE),
    ],
    ids=str,
)
async def test_what_telegram_answers_is_understood(
    playground: PlaygroundServer, bot: Bot, ann: Chat, fault: RefusedError | Mishap, trouble: Trouble
) -> None:
    playground.faults.add(fault)
    failure = await failure_of(bot, ann)
    assert failure.trouble is trouble
    assert playground.token not in failure.reason


@pytest.mark.parametrize(
    ("refusal", "wait_s"),
    [
        (too_many_requests(1), 1),
        (too_many_requests(10_072), 10_072),
        (RefusedError(429, "retry after 35"), 35),
        (RefusedError(429), None),
    ],
    ids=["short", "hours", "in words alone", "without a length"],
)
async def test_too_fast_is_understood_however_it_is_said(
    playground: PlaygroundServer, bot: Bot, ann: Chat, refusal: RefusedError, wait_s: int | None
) -> None:
    playground.faults.add(refusal)
    failure = await failure_of(bot, ann)
    assert failure.trouble is Trouble.WAIT
    assert failure.retry_after == (None if wait_s is None else timedelta(seconds=wait_s))


async def test_the_new_id_of_a_group_comes_through(playground: PlaygroundServer, bot: Bot, ann: Chat) -> None:
    playground.faults.add(migrated(-1_000_000_000_777))
    failure = await failure_of(bot, ann)
    assert (failure.trouble, failure.new_chat_id) == (Trouble.CHAT_MIGRATED, -1_000_000_000_777)


async def test_an_answer_that_comes_too_late_leaves_us_unsure(
    playground: PlaygroundServer, bot: Bot, ann: Chat
) -> None:
    playground.faults.add(Mishap.SLOW, delay_s=3 * READ_TIMEOUT_S)
    assert (await failure_of(bot, ann)).trouble is Trouble.UNSURE
    assert [message.text for message in playground.sent(ann)] == ["A-1"]


async def test_broken_markup_is_told_from_other_mistakes(bot: Bot, ann: Chat) -> None:
    assert (await failure_of(bot, ann, "5 < 6", parse_mode="HTML")).trouble is Trouble.BAD_MARKUP
    assert (await failure_of(bot, ann, "x" * 4097)).trouble is Trouble.TOO_LONG
    assert (await failure_of(bot, ann, " ")).trouble is Trouble.REFUSED


async def test_a_token_that_is_none_is_a_bad_token(playground: PlaygroundServer, ann: Chat) -> None:
    stranger = Bot("7:strange", playground.bot_url, playground.file_url)
    await stranger._request[1].initialize()
    assert (await failure_of(stranger, ann)).trouble is Trouble.BAD_TOKEN
    await stranger._request[1].shutdown()


async def test_nobody_at_the_other_end_means_surely_not_sent(playground: PlaygroundServer, ann: Chat) -> None:
    bot = new_bot(playground)
    await bot._request[1].initialize()
    await playground.close()
    assert (await failure_of(bot, ann)).trouble is Trouble.TEMPORARY
    await bot._request[1].shutdown()


async def test_a_client_that_is_closed_already_means_surely_not_sent(
    playground: PlaygroundServer, ann: Chat
) -> None:
    bot = new_bot(playground)
    async with bot:
        pass
    assert (await failure_of(bot, ann)).trouble is Trouble.TEMPORARY


async def test_no_free_connection_means_surely_not_sent(playground: PlaygroundServer, ann: Chat) -> None:
    async with new_bot(playground, connection_pool_size=1, connect_timeout=0.02, pool_timeout=0.02) as bot:
        playground.faults.add(Mishap.SLOW, delay_s=0.5)
        async with asyncio.TaskGroup() as tasks:
            slow = tasks.create_task(bot.send_message(ann.id, "A-1"))
            await playground.wait_for_message(ann)
            assert (await failure_of(bot, ann, "A-2")).trouble is Trouble.TEMPORARY
        assert slow.result().text == "A-1"
    assert [message.text for message in playground.sent(ann)] == ["A-1"]


async def test_a_proxy_that_refuses_means_surely_not_sent_and_its_password_stays_hidden() -> None:
    async with _refusing_proxy() as address:
        bot = Bot("7:token", "https://api.telegram.org/bot", request=Request(proxy=address))
        await bot._request[1].initialize()
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(1, "A-1")
        await bot._request[1].shutdown()
    failure = classify(caught.value)
    assert failure.trouble is Trouble.TEMPORARY
    assert "aiohttp.ClientHttpProxyError" in failure.reason
    assert "hunter2" not in failure.reason


async def test_an_address_that_has_moved_is_not_followed(playground: PlaygroundServer, ann: Chat) -> None:
    """It would be asked without the message, and what it said to that would be taken for an answer."""
    async with _moved_to(playground.base_url) as address:
        bot = Bot("7:token", f"{address}/bot", request=Request())
        await bot._request[1].initialize()
        assert (await failure_of(bot, ann)).trouble is Trouble.GATEWAY
        await bot._request[1].shutdown()
    assert playground.calls == []


@asynccontextmanager
async def _moved_to(elsewhere: str) -> AsyncIterator[str]:
    """A server that sends everybody to the same path elsewhere; its address."""

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(elsewhere + request.path)

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", redirect)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@asynccontextmanager
async def _refusing_proxy() -> AsyncIterator[str]:
    """A proxy that knows nobody; its address, with a password."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"CONNECT api.telegram.org:443 ")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"http://ann:hunter2@127.0.0.1:{server.sockets[0].getsockname()[1]}"
