"""Platforms run the program from its folder: nothing that names its version may need it to be installed."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import bot.release
from bot.commands.table import answer
from bot.playground.markup import parse_html
from bot.release import release
from tests.bot.desks import FRAGILE, ask_of, market_of_two_days, new_desk

OPERATOR = 1001


@pytest.fixture(autouse=True)
def _not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(bot.release, "version", version)


async def test_the_operators_page_comes_all_the_same() -> None:
    with new_desk(market_of_two_days()) as desk:
        desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({OPERATOR})})
        desk.standings = FRAGILE
        text = parse_html((await answer(ask_of(desk), "admin")).text).text
    assert release()[0].isdigit()
    assert release() in text


def test_without_the_project_file_it_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bot.release, "_PROJECT", tmp_path / "pyproject.toml")
    assert release() == "unknown"
