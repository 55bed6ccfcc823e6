"""Whatever people write: every command with any words, names that are markup, sentences of noise."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.table import COMMANDS, OPERATOR_COMMANDS
from tests.bot.offline import ALICE, Hearing, Troubles, check_calls, open_hearing, shown

EVIL = '<u>evil</u><a href="tg://user?id=666">here</a>&lt;'
WORDS = st.sampled_from([
    "on", "off", "all", "btc", "eth/btc", "8h", "2024", "A-1", "R-1", "yes", "set", "<",
    ">", "support", "new low", "and", "for", "%", "07:00", "Asia/Shanghai", "zh", "send", "note",
    "2025-11-03", "btc < 90000",
])  # fmt: skip
ODD = st.sampled_from([
    EVIL, "9" * 400, "-1", "1e999", "nan", "\u202e" * 5, "\u200b", "e\u0301" * 50, "x" * 4000, "１２３", "٣",
    "%s", "{0}", "{name}", "../../etc", "'; DROP TABLE chats; --", "A-" + "9" * 30, "\u2028", "🦈" * 30,
    "比特币", "跌破",
])  # fmt: skip
NOISE = st.lists(WORDS | WORDS | ODD | st.text(max_size=12), max_size=6).map(" ".join)
NAMES = [command.name for command in (*COMMANDS, *OPERATOR_COMMANDS)]
CHATS = [
    {"id": ALICE, "type": "private", "first_name": EVIL},
    {"id": 777, "type": "private", "first_name": EVIL, "last_name": "\u202e"},
    {"id": -100123, "type": "supergroup", "title": EVIL},
]


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def hearing(runner: asyncio.Runner):
    made = open_hearing()
    hearing = runner.run(made.__aenter__())
    hearing.telegram.status = "administrator"
    yield hearing
    runner.run(made.__aexit__(None, None, None))


def check(hearing: Hearing, runner: asyncio.Runner, text: str, chat: dict[str, Any]) -> None:
    who = max(chat["id"], 777)
    with Troubles() as troubles:
        calls = runner.run(hearing.say(text[:4096], chat, who, **{"from": _evil(who)}))
    assert troubles.lines == []
    check_calls(calls)
    for formatted in shown(calls):
        kinds = {each["type"] for each in formatted.entities}
        assert "underline" not in kinds
        assert "tg://user" not in str(formatted.entities)


def _evil(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": EVIL, "language_code": "zh" if who % 2 else "en"}


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=max(settings.default.max_examples // 8, 1) if settings.default else 12)
@given(words=NOISE, chat=st.sampled_from(CHATS))
def test_a_command_with_any_words_is_answered_with_what_telegram_takes(
    runner: asyncio.Runner, hearing: Hearing, name: str, words: str, chat: dict[str, Any]
) -> None:
    check(hearing, runner, f"/{name} {words}", chat)


@settings(deadline=None)
@given(words=NOISE.filter(str.strip))
def test_words_without_a_command_are_answered_with_what_telegram_takes(
    runner: asyncio.Runner, hearing: Hearing, words: str
) -> None:
    check(hearing, runner, words.removeprefix("/"), CHATS[1])


@settings(deadline=None, max_examples=max(settings.default.max_examples // 2, 1) if settings.default else 50)
@given(words=NOISE)
def test_inline_queries_are_answered_with_what_telegram_takes(
    runner: asyncio.Runner, hearing: Hearing, words: str
) -> None:
    query = {"id": "1", "from": _evil(777), "query": words[:256], "offset": ""}
    with Troubles() as troubles:
        check_calls(runner.run(hearing.hear(inline_query=query)))
    assert troubles.lines == []
