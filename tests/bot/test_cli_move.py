"""`python -m bot move`: what it says, and what it refuses."""

from contextlib import closing
from pathlib import Path

import click
import pytest

from bot.verbs.moving import move_all
from storage.database import IN_MEMORY, StorageError, open_database
from storage.market import load_market, save_facts
from tests.storage.facts import ONE_OF_EACH, as_lists


@pytest.fixture
def source(tmp_path: Path) -> str:
    with closing(open_database(tmp_path / "here.db")) as db:
        save_facts(db, ONE_OF_EACH)
    return str(tmp_path / "here.db")


def test_it_says_how_much_was_moved_and_what_is_to_be_done(source: str, tmp_path: Path) -> None:
    target = str(tmp_path / "there.db")
    said = move_all(source, target)
    assert said.startswith("moved 10 rows in ")
    assert f" tables to {target}; every count and checksum agrees. Set AFTERSHOCK_DATABASE" in said
    assert said.endswith(f"{source} is left as it was.")
    with closing(open_database(source)) as here, closing(open_database(target)) as there:
        assert as_lists(load_market(there)) == as_lists(load_market(here)) != {}


def test_a_database_is_not_moved_into_itself_or_out_of_nothing(source: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(source)
    for target in (source, str(tmp_path / "link.db"), IN_MEMORY):
        with pytest.raises(click.BadParameter, match=r"is to be moved|in memory"):
            move_all(source, target)
    with pytest.raises(StorageError, match="there is no database"):
        move_all(str(tmp_path / "nowhere.db"), str(tmp_path / "there.db"))
    assert not (tmp_path / "there.db").exists()
