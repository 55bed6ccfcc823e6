"""The line below an alert that somebody took: any name, any length, and never over Telegram's limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.split import plain, utf16_units
from bot.playground.markup import parse_html
from bot.words.taken import buttons_with_taken, shown_name, taken_line, with_taken
from bot.words.texts import every_language
from storage.acknowledgements import Taken
from tests.bot.desks import NOW
from tests.bot.test_pinned import LANGUAGES, words

ANN = Taken(7, "Ann", NOW)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Lee", "\u2068Ann Lee\u2069"),
        ("\u202eevil\u2066", "\u2068evil\u2069"),
        ("a\nb\t c", "\u2068a b c\u2069"),
        ("👩\u200d👧", "\u2068👩\u200d👧\u2069"),
        ("x" * 80, "\u2068" + "x" * 63 + "…\u2069"),
        ("\u200b\u2060", "somebody without a name"),
        ("\u200d", "somebody without a name"),
    ],
)
def test_how_names_are_shown(name: str, shown: str):
    assert shown_name(words(), name) == shown


@pytest.mark.parametrize("language", LANGUAGES)
@given(name=st.text(max_size=200))
def test_whatever_the_name_it_is_one_line_of_valid_markup(language: str, name: str):
    line = taken_line(words(language), Taken(7, name, NOW))
    assert "\n" not in line
    shown = parse_html(f"<b>A-1</b>\n{line}").text
    assert shown.startswith("A-1\n✋")


def test_a_text_that_fills_a_message_makes_room_for_the_line():
    line = taken_line(words(), ANN)
    full = "<b>" + "🦈 &amp; " * 900 + "</b>"
    text = with_taken(full, line)
    assert utf16_units(plain(text)) <= 4096
    assert text.endswith(line)
    parse_html(text)


def test_a_text_without_a_line_is_the_text():
    assert with_taken("as it was", every_language()["en"]("gist.missing").__class__()) == "as it was"


def test_only_the_button_that_takes_this_alert_gives_it_back():
    row = [{"text": "I take it", "data": f"ack:A-{number}"} for number in (1, 12)]
    [[first, second]] = buttons_with_taken(words(), [row], {1: ANN})
    assert first == {"text": "Give it back", "data": "ack:A-1:back"}
    assert second == row[1]


def test_who_is_anonymous_is_not_named():
    assert "anonymous administrator" in taken_line(words(), Taken(7, "", NOW))
