"""A Telegram that only takes messages, as a program: `python -m tests.bench.lean_telegram`.

It keeps up with many more a second than the playground, which plays the whole of Telegram. It writes where it
is; without standard input it ends, and writes what arrived.
"""

import asyncio
import json
import time
from collections import Counter

import click
from aiohttp import web

from tests.bench.telegram_process import lines_of_stdin

TOKEN = "7:lean"


class Arrivals:
    """What came, by chat and by second."""

    def __init__(self) -> None:
        self.chats: Counter[int] = Counter()
        self.paid = 0
        self.moments: list[float] = []

    async def take(self, request: web.Request) -> web.Response:
        """Answer a call as Telegram does."""
        if not request.path.endswith("/sendMessage"):
            me = {"id": 7, "is_bot": True, "first_name": "Lean", "username": "lean_bot"}
            return web.json_response({"ok": True, "result": me})
        form = await request.json()
        chat_id = int(form["chat_id"])
        self.chats[chat_id] += 1
        self.paid += form.get("allow_paid_broadcast") == "true"
        self.moments.append(time.perf_counter())
        chat = {"id": chat_id, "type": "private", "first_name": "Reader"}
        message = {"message_id": len(self.moments), "date": 1_762_200_000, "chat": chat, "text": form["text"]}
        return web.json_response({"ok": True, "result": message})

    def sums(self) -> dict[str, float]:
        """What is written at the end."""
        seconds = Counter(int(at - self.moments[0]) for at in self.moments)
        return {
            "messages": len(self.moments),
            "chats": len(self.chats),
            "paid": self.paid,
            "seconds": self.moments[-1] - self.moments[0] if self.moments else 0.0,
            "most_in_a_second": max(seconds.values(), default=0),
        }


async def main() -> None:
    arrivals = Arrivals()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", arrivals.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    click.echo(json.dumps({"base_url": f"http://127.0.0.1:{runner.addresses[0][1]}"}))
    async for _ in lines_of_stdin():
        pass
    await runner.cleanup()
    click.echo(json.dumps(arrivals.sums()))


if __name__ == "__main__":
    asyncio.run(main())
