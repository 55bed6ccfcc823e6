"""Two web processes on one PostgreSQL: whichever is asked, one answers, in order; and one of them dies."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from tests.acceptance.process import BotProcess, environment, running_bot
from tests.acceptance.test_leader import logged
from tests.playground.stage import new_playground
from tests.ports import free_port
from tests.storage.postgres_server import PostgresServer
from tests.venues import SOURCES, Fault, Venues

pytestmark = pytest.mark.timeout(240)

PEOPLE, QUESTIONS = 20, 6
IN_FLIGHT = 32
NUMBER = re.compile(r"A-(\d+)")


@asynccontextmanager
async def balancer(ports: list[int]) -> AsyncIterator[int]:
    """What stands before web processes on a platform: each request goes to the next one."""
    turns = cycle(ports)

    async def forward(request: web.Request) -> web.Response:
        url = f"http://127.0.0.1:{next(turns)}{request.path}"
        try:
            async with http.post(url, data=await request.read(), headers=request.headers) as answer:
                return web.Response(status=answer.status)
        except aiohttp.ClientError:
            return web.Response(status=502)

    app = web.Application()
    app.add_routes([web.post("/telegram", forward)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    try:
        async with aiohttp.ClientSession() as http:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield port
    finally:
        await runner.cleanup()


async def test_each_update_is_answered_once_and_in_order_though_one_of_two_processes_is_killed(
    tmp_path: Path, postgres: PostgresServer
):
    ports = [free_port(), free_port()]
    async with new_playground() as telegram, Venues() as venues, AsyncExitStack() as stack:
        for source in SOURCES:
            venues[source].fault = Fault.CLOSED
        public = await stack.enter_async_context(balancer(ports))
        env = environment(Path(), telegram, venues) | {
            "AFTERSHOCK_DATABASE": postgres.new_database(),
            "AFTERSHOCK_WEBHOOK_URL": f"http://127.0.0.1:{public}",
        }

        async def start(name: str, *words: str, **more: str) -> BotProcess:
            return await stack.enter_async_context(running_bot(env | more, tmp_path / f"{name}.log", *words))

        one, two = [await start(f"web{port}", "--webhook", PORT=str(port)) for port in ports]
        for each in (one, two):
            await logged(each, "Telegram brings updates")
        people = [telegram.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(PEOPLE)]
        for number in range(QUESTIONS):
            for person in people:
                telegram.people.say(person, telegram.telegram.bot, f"/why A-{1000 + number}")
        await telegram.wait_for(lambda: answered(telegram, people).total() > PEOPLE or None, 60.0)
        await one.kill()
        await telegram.wait_for(lambda: len(answered(telegram, people)) == PEOPLE * QUESTIONS or None, 60.0)
        answers = answered(telegram, people)
        assert answers.total() - len(answers) <= IN_FLIGHT
        for person in people:
            numbers = list(dict.fromkeys(numbers_told(telegram, person)))
            assert numbers == sorted(numbers)
        assert await two.terminate() == 0


def numbers_told(telegram: PlaygroundServer, person: User) -> list[int]:
    found = (NUMBER.search(message.text) for message in telegram.sent(person))
    return [int(each[1]) for each in found if each and int(each[1]) >= 1000]


def answered(telegram: PlaygroundServer, people: list[User]) -> Counter[tuple[int, int]]:
    return Counter((person.id, number) for person in people for number in numbers_told(telegram, person))
