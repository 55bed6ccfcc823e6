"""Outcomes on disk: together where they come together, again and again where the disk refuses."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.delivery import outcomes
from bot.delivery.outcomes import Outcomes
from storage.database import Database, StorageError, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "bot.db")
    db.execute("CREATE TABLE said (word TEXT UNIQUE)")
    yield db
    db.close()


def saying(db: Database, word: str) -> Callable[[], None]:
    def say() -> None:
        db.execute("INSERT INTO said VALUES (?)", (word,))

    return say


def said(db: Database) -> list[str]:
    return [word for (word,) in db.rows("SELECT word FROM said ORDER BY rowid")]


async def test_what_ends_together_is_one_transaction(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    outer: list[None] = []
    monkeypatch.setattr(db, "transaction", counting(db, outer))
    store = Outcomes(db).store
    await asyncio.gather(*(store(saying(db, word)) for word in "abc"))
    assert said(db) == ["a", "b", "c"]
    assert len(outer) == 1


def counting(db: Database, outer: list[None]) -> Callable[[], object]:
    plain, depth = db.transaction, 0

    @contextmanager
    def transaction() -> Iterator[None]:
        nonlocal depth
        outer.extend([None] if depth == 0 else [])
        depth += 1
        with plain():
            yield
        depth -= 1

    return transaction


async def test_a_bug_in_one_takes_no_other_back(db: Database) -> None:
    store = Outcomes(db).store
    results = await asyncio.gather(*(store(saying(db, word)) for word in "aab"), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), sqlite3.IntegrityError, type(None)]
    assert said(db) == ["a", "b"]


async def test_a_disk_that_refuses_is_asked_again_and_complained_of_once(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, outcomes.__name__)
    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    refusals = [StorageError("the disk is full")] * 3

    def writing(word: str) -> Callable[[], None]:
        def write() -> None:
            if refusals:
                raise refusals.pop()
            saying(db, word)()

        return write

    store = Outcomes(db).store
    await asyncio.gather(store(saying(db, "a")), store(writing("b")))
    complaint, relief = "Outcomes cannot be stored yet: the disk is full", "Outcomes can be stored again"
    assert caplog.messages == [complaint, relief]
    refusals.append(StorageError("the disk is full"))
    await store(writing("c"))
    assert caplog.messages == 2 * [complaint, relief]
    assert said(db) == ["a", "b", "c"]


async def test_told_to_stop_it_tries_no_more(db: Database) -> None:
    def refuse() -> None:
        raise StorageError("the disk is full")

    kept = Outcomes(db)
    waiting = asyncio.create_task(kept.store(refuse))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    kept.stop()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert said(db) == []
