"""Answers of any length: every message is one that Telegram takes, and together they say it all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.split import plain
from bot.playground.entities import utf16_units
from bot.playground.formatting import MAX_CAPTION_UNITS, MAX_TEXT_UNITS
from bot.playground.markup import parse_html
from bot.talk.parts import in_parts, together
from bot.words.answer import Answer, Button, Document
from bot.words.texts import Html
from tests.bot.test_split import MARKUP

BUTTONS = ((Button("Why", "why"),),)
LONG_WORDS = st.sampled_from(["a" * 5000, "📉" * 2500, "溢价" * 1500, "&amp;" * 4200])
LONG_MARKUP = st.lists(
    st.one_of(
        st.tuples(MARKUP, st.integers(1, 300)).map(lambda drawn: drawn[0] * drawn[1]),
        LONG_WORDS.map(lambda word: f"<b>{word}</b>"),
    ),
    min_size=1,
    max_size=3,
).map("\n".join)


@settings(deadline=None, max_examples=60)
@given(LONG_MARKUP, st.sampled_from(["text", "photo", "document"]))
def test_every_part_fits_and_nothing_is_left_out(markup: str, what: str):
    photo = b"png" if what == "photo" else None
    document = Document("all.csv", b"1") if what == "document" else None
    parts = in_parts(Answer(Html(markup), BUTTONS, photo=photo, document=document))
    shown = [parse_html(part.text).text for part in parts]
    limits = [MAX_TEXT_UNITS if what == "text" else MAX_CAPTION_UNITS] + [MAX_TEXT_UNITS] * len(parts)
    assert all(utf16_units(text) <= limit for text, limit in zip(shown, limits, strict=False))
    assert "".join("".join(shown).split()) == "".join(plain(markup).split())
    assert [part.buttons for part in parts] == [()] * (len(parts) - 1) + [BUTTONS]
    assert [(part.photo, part.document) for part in parts[1:]] == [(None, None)] * (len(parts) - 1)
    assert (parts[0].photo, parts[0].document) == (photo, document)


def test_an_answer_that_fits_is_one_message():
    for answer in (
        Answer(Html("<b>x</b>"), BUTTONS),
        Answer(Html("x" * 1024), BUTTONS, photo=b"png"),
        Answer(Html()),
    ):
        assert in_parts(answer) == (answer,)


def test_a_caption_that_is_too_long_gives_way_to_its_first_line():
    text = Html("<b>Premium over 7 d</b>\n" + "line\n" * 300)
    first, second = in_parts(Answer(text, BUTTONS, photo=b"png"))
    assert first.text == "<b>Premium over 7 d</b>\n"
    assert second.text == "line\n" * 300


@pytest.mark.parametrize("end", [1, 2, 3])
def test_what_is_left_of_an_answer_is_one_again(end: int):
    parts = in_parts(Answer(Html("<i>" + "word " * 3000 + "</i>"), BUTTONS))
    left = together(parts[end:])
    assert plain(left.text) == "".join(plain(part.text) for part in parts[end:])
    assert left.buttons == BUTTONS
