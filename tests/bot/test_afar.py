"""Buttons about another chat: short enough, read back as they were meant, and valid with hostile names."""

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.afar import Afar, afar_of, at, long_id, short_id, shown_afar
from bot.commands.table import COMMANDS, perform
from bot.delivery.split import MAX_UNITS, plain, utf16_units
from bot.playground.markup import parse_html
from bot.talk.comings import welcome
from bot.words.answer import Answer, Button, Place
from bot.words.texts import Html, Texts, every_language, placeholders
from bot.words.wording import Wording
from storage.chats import ensure_chat
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk

LONGEST_ID = -1_999_999_999_999
HOSTILE = ("<b>&amp;\u202e🔥" * 30)[:255]


@given(st.integers(-(2**52), 2**52), st.text(min_size=1, max_size=20))
def test_what_a_button_asks_about_another_chat_is_read_back(chat_id: int, data: str) -> None:
    assert long_id(short_id(chat_id)) == chat_id
    assert afar_of(at(chat_id, data)) == Afar(chat_id, data)


@pytest.mark.parametrize("data", ["", "at", "at:", "at:z", "at:z:", "at:!:status", "at::status", "here:mute"])
def test_other_data_ask_about_no_other_chat(data: str) -> None:
    assert afar_of(data) is None


@given(st.text())
def test_no_data_are_a_bug(data: str) -> None:
    found = afar_of(data)
    assert found is None or at(found.chat_id, found.data)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_answer_of_every_command_can_be_shown_for_another_chat(language: str) -> None:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        channel = ensure_chat(desk.db, LONGEST_ID, "channel", HOSTILE, NOW)
        ask = replace(ask_of(desk, language=language), chat=channel, afar=True)
        for command in COMMANDS:
            said = await perform(ask, command)
            shown = shown_afar(ask.words, said, channel)
            parse_html(shown.text)
            assert plain(shown.text).startswith(HOSTILE)
            assert utf16_units(plain(shown.text)) <= MAX_UNITS
            data = [button.data for row in shown.buttons for button in row]
            assert len(data) == 1 + sum(map(len, said.buttons))
            assert all(len(each.encode()) <= 64 for each in data)
            assert {afar.chat_id for each in data if (afar := afar_of(each))} == {LONGEST_ID}


def test_a_button_that_is_too_long_is_left_out_and_said_to_be_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    with new_desk() as desk:
        chat = ensure_chat(desk.db, LONGEST_ID, "channel", "News", NOW)
        said = Answer(Html("x"), ((Button("a", "status"), Button("b", "x" * 60)), (Button("c", "y" * 60),)))
        shown = shown_afar(ask_of(desk).words, said, chat)
    assert [[button.text for button in row] for row in shown.buttons] == [["a"], ["Settings"]]
    assert "Bug: the button" in caplog.text


def test_a_note_alone_stays_one() -> None:
    with new_desk() as desk:
        chat = ensure_chat(desk.db, LONGEST_ID, "channel", "News", NOW)
        said = Answer(Html(), place=Place.NOWHERE, note="out of date")
        assert shown_afar(ask_of(desk).words, said, chat) == said


@pytest.mark.parametrize("texts", every_language().values(), ids=lambda texts: texts.language)
def test_every_sentence_about_a_chat_is_valid_with_a_hostile_title(texts: Texts) -> None:
    words = Wording(texts, UTC, NOW)
    for key in texts.forms:
        if key.split(".")[0] in {"rights", "back", "admission", "channel", "afar", "here", "place", "group"}:
            wanted = frozenset().union(*map(placeholders, texts.forms[key]))
            text = words(key, **{**dict.fromkeys(wanted, HOSTILE), "n": 2})
            parse_html(text)
            assert utf16_units(plain(text)) <= MAX_UNITS
    for is_forum in (False, True):
        parse_html(welcome(words, is_forum=is_forum).text)
