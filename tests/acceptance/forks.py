"""Bots that are forks of one process, for Python takes longer to start than most of what they do.

`python -m tests.acceptance.forks CLOCK`: they go by the `WallClock` in this file. Each line on standard input
is a `Start` as JSON. Said on standard output: the process id of the fork, and when it has ended its status
(negative: the signal that killed it). Standard error is theirs. What goes wrong inside is arranged around the
program (`sqlite3.connect`, the wall clock), never in it.
"""

import ctypes
import importlib
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.acceptance.wall_clock import WallClock, hang_up

_PR_SET_PDEATHSIG = 1
END_OF_LOG = "\0"
"""A line on standard error: what follows is said by the next fork."""


class Start(NamedTuple):
    """One run of `python -m bot run` in a folder.

    `dies_after`: a pattern of SQL. Once SIGUSR1 has come, and then a statement that fits it, statements are
    counted, and the process is killed instead of running the one numbered `dies_at`, counted from 0.
    """

    env: dict[str, str]
    folder: str
    dies_after: str = ""
    dies_at: int = 0


def main() -> None:
    """Start a fork for every line, one at a time."""
    _end_with_parent()
    hang_up(WallClock(Path(sys.argv[1])))
    _prepare()
    for line in sys.stdin:
        start = Start(**json.loads(line))
        child = os.fork()
        if not child:
            _run(start)
        _say(child)
        _, status = os.waitpid(child, 0)
        os.write(2, f"{END_OF_LOG}\n".encode())
        _say(os.waitstatus_to_exitcode(status))


def _prepare() -> None:
    """What takes long, done once and by that clock: imports, and reading every text."""
    for module in ("bot.app", "ccxt.async_support", "anyio._backends._asyncio"):
        importlib.import_module(module)
    importlib.import_module("bot.words.texts").every_language()


def _end_with_parent() -> None:
    """Whoever started this may be killed; nothing runs on then. (Linux alone can do that.)"""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _say(number: int) -> None:
    os.write(1, b"%d\n" % number)


def _run(start: Start) -> None:
    """Be the bot until it ends."""
    _end_with_parent()
    os.environ.clear()
    os.environ.update(start.env)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.chdir(start.folder)
    if start.dies_after:
        sqlite3.connect = _traced(_Executioner(start))
    sys.argv = ["bot", "run"]
    status = 1
    try:
        importlib.import_module("bot.__main__").main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # noqa: BLE001  it must never go on as the one that forks
        sys.stderr.write(f"Traceback: {error!r}\n")
    finally:
        sys.stderr.flush()
        os._exit(status)


class _Executioner:
    """Counts statements, and kills its own process before one of them."""

    def __init__(self, start: Start) -> None:
        self._pattern = re.compile(start.dies_after)
        self._left: int | None = None
        self._dies_at = start.dies_at
        self._is_armed = False
        signal.signal(signal.SIGUSR1, self._arm)

    def _arm(self, _number: int, _frame: object) -> None:
        self._is_armed = True

    def __call__(self, sql: str) -> None:
        if self._left is None:
            if not self._is_armed or not self._pattern.search(sql):
                return
            self._left = self._dies_at
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def _traced(see: Callable[[str], None], connect: Any = sqlite3.connect) -> Any:
    """`sqlite3.connect` whose connections show every statement before it runs."""

    def traced(*args: Any, **options: Any) -> Any:
        connection = connect(*args, **options)
        connection.set_trace_callback(see)
        return connection

    return traced


if __name__ == "__main__":
    main()
