"""The webhook: a real bot that the playground's Telegram brings updates to, and strangers who try as well."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from telegram import WebhookInfo

from bot.app import Bot
from bot.playground.cast import Cast, gather_cast
from bot.playground.refusals import RefusedError
from bot.playground.server import PlaygroundServer
from bot.talk import webhook
from bot.talk.webhook import SECRET_HEADER, Address, WebhookRefusedError, why_not_brought
from storage import inbox
from storage.database import StorageError
from storage.inbox import count_inbox
from tests.bot.desks import market_of_two_days, new_desk
from tests.playground.stage import new_playground
from tests.ports import free_port

SECRET = "a-secret_of-our-own"


@dataclass(frozen=True)
class Stage:
    server: PlaygroundServer
    cast: Cast
    bot: Bot
    address: Address

    async def post(self, body: str | bytes, secret: bytes | None = SECRET.encode()) -> int:
        headers = [] if secret is None else [(SECRET_HEADER.encode(), secret)]
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.address.url}/telegram", content=body, headers=headers)
        assert answer.text == ""
        return answer.status_code


@asynccontextmanager
async def new_stage() -> AsyncIterator[Stage]:
    port = free_port()
    address = Address(f"http://127.0.0.1:{port}", "127.0.0.1", port, SECRET)
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast = gather_cast(server.people)
            yield Stage(server, cast, Bot(desk, server.token, server.base_url, webhook=address), address)
        assert server.violations == []


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with new_stage() as stage, stage.bot.online():
        await stage.server.wait_for_call("setWebhook")
        yield stage


async def test_what_telegram_brings_is_answered(stage: Stage):
    stage.server.people.say(stage.cast.alice, stage.server.telegram.bot, "/about")
    await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
    assert stage.bot.hearing.health().heard_at is not None


@pytest.mark.parametrize(
    "secret", [None, b"", b"a-secret_of-our-ow", b"a-secret_of-our-own2", b"\xc3\xa4", b"\xff"]
)
async def test_who_does_not_know_the_secret_is_turned_away(stage: Stage, secret: bytes | None):
    assert await stage.post('{"update_id": 4711}', secret) == 403
    assert stage.bot.desk.db.rows("SELECT 1 FROM inbox WHERE update_id = 4711") == []


@pytest.mark.parametrize(
    "body", ["", "null", "[1]", "{}", '{"update_id": "1"}', '{"update_id": true}', "[" * 9999, b"\xff{}"]
)
async def test_what_is_no_update_is_refused(stage: Stage, body: str):
    assert await stage.post(body) == 400


async def test_an_update_that_comes_twice_is_handled_once(stage: Stage):
    stage.server.people.say(stage.cast.alice, stage.server.telegram.bot, "/about")
    await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
    stored = sum(count_inbox(stage.bot.desk.db).values())
    assert [await stage.post('{"update_id": 1}') for _ in range(2)] == [200, 200]
    assert sum(count_inbox(stage.bot.desk.db).values()) == stored


async def test_an_update_that_cannot_be_stored_is_brought_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> list[inbox.Received]:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "receive", full)
        assert await stage.post('{"update_id": 4711}') == 503
        stage.server.people.say(stage.cast.alice, stage.server.telegram.bot, "/about")
    await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")


async def test_the_webhook_is_announced_once_telegram_can_be_reached_again():
    async with new_stage() as stage:
        stage.server.faults.add(RefusedError(500), "setWebhook")
        async with stage.bot.online():
            await stage.server.wait_for_call("setWebhook", ok=False)
            await stage.server.wait_for_call("setWebhook")


async def test_an_address_that_telegram_does_not_take_ends_the_bot_with_a_sentence_that_names_the_setting():
    async with new_stage() as stage:
        refusal = RefusedError(400, "bad webhook: HTTPS url must be provided for webhook")
        stage.server.faults.add(refusal, "setWebhook")
        with pytest.raises(WebhookRefusedError, match="AFTERSHOCK_WEBHOOK_URL"):
            async with stage.bot.online():
                await asyncio.wait_for(asyncio.Event().wait(), 10)


HERE = "https://bot.example.org/telegram"
NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


def info(**said: object) -> WebhookInfo:
    return WebhookInfo(**{"url": HERE, "has_custom_certificate": False, "pending_update_count": 0} | said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (info(), None),
        (info(pending_update_count=3), None),
        (info(url="https://elsewhere.example/telegram"), "another program"),
        (info(url=""), "another program"),
        (
            info(pending_update_count=3, last_error_date=NOON, last_error_message="Connection refused"),
            "Connection refused",
        ),
        # What failed long ago, or was brought since, is over.
        (info(pending_update_count=3, last_error_date=NOON - timedelta(minutes=3)), None),
        (info(last_error_date=NOON, last_error_message="Connection refused"), None),
    ],
)
def test_telegram_itself_says_why_nothing_is_brought(said: WebhookInfo, why: str | None):
    told = why_not_brought(said, HERE, NOON)
    assert (told is None) == (why is None)
    assert why is None or why in str(told)


async def test_a_webhook_that_somebody_took_away_is_set_again_and_named(monkeypatch, caplog):
    monkeypatch.setattr(webhook, "_ASKS_EVERY", timedelta(milliseconds=20))
    async with new_stage() as stage, stage.bot.online():
        await stage.server.wait_for_call("setWebhook")
        stage.server.telegram.updates.set_webhook("")
        await stage.server.wait_for_call("setWebhook", number=2)
        stage.server.people.say(stage.cast.alice, stage.server.telegram.bot, "/about")
        await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
        assert stage.bot.desk.health.hearing().way == "webhook"
    assert "another program with the same token took the webhook away" in caplog.text


async def test_a_quiet_webhook_is_known_to_be_heard(monkeypatch):
    monkeypatch.setattr(webhook, "_ASKS_EVERY", timedelta(milliseconds=20))
    async with new_stage() as stage, stage.bot.online():
        stage.server.faults.add(RefusedError(500), "getWebhookInfo", times=10_000)
        await stage.server.wait_for(lambda: stage.bot.desk.health.hearing().trouble)
        stage.server.faults.queued.clear()
        await stage.server.wait_for(lambda: stage.bot.desk.health.hearing().trouble is None)
        assert stage.bot.desk.health.hearing().heard_at is not None


async def test_a_port_that_is_taken_is_said_in_one_line():
    async with new_stage() as stage:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", stage.address.port))
            taken.listen()
            with pytest.raises(WebhookRefusedError, match=f"^PORT: 127.0.0.1:{stage.address.port} cannot"):
                async with stage.bot.online():
                    await asyncio.sleep(30)
