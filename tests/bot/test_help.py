"""`/help`: grouped by purpose, and each command explained with an example that works."""

import pytest

from bot.commands.help import purpose_of
from bot.commands.table import COMMANDS, answer
from bot.playground.markup import parse_html
from bot.words.answer import Answer
from tests.bot.desks import ask_of, new_desk


async def said(*args: str, language: str = "en") -> Answer:
    with new_desk() as desk:
        return await answer(ask_of(desk, *args, language=language), "help")


def shown(found: Answer) -> list[str]:
    return parse_html(found.text).text.splitlines()


async def test_commands_are_grouped_by_what_they_are_for():
    lines = shown(await said())
    asked, heard, chosen = (
        lines.index(title) for title in ("Commands: ask", "Hear", "Set, and know the bot")
    )
    assert any(line.startswith("/premium ") for line in lines[asked:heard])
    assert any(line.startswith("/mute ") for line in lines[heard:chosen])
    assert any(line.startswith("/language ") for line in lines[chosen:])
    assert sum(line.startswith("/") for line in lines) == len(COMMANDS)


def test_whatever_changes_a_chat_is_not_offered_as_a_question():
    assert [c.name for c in COMMANDS if purpose_of(c) == "ask" and c.changes_settings(("word",))] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
async def test_every_command_is_explained_with_an_example(command: str, language: str):
    found = await said(command, language=language)
    lines = shown(found)
    assert lines[0].startswith(f"/{command} ")
    assert any(f"/{command}" in line for line in lines[1:])
    assert found.buttons[0][0].data == command


async def test_a_condition_is_explained_by_its_rule_and_the_words_for_it():
    lines = shown(await said("premium"))
    assert lines[1].startswith("Met when at least 90 % of a US session's samples")
    assert lines[-1] == "In your own words: premium, us premium, coinbase, coinbase premium, cb premium"


@pytest.mark.parametrize(
    ("word", "command"), [("/etf", "etf"), ("溢价", "premium"), ("OI", "leverage"), ("btc", "status")]
)
async def test_a_command_is_found_by_what_it_tells(word: str, command: str):
    assert shown(await said(word))[0].startswith(f"/{command} ")


async def test_what_is_no_command_is_pointed_at():
    assert shown(await said("doge"))[0] == (
        "I did not understand doge. Use it alone, or with a command, for example /help premium"
    )
