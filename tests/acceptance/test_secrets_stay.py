"""A real process with every secret set meets errors of every kind: nothing that leaves it holds a secret."""

import asyncio
import json
import socket
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import BaseTestServer, RawTestServer

from bot.playground.faults import Mishap
from bot.playground.refusals import RefusedError
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from tests.acceptance.process import ROOT, environment, running_bot
from tests.playground.stage import new_playground
from tests.venues import Fault, Venues

pytestmark = pytest.mark.timeout(240)

SECRETS = {
    "webhook secret": "webhook-secret-nobody-sees",
    "key of SoSoValue": "soso-key-nobody-sees",
    "key of CoinGlass": "glass-key-nobody-sees",
    "key in the ping address": "ping-key-nobody-sees",
    "password in the ping address": "ping-password-nobody-sees",
    "password of the proxy": "proxy-password-nobody-sees",
    "password in the webhook address": "hook-password-nobody-sees",
}


@asynccontextmanager
async def forward_proxy() -> AsyncIterator[BaseTestServer]:
    """Passes plain requests on; what wants to be encrypted gets a connection and then no TLS."""
    async with ClientSession() as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            if request.method == "CONNECT":
                return web.Response(text="no TLS here")
            url = request.raw_path if request.raw_path.startswith("http") else str(request.url)
            kept = {name: request.headers[name] for name in ("Content-Type",) if name in request.headers}
            try:
                async with session.request(
                    request.method, url, data=await request.read(), headers=kept
                ) as answer:
                    body = await answer.read()
            except ClientError as error:
                return web.Response(status=502, text=type(error).__name__)
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)

        async with RawTestServer(forward) as server:
            yield server


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(server: PlaygroundServer, venues: Venues, proxy: BaseTestServer, folder: Path) -> dict[str, str]:
    """Everything that can be secret, and sources of which each fails in another way."""
    bases = venues.base_urls()
    bases |= {"farside": f"https://127.0.0.1:{proxy.port}", "kraken": f"http://127.0.0.1:{closed_port()}"}
    for name, fault in (
        ("sosovalue", Fault.UNAUTHORIZED),
        ("coinglass", Fault.UNAUTHORIZED),
        ("binance", Fault.BROKEN),
        ("okx", Fault.CUT),
        ("bybit", Fault.HTML),
        ("defillama", Fault.RATE_LIMITED),
    ):
        if name in bases:
            venues[name].fault = fault
    ping = f"http://me:{SECRETS['password in the ping address']}@127.0.0.1:{closed_port()}"
    hook = f"https://me:{SECRETS['password in the webhook address']}@bot.example/hook"
    return environment(folder / "bot.db", server, venues) | {
        "AFTERSHOCK_BASE_URLS": json.dumps(bases),
        "AFTERSHOCK_WEBHOOK_SECRET": SECRETS["webhook secret"],
        "AFTERSHOCK_WEBHOOK_URL": hook,
        "SOSOVALUE_API_KEY": SECRETS["key of SoSoValue"],
        "COINGLASS_API_KEY": SECRETS["key of CoinGlass"],
        "AFTERSHOCK_PING_URL": f"{ping}/{SECRETS['key in the ping address']}",
        "HTTPS_PROXY": f"http://me:{SECRETS['password of the proxy']}@127.0.0.1:{proxy.port}",
        "AFTERSHOCK_METRICS_PORT": str(closed_port()),
        "AFTERSHOCK_OWNER_IDS": "3000",
        "AFTERSHOCK_LOG_FORMAT": "json",
        "AFTERSHOCK_LOG_LEVEL": "DEBUG",
    }


async def asked(env: dict[str, str], *words: str, expect: int) -> bytes:
    """What another process says to its end, on both lines."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env={**env, "PYTHONPATH": str(ROOT)},
        cwd=Path(env["AFTERSHOCK_DATABASE"]).parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == expect, said
    return said


def files_of(folder: Path) -> dict[str, bytes]:
    """The database, and what SQLite keeps beside it while it is open."""
    return {path.name: path.read_bytes() for path in folder.glob("bot.db*")}


def texts_in(png: bytes) -> Iterator[bytes]:
    """The chunks of a picture that hold no pixels, unpacked where they are packed."""
    at = 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind == b"zTXt":
            yield zlib.decompress(body.partition(b"\0")[2][1:])
        elif kind != b"IDAT":
            yield body
        at += length + 12


def _answered(server: PlaygroundServer, person: User, before: int) -> bool:
    return len(server.sent(person)) > before


async def test_no_secret_leaves_a_process_that_meets_errors_of_every_kind(tmp_path: Path) -> None:
    async with new_playground() as server, Venues() as venues, forward_proxy() as proxy:
        env = settings(server, venues, proxy, tmp_path)
        ann = server.telegram.add_user(User(3000, "Ann"))
        bot_of = server.telegram.bot
        for what in (Mishap.BAD_GATEWAY, RefusedError(401)):
            server.faults.add(what, "getUpdates")
        seen: dict[str, bytes] = {}
        async with running_bot(env, tmp_path / "bot.log", output=tmp_path / "output") as bot:
            for command in ("/language en", "/status", "/chart btc", "/premium", "/alert btc < 5", "/admin"):
                before = len(server.sent(ann))
                server.people.say(ann, bot_of, command)
                await server.wait_for(partial(_answered, server, ann, before), 60.0)
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{env['AFTERSHOCK_METRICS_PORT']}"
            ) as http:
                for path in ("/healthz", "/metrics"):
                    seen[path] = (await http.get(path)).content
            seen["backup's words"] = await asked(env, "backup", "copy.db", expect=0)
            seen |= files_of(tmp_path)
            wrong = {name: f"no such thing {env[name]}" for name in ("AFTERSHOCK_PING_URL", "HTTPS_PROXY")}
            seen["wrong settings"] = await asked(env | wrong, "say", "/about", expect=2)
            assert await bot.terminate() == 0
        seen["log"] = (tmp_path / "bot.log").read_bytes()
        seen["output"] = (tmp_path / "output").read_bytes()
        seen["copy"] = (tmp_path / "copy.db").read_bytes()
        seen["calls"] = repr([call.params for call in server.calls]).encode()
        pictures = [f for f in server.telegram.files.kept() if f.content.startswith(b"\x89PNG")]
        assert pictures
        for picture in pictures:
            seen[picture.id] = picture.content + b"\n".join(texts_in(picture.content))
    secrets = SECRETS | {"token": server.token.split(":")[1]}
    # It did meet them: secrets stood in errors and were blotted out.
    for trouble in (
        b"unknown key ***",
        b"502",
        b"refuses TELEGRAM_BOT_TOKEN",
        b"HTTP 500",
        b"SSL",
        b"/bot***",
    ):
        assert trouble in seen["log"], trouble
    found = [
        (name, where)
        for name, secret in secrets.items()
        for where, text in seen.items()
        if secret.encode() in text
    ]
    assert found == []
