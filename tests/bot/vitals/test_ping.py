"""The dead man's switch, in front of a monitor on loopback that answers what the test tells it to."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.vitals.judgement import Ailment, Part
from bot.vitals.ping import failing, ping

KEY = "5f0c3a9e-a-key-that-is-secret"


@dataclass
class Monitor:
    url: str = ""
    status: int = 200
    heard: asyncio.Queue[tuple[str, str, str]] = field(default_factory=asyncio.Queue)
    ailing: tuple[Ailment, ...] = ()

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.put_nowait((request.method, request.path, await request.text()))
        return web.Response(status=self.status)

    async def next(self) -> tuple[str, str, str]:
        return await asyncio.wait_for(self.heard.get(), 10)


@asynccontextmanager
async def pinged() -> AsyncIterator[Monitor]:
    monitor, app = Monitor(), web.Application()
    app.router.add_route("*", "/{path:.*}", monitor.hear)
    async with TestServer(app) as server:
        monitor.url = str(server.make_url(f"/{KEY}"))
        task = asyncio.create_task(ping(monitor.url, lambda: monitor.ailing, every=timedelta(milliseconds=5)))
        try:
            yield monitor
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_it_says_that_all_is_well_and_why_it_is_not() -> None:
    async with pinged() as monitor:
        assert await monitor.next() == ("GET", f"/{KEY}", "")
        monitor.ailing = (Ailment(Part.WATCH, "has not looked"), Ailment(Part.DATABASE, "full"))
        while (told := await monitor.next())[0] == "GET":
            pass
        assert told == ("POST", f"/{KEY}/fail", "watch: has not looked\ndatabase: full")


async def test_a_monitor_that_refuses_is_named_once_and_the_key_never(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with pinged() as monitor:
        monitor.status = 503
        while "cannot be reached" not in caplog.text:
            await monitor.next()
        for _ in range(3):
            await monitor.next()
        monitor.status = 200
        while "reached again" not in caplog.text:
            await monitor.next()
    said = [record.getMessage() for record in caplog.records if record.name == "bot.vitals.ping"]
    assert said == [
        "AFTERSHOCK_PING_URL cannot be reached: HTTP 503",
        "AFTERSHOCK_PING_URL is reached again",
    ]


async def test_nobody_there_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    asked: asyncio.Queue[None] = asyncio.Queue()

    def judge() -> tuple[Ailment, ...]:
        asked.put_nowait(None)
        return ()

    # Port 9 of the loopback: nobody listens there.
    task = asyncio.create_task(ping(f"http://127.0.0.1:9/{KEY}", judge, every=timedelta(milliseconds=5)))
    for _ in range(3):
        await asyncio.wait_for(asked.get(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [record.getMessage() for record in caplog.records] == [
        "AFTERSHOCK_PING_URL cannot be reached: ClientConnectorError"
    ]


@pytest.mark.parametrize(
    ("url", "fails"),
    [
        ("https://hc-ping.com/KEY", "https://hc-ping.com/KEY/fail"),
        ("https://hc-ping.com/KEY/", "https://hc-ping.com/KEY/fail"),
        ("https://x.example/push/KEY?from=bot", "https://x.example/push/KEY/fail?from=bot"),
    ],
)
def test_the_address_for_failing(url: str, fails: str) -> None:
    assert failing(url) == fails
