"""Which command is offered to somebody who writes one that does not exist."""

import pytest

from bot.commands.near import line_near
from bot.commands.table import BY_NAME, answer
from tests.bot.desks import ask_of, new_desk


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("statsu", "status"),
        ("unmute", "mute off"),
        ("resume", "stop off"),
        ("btc", "status btc"),
        ("price", "status btc"),
        ("oi", "leverage"),
        ("Funding", "leverage"),
        ("support", "levels"),
        ("set", "settings"),
        ("unsub", "unsubscribe"),
        ("s", None),
        ("hi", None),
        ("all", None),
        ("frobnicate", None),
    ],
)
def test_the_nearest_command_line_is_found(name: str, line: str | None) -> None:
    assert line_near(name, tuple(BY_NAME)) == line


async def test_a_button_does_what_was_probably_meant() -> None:
    with new_desk() as desk:
        said = await answer(ask_of(desk), "btc")
    assert said.text == "I do not know /btc. Did you mean /status btc?"
    assert [(button.text, button.data) for row in said.buttons for button in row] == [
        ("/status btc", "status:btc")
    ]
