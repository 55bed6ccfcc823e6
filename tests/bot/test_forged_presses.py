"""Buttons pressed by people who have no right to, and button data that no button ever had."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.table import COMMANDS, OPERATOR_COMMANDS
from tests.bot.offline import (
    ALICE,
    GROUP,
    MALLORY,
    MOST_DATA_BYTES,
    Hearing,
    Troubles,
    buttons_of,
    check_calls,
    open_hearing,
)

OPEN_TO_ALL = {"acknowledgements"}
"""Whoever is in a group may take an alert: that is what it is for."""
SETUP = (
    "/subscribe all",
    "/alert btc < 90000",
    "/alert eth > 9000",
    "here:alerts:save:1",
    "/mute 8h",
    "/brief on 08:00",
    "/board",
    "/timezone Asia/Shanghai",
    "/quiet 22:00 07:00",
)
MOST_WALKED = 500


async def do(hearing: Hearing, line: str, chat, who: int):
    if line.startswith("/"):
        return await hearing.say(line, chat, who)
    return await hearing.press(line, chat, who)


@asynccontextmanager
async def furnished() -> AsyncIterator[Hearing]:
    """A group that has chosen something of everything, and its people are plain members."""
    async with open_hearing() as hearing:
        hearing.telegram.status = "administrator"
        for line in SETUP:
            await do(hearing, line, GROUP, 7)
        yield hearing


async def walk(hearing: Hearing, chat, who: int) -> set[str]:
    """Every button that can be come to from any command, each pressed once."""
    calls = []
    for command in (*COMMANDS, *OPERATOR_COMMANDS):
        calls += await hearing.say(f"/{command.name}", chat, who)
    seen: set[str] = set()
    waiting = list(dict.fromkeys(buttons_of(calls)))
    while waiting and len(seen) < MOST_WALKED:
        data = waiting.pop(0)
        seen.add(data)
        if "forget" in data:
            # It would take everything with it that other buttons are about.
            continue
        found = await hearing.press(data, chat, who)
        check_calls(found)
        known = {_shape(each) for each in (*seen, *waiting)}
        waiting += [each for each in dict.fromkeys(buttons_of(found)) if _shape(each) not in known]
    return seen


def _shape(data: str) -> str:
    """Without the numbers of what was made on the way: they lead on without end."""
    return re.sub(r"\d{3,}", "N", data)


@pytest.fixture(scope="module")
def every_button() -> set[str]:
    async def found() -> set[str]:
        async with furnished() as hearing:
            in_group = await walk(hearing, GROUP, 7)
        async with furnished() as hearing:
            return in_group | await walk(hearing, hearing.operators_chat, ALICE)

    with Troubles() as troubles:
        seen = asyncio.run(found())
    assert troubles.lines == []
    return seen


def test_every_command_with_buttons_is_walked_through(every_button: set[str]) -> None:
    names = {data.removeprefix("here:").split(":")[0] for data in every_button}
    assert {"subscribe", "alerts", "mute", "brief", "timezone", "language", "quiet", "cap", "admin"} <= names
    assert 60 < len(every_button) < MOST_WALKED


@pytest.mark.parametrize("status", ["member", "restricted", "left", "kicked"])
async def test_no_button_that_any_answer_shows_changes_anything_for_who_has_no_right(
    every_button: set[str], status: str
) -> None:
    async with furnished() as hearing:
        hearing.telegram.status = status
        await hearing.press("status", GROUP, MALLORY)
        before = hearing.dump()
        for data in sorted(every_button):
            await hearing.press(data, GROUP, MALLORY)
            assert unpermitted(before, hearing.dump()) == [], data


async def test_the_same_buttons_do_change_something_for_an_administrator(every_button: set[str]) -> None:
    changing = 0
    async with furnished() as hearing:
        for data in sorted(every_button):
            before = hearing.dump()
            await hearing.press(data, GROUP, 7)
            changing += bool(unpermitted(before, hearing.dump()))
    assert changing > 20


async def test_nobody_changes_in_private_what_belongs_to_others_or_to_operators(
    every_button: set[str],
) -> None:
    private = {"id": MALLORY, "type": "private", "first_name": "Mallory"}
    async with furnished() as hearing:
        hearing.telegram.status = "member"
        before = not_of(MALLORY, hearing.dump())
        for data in sorted(every_button):
            if not data.startswith("alert"):
                await hearing.press(data, private, MALLORY)
                assert unpermitted(before, not_of(MALLORY, hearing.dump())) == [], data
        for name in ("admin", "broadcast", "levels set support 1 2"):
            await hearing.say(f"/{name}", private, MALLORY)
        assert unpermitted(before, not_of(MALLORY, hearing.dump())) == []


def not_of(person: int, dump):
    return {table: [row for row in rows if person not in row] for table, rows in dump.items()}


def unpermitted(before, after) -> list[str]:
    return [table for table in before if table not in OPEN_TO_ALL and before[table] != after[table]]


VOCABULARY = (
    "subscribe unsubscribe mute brief board alerts alert cap quiet here stop forget export language timezone "
    "start settings channel chart why ack history status admin broadcast levels compare scorecard admit at "
    "on off all verdict premium yes no save delete list page 1 2 8h 7d 2024 zh en subscribe_all R-1 A-1 back "
    "send stop now set 07:00 true btc eth"
)
WORDS = st.sampled_from(VOCABULARY.split())
SPELT = st.sampled_from(["lower", "upper", "title", "swapcase"])
CASED = st.builds(lambda word, how: str(getattr(word, how)()), WORDS, SPELT)
ODD = st.sampled_from(
    ["", " ", "\n", "\u202e", "0", "-1", "9" * 30, "z" * 40, "１", "ı", "ſ", "<b>", "\0", "🦈"]
)
PART = st.one_of(CASED, CASED, CASED, ODD, st.text(max_size=6))
DATA = (
    st.tuples(
        st.sampled_from(["", "here:", "HERE:", "at:x:", "at:zzzzzzzzzzzzzzzzz:", "admit:-2n9c:"]),
        st.lists(PART, min_size=1, max_size=4).map(":".join),
    )
    .map("".join)
    .map(lambda data: data.encode(errors="ignore")[:MOST_DATA_BYTES].decode(errors="ignore"))
    .filter(bool)
)


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def group(runner: asyncio.Runner):
    made = furnished()
    hearing = runner.run(made.__aenter__())
    hearing.telegram.status = "member"
    runner.run(hearing.press("status", GROUP, MALLORY))
    yield hearing
    runner.run(made.__aexit__(None, None, None))


@settings(deadline=None)
@given(data=DATA)
def test_forged_data_change_nothing_for_who_has_no_right_and_break_nothing(runner, group, data: str) -> None:
    before = group.dump()
    with Troubles() as troubles:
        check_calls(runner.run(group.press(data, GROUP, MALLORY)))
    assert troubles.lines == []
    assert unpermitted(before, group.dump()) == []


@settings(deadline=None)
@given(data=DATA)
def test_forged_data_in_private_break_nothing(runner, group, data: str) -> None:
    chat = {"id": MALLORY, "type": "private", "first_name": "<u>Mallory</u>"}
    with Troubles() as troubles:
        check_calls(runner.run(group.press(data, chat, MALLORY)))
    assert troubles.lines == []


@pytest.mark.parametrize(
    "data", ["MUTE:8h", "Subscribe:verdict", "here:Alerts:delete:1:yes", "Stop", "EXPORT", "Timezone:UTC"]
)
async def test_capital_letters_open_no_door(data: str) -> None:
    async with furnished() as hearing:
        hearing.telegram.status = "member"
        await hearing.press("status", GROUP, MALLORY)
        before = hearing.dump()
        calls = await hearing.press(data, GROUP, MALLORY)
        assert [name for name, _ in calls if name.startswith("send")] == []
        assert unpermitted(before, hearing.dump()) == []
