import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import IN_MEMORY, Database, StorageError, TakenError, open_database
from storage.sole import sole_use


def test_a_second_bot_on_a_database_is_refused(db: Database, other: Database) -> None:
    with sole_use(db):
        with pytest.raises(TakenError) as caught, sole_use(other):
            pass
        assert str(caught.value) == f"{db.name}: another bot is running on this database; stop it first"
    with sole_use(other):
        pass


def test_others_may_read_and_write_meanwhile(db: Database, other: Database) -> None:
    with sole_use(db):
        other.execute("INSERT INTO jobs (job) VALUES ('a')")
        assert db.rows("SELECT job FROM jobs") == [("a",)]


def test_a_bot_that_was_killed_holds_nothing(db: Database, where: str) -> None:
    program = (
        "from storage.database import open_database\nfrom storage.sole import sole_use\n"
        f"with sole_use(open_database({where!r})): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(TakenError), sole_use(db):
                pass
        finally:
            process.kill()
            process.wait(10)
    with sole_use(db):
        pass


def test_a_database_in_memory_is_everybodys_own() -> None:
    with closing(open_database(IN_MEMORY)) as db, sole_use(db), sole_use(db):
        pass


def test_a_damaged_file_beside_the_database_is_said_in_one_line(path: Path) -> None:
    Path(f"{path}-bot").write_text("Dear diary, " * 1000)
    with (
        closing(open_database(path)) as db,
        pytest.raises(StorageError, match="-bot: the file cannot be used"),
        sole_use(db),
    ):
        pass
