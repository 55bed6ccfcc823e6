import subprocess
import sys

import pytest

from storage.database import IN_MEMORY, StorageError, open_database
from storage.sole import sole_use


def test_a_second_bot_on_a_database_is_refused(tmp_path):
    path = tmp_path / "bot.db"
    refused = pytest.raises(StorageError, match=r"bot\.db: another bot is running on this database")
    with sole_use(path), refused, sole_use(path):
        pass
    with sole_use(path):
        pass


def test_others_may_read_and_write_meanwhile(tmp_path):
    with sole_use(tmp_path / "bot.db"):
        open_database(tmp_path / "bot.db").close()


def test_a_bot_that_was_killed_holds_nothing(tmp_path):
    path = tmp_path / "bot.db"
    program = (
        f"from storage.sole import sole_use\nwith sole_use({str(path)!r}): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(StorageError), sole_use(path):
                pass
        finally:
            process.kill()
            process.wait(10)
    with sole_use(path):
        pass


def test_a_database_in_memory_is_everybodys_own():
    with sole_use(IN_MEMORY), sole_use(IN_MEMORY):
        pass


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"), sole_use(tmp_path / "nowhere" / "bot.db"):
        pass
