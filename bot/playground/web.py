"""The page: its three files, a stream of events to it, and the deeds that its users do."""

import asyncio
import inspect
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from bot.playground.clock import Playback
from bot.playground.deeds import DEEDS, Stage
from bot.playground.faults import Faults
from bot.playground.guard import PAGE_HEADERS, Guard
from bot.playground.json_types import Json
from bot.playground.people import DeedError, People
from bot.playground.refusals import RefusedError
from bot.playground.views import clock_view, faults_view, menu_view, people_view, snapshot

_MIME_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOLDER = Path(__file__).parent / "page"
# A clock that runs 600 times faster should not be seen to jump by more than ten minutes.
_TICK_S = 1.0
# A page this far behind is gone or asleep; it fetches everything anew when it is back.
_MAX_BACKLOG = 10_000
# What happens between the bot and the server is nothing that an app would show.
_UNTOLD = {"call", "poll", "update"}


class Page:
    """Serves the page, which is one for all users: whose eyes it looks through is its affair."""

    def __init__(self, people: People, faults: Faults, guard: Guard, playback: Playback | None) -> None:
        self.stage = Stage(people, faults, playback)
        self.telegram = people.telegram
        self.guard = guard
        self._streams: set[asyncio.Queue[Json | None]] = set()
        self._started = secrets.token_urlsafe(8)

    def routes(self) -> list[web.RouteDef]:
        """For the application that this is a part of."""
        return [
            web.get("/", self.send_page_file),
            web.get(r"/{file:\w+\.(?:js|css|svg)}", self.send_page_file),
            web.get("/events", self.stream_events),
            web.get("/menu", self.send_menu),
            web.get("/files/{file_id}", self.send_file),
            web.post("/do/{deed}", self.do),
        ]

    def close(self) -> None:
        """End all event streams."""
        for stream in self._streams:
            stream.put_nowait(None)

    async def send_page_file(self, request: web.Request) -> web.Response:
        """The page, its script or its style."""
        path = _FOLDER / request.match_info.get("file", "index.html")
        if not path.is_file():
            raise web.HTTPNotFound
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = text.replace("%CSRF_TOKEN%", self.guard.csrf_token)
        return web.Response(text=text, content_type=_MIME_TYPES[path.suffix], headers=PAGE_HEADERS)

    async def send_file(self, request: web.Request) -> web.Response:
        """A picture to show, or a document to save."""
        try:
            stored = self.telegram.files.find(request.match_info["file_id"])
        except RefusedError:
            raise web.HTTPNotFound from None
        is_picture = stored.mime_type in {"image/png", "image/jpeg"}
        disposition = "inline" if is_picture else "attachment"
        return web.Response(
            body=stored.content,
            content_type=stored.mime_type if is_picture else "application/octet-stream",
            headers={**PAGE_HEADERS, "Content-Disposition": disposition},
        )

    async def send_menu(self, request: web.Request) -> web.Response:
        """The commands that a user sees in a chat."""
        try:
            user = self.stage.user({"user": int(request.query.get("user", 0))})
            chat = self.telegram.chats.get(int(request.query.get("chat", 0)))
        except ValueError:
            raise web.HTTPBadRequest from None
        body = menu_view(self.telegram, user, chat)
        return web.json_response(body, headers=PAGE_HEADERS)

    async def do(self, request: web.Request) -> web.Response:
        """Carry out a deed; a wrong one is answered with its reason in words for the user."""
        self.guard.check_own_page(request)
        deed = DEEDS.get(request.match_info["deed"])
        if deed is None:
            raise web.HTTPNotFound
        try:
            asked = await _read_object(request)
            done = deed(self.stage, asked)
            answer = await done if inspect.isawaitable(done) else done
        except (DeedError, RefusedError) as error:
            return web.json_response({"error": str(error)}, status=400, headers=PAGE_HEADERS)
        return web.json_response(answer or {}, headers=PAGE_HEADERS)

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: everything there is, then every change, and the time."""
        headers = {**PAGE_HEADERS, "Content-Type": "text/event-stream"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        stream: asyncio.Queue[Json | None] = asyncio.Queue(_MAX_BACKLOG)
        self._streams.add(stream)
        try:
            with self.telegram.changes.heard_by(lambda change: _offer(stream, change)):
                await _send(response, self._snapshot())
                async for change in self._follow(stream):
                    await _send(response, change)
        except ConnectionResetError:
            pass  # The page was closed; there is nobody to tell.
        finally:
            self._streams.discard(stream)
        return response

    async def _follow(self, stream: asyncio.Queue[Json | None]) -> AsyncIterator[Json]:
        """Changes as they come, and the time between them, however fast they follow each other."""
        now = asyncio.get_running_loop().time
        tick_at = now() + _TICK_S
        while True:
            if now() >= tick_at:
                tick_at = now() + _TICK_S
                yield self._complete({"kind": "clock"})
            try:
                async with asyncio.timeout_at(tick_at):
                    change = await stream.get()
            except TimeoutError:
                continue
            if change is None:
                return
            yield self._complete(change)

    def _complete(self, change: Json) -> Json:
        """The change with what the page needs to show it, as it stands now."""
        if change["kind"] == "people":
            return {**change, **people_view(self.telegram)}
        if change["kind"] == "clock":
            return {**change, **clock_view(self.telegram, self.stage.playback)}
        if change["kind"] in {"fault", "faults"}:
            return {**change, "queued": faults_view(self.stage.faults)}
        return change

    def _snapshot(self) -> Json:
        """With a sign of this start, by which a page left over from an earlier one knows itself."""
        state = snapshot(self.telegram, self.stage.faults, self.stage.playback)
        return {**state, "started": self._started}


def _offer(stream: asyncio.Queue[Json | None], change: Json) -> None:
    if change["kind"] in _UNTOLD:
        return
    if stream.full():
        while not stream.empty():
            stream.get_nowait()
        stream.put_nowait(None)
    else:
        stream.put_nowait(change)


async def _send(response: web.StreamResponse, change: Json) -> None:
    await response.write(f"data: {json.dumps(change, ensure_ascii=False)}\n\n".encode())


async def _read_object(request: web.Request) -> Json:
    try:
        asked = await request.json()
    except ValueError:
        raise DeedError("not JSON") from None
    if not isinstance(asked, dict):
        raise DeedError("not a JSON object")
    return asked
