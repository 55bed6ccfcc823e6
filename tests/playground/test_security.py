"""Other web sites and other machines stay out, and the token stays in."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot

from bot.playground.cast import Cast
from bot.playground.server import PlaygroundServer
from tests.playground.stage import new_playground

PATHS = ["/", "/app.js", "/events", "/menu?user=1001&chat=1001", "/do/say", "/bot1:x/getMe"]


@pytest.fixture
async def http(playground: PlaygroundServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=playground.base_url) as client:
        yield client


@pytest.fixture
async def own(http: httpx.AsyncClient) -> dict[str, str]:
    """The header by which the page shows that it is ours."""
    page = (await http.get("/")).text
    return {"X-Playground-Token": page.split('name="csrf" content="')[1].split('"')[0]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example",
        "",
        "[::1]",
        "127.0.0.1.evil.example",
    ],
)
async def test_a_request_that_names_another_host_is_refused(
    http: httpx.AsyncClient, path: str, host: str
) -> None:
    assert (await http.get(path, headers={"Host": host})).status_code == 421


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_both_names_of_this_machine_are_taken(
    http: httpx.AsyncClient, playground: PlaygroundServer, name: str
) -> None:
    port = playground.base_url.rsplit(":", 1)[1]
    assert (await http.get("/", headers={"Host": f"{name}:{port}"})).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
async def test_only_this_machines_addresses_are_bound(host: str) -> None:
    with pytest.raises(ValueError, match="serves this machine only"):
        await new_playground().start(host)


STRANGERS = {
    "no token": {},
    "a wrong token": {"X-Playground-Token": "x" * 32},
}
HEADER = b"X-Playground-Token"
CROSS_SITE = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another port": {"Sec-Fetch-Site": "same-site"},
    "another origin": {"Origin": "http://evil.example"},
    "no origin to speak of": {"Origin": "null"},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
async def test_a_deed_needs_the_pages_token(
    http: httpx.AsyncClient, playground: PlaygroundServer, cast: Cast, headers: dict[str, str]
) -> None:
    body = {"user": cast.alice.id, "chat": cast.alice.id, "text": "x"}
    assert (await http.post("/do/say", json=body, headers=headers)).status_code == 403
    assert cast.alice.id not in playground.telegram.chats


async def test_a_token_that_is_no_text_is_a_wrong_one(http: httpx.AsyncClient) -> None:
    answer = await http.post("/do/say", json={}, headers=[(HEADER, b"\xff\xfe")])
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE)
async def test_a_deed_for_another_site_is_refused_even_with_the_token(
    http: httpx.AsyncClient, own: dict[str, str], headers: dict[str, str]
) -> None:
    assert (await http.post("/do/clear-faults", json={}, headers=own | headers)).status_code == 403


async def test_the_pages_own_deed_is_done(
    http: httpx.AsyncClient, own: dict[str, str], playground: PlaygroundServer, cast: Cast
) -> None:
    headers = own | {"Origin": playground.base_url, "Sec-Fetch-Site": "same-origin"}
    body = {"user": cast.alice.id, "chat": cast.alice.id, "text": "/start"}
    assert (await http.post("/do/say", json=body, headers=headers)).status_code == 200
    assert playground.telegram.updates.waiting[-1]["message"]["text"] == "/start"


async def test_the_page_may_load_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<style" not in page.text
    assert "<script>" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


async def test_each_start_has_a_token_of_its_own() -> None:
    pages = []
    for _ in range(2):
        async with new_playground() as server, httpx.AsyncClient() as http:
            pages.append((await http.get(server.base_url)).text)
    assert pages[0] != pages[1]


async def test_the_bots_token_is_not_shown(http: httpx.AsyncClient, playground: PlaygroundServer) -> None:
    for path in ("/", "/app.js"):
        assert _secret(playground) not in (await http.get(path)).text
    async with http.stream("GET", "/events") as events:
        snapshot = await anext(events.aiter_lines())
    assert "Aftershock" in snapshot
    assert _secret(playground) not in snapshot


async def test_the_bots_token_is_not_logged(
    playground: PlaygroundServer, cast: Cast, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("aiohttp", "bot"):
        caplog.set_level(logging.DEBUG, name)
    await bot.send_message(cast.night_desk.id, "x")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("aiohttp", "bot"))]
    assert _secret(playground) not in "".join(ours)


def _secret(playground: PlaygroundServer) -> str:
    return playground.token.split(":")[1]


@pytest.mark.parametrize(
    ("deed", "body", "reason"),
    [
        ("say", {"user": 1001, "chat": 1001}, "there is nothing to send"),
        ("say", {"user": 1, "chat": 1, "text": "x"}, "no such user"),
        ("say", {"user": 1001, "chat": 1002, "text": "x"}, "no such chat"),
        ("press", {"user": 1001, "chat": -1000000000001, "message": 99}, "this message is gone"),
        ("remove-bot", {"user": 1002, "chat": -1000000000001}, "only administrators"),
        ("fault", {"fault": "flood"}, "no such fault"),
        ("pause", {}, "no scenario is being played"),
        ("say", [], "not a JSON object"),
    ],
)
@pytest.mark.usefixtures("cast")
async def test_a_wrong_deed_is_answered_in_words(
    http: httpx.AsyncClient, own: dict[str, str], deed: str, body: object, reason: str
) -> None:
    answer = await http.post(f"/do/{deed}", json=body, headers=own)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


async def test_only_the_pages_own_files_are_served(http: httpx.AsyncClient, own: dict[str, str]) -> None:
    for path in ("/server.py", "/../server.py", "/%2e%2e/server.py", "/nothing.js", "/files/nothing"):
        assert (await http.get(path)).status_code == 404
    assert (await http.post("/do/nothing", json={}, headers=own)).status_code == 404
