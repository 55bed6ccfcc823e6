"""Telegram as a program, for `local_telegram`: `python -m tests.bench.telegram_process READERS LIMITS`.

There are READERS private chats from FIRST_READER on. LIMITS is `none`, or Telegram's limits in the stricter
model (30 messages in any second, one a second in a chat) with so many seconds of refusals after a breach.
It writes JSON lines: where it is, then each call as it is answered. A line on standard input is what somebody
says to the bot: the number of the user, a blank, the text. Without standard input it ends.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator

import click

from bot.playground.json_types import Json
from bot.playground.limits import Limits
from bot.playground.server import PlaygroundServer
from bot.playground.users import User

FIRST_READER = 3000
UNLIMITED = "none"


async def main(readers: str, limits: str) -> None:
    async with PlaygroundServer() as server:
        if limits != UNLIMITED:
            server.faults.limits = Limits(now=time.monotonic, penalty_s=float(limits))
        telegram = server.telegram
        for number in range(int(readers)):
            telegram.private_chat(telegram.add_user(User(FIRST_READER + number, f"Reader {number}")))
        tell({"token": server.token, "base_url": server.base_url})
        with telegram.changes.heard_by(lambda change: tell_call(server, change)):
            async for line in lines_of_stdin():
                user_id, _, text = line.partition(" ")
                tell({"at_s": time.perf_counter(), "says": int(user_id)})
                server.people.say(telegram.users[int(user_id)], telegram.bot, text)


def tell_call(server: PlaygroundServer, change: Json) -> None:
    """One line for each call but polls, at the moment at which its outcome is certain."""
    if change["kind"] != "call" or change["method"] == "getUpdates":
        return
    call = server.calls[-1]
    chat_id, text = call.params.get("chat_id"), call.params.get("text", "")
    # All processes of a machine share this clock.
    at_s = time.perf_counter()
    tell({"at_s": at_s, "method": call.method, "chat": chat_id, "status": call.status, "text": text})


def tell(line: Json) -> None:
    click.echo(json.dumps(line))


async def lines_of_stdin() -> AsyncIterator[str]:
    """What comes on standard input, until that is closed."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        yield line.decode().rstrip("\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
