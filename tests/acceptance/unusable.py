"""Databases with which no bot can start: it says in one line why, and leaves them as they are."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.scene import Scene


class Unusable(NamedTuple):
    """While the block of `arranged` runs it is; `says` is why, by the bot."""

    arranged: Callable[[Scene], AbstractContextManager[None]]
    says: str


@contextmanager
def _full_disk(scene: Scene) -> Iterator[None]:
    with scene.bots.full_disk():
        yield


@contextmanager
def _instead(scene: Scene) -> Iterator[Path]:
    """Another file lies in the place of the database; that is put aside with all that belongs to it."""
    aside = scene.folder / "aside"
    aside.mkdir()
    ours = sorted(scene.folder.glob("bot.db*"))
    for file in ours:
        file.rename(aside / file.name)
    yield aside / scene.database.name
    for file in scene.folder.glob("bot.db*"):
        file.unlink()
    for file in aside.iterdir():
        file.rename(scene.folder / file.name)
    aside.rmdir()


@contextmanager
def _no_database(scene: Scene) -> Iterator[None]:
    with _instead(scene):
        scene.database.write_text("Dear diary, " * 1000)
        yield


@contextmanager
def _damaged(scene: Scene) -> Iterator[None]:
    with _instead(scene) as ours:
        # A copy: the original is still to be used, and so is the log that a killed bot has left beside it.
        copied = shutil.copytree(ours.parent, scene.folder / "copied")
        with closing(sqlite3.connect(copied / ours.name)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = (copied / ours.name).read_bytes()
        scene.database.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))
        shutil.rmtree(copied)
        yield


@contextmanager
def _locked(scene: Scene) -> Iterator[None]:
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


AT_ONCE = (
    Unusable(_full_disk, "the disk (is full|cannot be read or written)"),
    Unusable(_no_database, "it is not an SQLite database"),
    Unusable(_damaged, "the database is damaged"),
)
AFTER_WAITING = (Unusable(_locked, "another process keeps the database locked"),)
"""Whoever locks it may be done in a moment, so the bot waits for ten seconds."""


async def refuses_to_start(scene: Scene, unusable: Unusable) -> None:
    """Start a bot, and see it end by itself with one line and no other trace."""
    with unusable.arranged(scene):
        async with scene.bots.bot() as bot:
            assert await bot.ended() == 1
            line = await bot.says(f"^aftershock: {scene.database}: {unusable.says}$")
            assert bot.log == line
