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


async def test_one_that_is_refused_whatever_comes_holds_up_no_other_and_is_set_aside(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, outcomes.__name__)
    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    tries: list[None] = []

    def refused() -> None:
        saying(db, "half")()
        tries.append(None)
        raise StorageError("the row is damaged")

    store = Outcomes(db).store
    bad = asyncio.create_task(store(refused))
    words = [f"{number:03}" for number in range(100)]
    async with asyncio.timeout(10):
        await asyncio.gather(*(store(saying(db, word)) for word in "ab"))
        for word in words:
            await store(saying(db, word))
            # As much time as it takes to try the other one again.
            await asyncio.sleep(0)
        with pytest.raises(StorageError, match="the row is damaged"):
            await bad
    assert said(db) == ["a", "b", *words]
    assert len(tries) > outcomes.MOST_REFUSALS
    # Whoever waited for it says that it is set aside.
    assert len(caplog.messages) <= 2


async def test_one_that_is_refused_for_a_while_is_stored_after_all(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    refusals = [StorageError("somebody keeps the row locked")] * (outcomes.MOST_REFUSALS - 1)

    def write() -> None:
        if refusals:
            raise refusals.pop()
        saying(db, "late")()

    store = Outcomes(db).store
    late = asyncio.create_task(store(write))
    async with asyncio.timeout(10):
        for word in map(str, range(20)):
            await store(saying(db, word))
        await late
    assert "late" in said(db)
    assert len(said(db)) == 21


async def test_where_the_database_takes_nothing_nobody_is_set_aside(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, outcomes.__name__)
    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    left = 300

    def writing(word: str) -> Callable[[], None]:
        def write() -> None:
            nonlocal left
            left -= 1
            if left > 0:
                raise StorageError("the disk is full")
            saying(db, word)()

        return write

    store = Outcomes(db).store
    async with asyncio.timeout(10):
        await asyncio.gather(*(store(writing(word)) for word in "abcdefghij"))
    assert sorted(said(db)) == list("abcdefghij")
    assert caplog.messages == [
        "Outcomes cannot be stored yet: the disk is full",
        "Outcomes can be stored again",
    ]


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
