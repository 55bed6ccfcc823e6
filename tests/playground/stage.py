"""A started playground and a real bot in it, for all tests that need Telegram."""

import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from telegram import Bot
from telegram.ext import Application, ApplicationBuilder, BaseHandler

from bot.playground.server import PlaygroundServer
from bot.talk.request import Request

SPEC_PATH = Path(__file__).parents[2] / "../shared/telegram/bot-api-10.1.json"

# Any: the library's generic parameters for contexts that tests do not use.
AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
AnyHandler: TypeAlias = BaseHandler[Any, Any, Any]


def new_playground(**options: Any) -> PlaygroundServer:
    """A playground that checks calls against Telegram's description where that is at hand."""
    options.setdefault("spec_path", SPEC_PATH if SPEC_PATH.exists() else None)
    return PlaygroundServer(**options)


def new_bot(server: PlaygroundServer, **limits: Any) -> Bot:
    """A bot of the real library, with the requests of ours; `limits` are theirs."""
    request, polling = Request(**limits), Request()
    return Bot(server.token, server.bot_url, server.file_url, request=request, get_updates_request=polling)


async def call(server: PlaygroundServer, method: str, **fields: Any) -> Any:
    """The JSON that a bare call is answered with: for what the library would not send."""
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server.bot_url}{server.token}/{method}", json=fields)
    return answer.json()


def picture(width_px: int, height_px: int) -> bytes:
    """A real PNG, black all over."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress((b"\0" * (width_px + 1)) * height_px))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@asynccontextmanager
async def polling_bot(server: PlaygroundServer, *handlers: AnyHandler) -> AsyncIterator[AnyApplication]:
    """A real application that polls the playground and answers through `handlers`."""
    builder = ApplicationBuilder().token(server.token)
    application = builder.base_url(server.bot_url).base_file_url(server.file_url).build()
    application.add_handlers(handlers)
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=2)
        try:
            yield application
        finally:
            await application.updater.stop()
            await application.stop()
