"""Which part of the bot a process plays: told by its options, its database and the address of the webhook."""

from pathlib import Path
from typing import Any

import click
import pytest

from bot import alone
from bot.__main__ import cli
from bot.shared import web, worker

POSTGRES, ADDRESS = "postgresql://db.example/aftershock", "https://bot.example"


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, Any]]:
    """What was played, with what it was told."""
    found: list[tuple[str, Any]] = []
    for module, name in ((alone, "run"), (worker, "work"), (web, "serve")):

        async def play(_settings: object, _complaints: object, part: str = name, **told: bool) -> None:
            found.append((part, told))

        monkeypatch.setattr(module, name, play)
    # No .env of whoever runs the tests.
    monkeypatch.chdir(tmp_path)
    for setting in ("DATABASE_URL", "AFTERSHOCK_WEBHOOK_URL", "AFTERSHOCK_DATABASE"):
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:x")
    return found


@pytest.mark.parametrize(
    ("settings", "options", "part", "told"),
    [
        ({}, [], "run", {"webhook": False}),
        ({"AFTERSHOCK_WEBHOOK_URL": ADDRESS}, ["--webhook"], "run", {"webhook": True}),
        ({"AFTERSHOCK_WEBHOOK_URL": ADDRESS}, ["--worker"], "run", {"webhook": False}),
        ({"DATABASE_URL": POSTGRES}, [], "work", {"hears": True}),
        ({"DATABASE_URL": POSTGRES}, ["--worker"], "work", {"hears": True}),
        ({"DATABASE_URL": POSTGRES, "AFTERSHOCK_WEBHOOK_URL": ADDRESS}, [], "work", {"hears": True}),
        (
            {"DATABASE_URL": POSTGRES, "AFTERSHOCK_WEBHOOK_URL": ADDRESS},
            ["--worker"],
            "work",
            {"hears": False},
        ),
        ({"DATABASE_URL": POSTGRES, "AFTERSHOCK_WEBHOOK_URL": ADDRESS}, ["--webhook"], "serve", {}),
    ],
)
def test_what_a_process_does(played, monkeypatch, settings, options, *, part, told) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    cli.main(["run", *options], standalone_mode=False)
    assert played == [(part, told)]


def test_a_process_is_not_both(played) -> None:
    with pytest.raises(click.UsageError, match="two processes"):
        cli.main(["run", "--webhook", "--worker"], standalone_mode=False)
    assert played == []
