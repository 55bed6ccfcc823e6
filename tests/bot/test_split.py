"""Long messages in parts, held against the playground's parser, which does not know the splitter."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.delivery.split import MAX_UNITS, cut, plain, split, utf16_units
from bot.playground.entities import Formatted
from bot.playground.entities import utf16_units as units_by_encoding
from bot.playground.markup import parse_html

# Texts as they come: words, lines, references, characters outside the first plane, long unbroken runs.
TEXTS = st.one_of(
    st.text("ab \n.", min_size=1, max_size=40),
    st.sampled_from(
        ["&lt;", "&amp;", "&quot;x", "&#128200;", "&#x20ac ", "&nbsp;", "&", "📉📈", "溢价", "e\u0301"]
    ),
    st.text("xyz", min_size=30, max_size=60),
)
TAGS = st.sampled_from(
    [
        ("<b>", "</b>"),
        ("<i>", "</i>"),
        ("<U>", "</u>"),
        ("<code>", "</code>"),
        ("<tg-spoiler>", "</tg-spoiler>"),
        ("<blockquote expandable>", "</blockquote>"),
        ('<a href="https://example.com/?a=1&amp;b=>2">', "</a>"),
    ]
)


def _inside(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tagged = st.builds(lambda tag, inner: tag[0] + inner + tag[1], TAGS, children)
    return st.one_of(tagged, st.lists(children, max_size=5).map("".join))


MARKUP = st.recursive(TEXTS, _inside, max_leaves=30)


@settings(deadline=None)
@given(MARKUP, st.integers(2, 60))
def test_every_part_is_markup_that_telegram_takes(markup: str, limit: int) -> None:
    for part in split(markup, limit):
        shown = parse_html(part).text
        assert shown.strip()
        assert units_by_encoding(shown) <= limit


@settings(deadline=None)
@given(MARKUP, st.integers(2, 60))
@example("<b>" + "a" * 50 + "</b>", 10)
@example("<b>a " + " " * 30 + " b</b>", 4)
def test_the_parts_say_what_the_whole_says_in_the_same_type(markup: str, limit: int) -> None:
    whole = list(_styled(parse_html(markup)))
    parts = [character for part in split(markup, limit) for character in _styled(parse_html(part))]
    # White space that would have been a message of its own is left out.
    assert _visible(parts) == _visible(whole)


@given(st.text("<>/&;\"'=b ai#x1\n", max_size=60), st.integers(2, 10))
def test_no_text_however_broken_stops_it(markup: str, limit: int) -> None:
    parts = split(markup, limit)
    assert "".join("".join(map(plain, parts)).split()) == "".join(plain(markup).split())


@given(MARKUP)
def test_plain_text_is_what_telegram_shows(markup: str) -> None:
    assert plain(markup) == parse_html(markup).text


@given(st.text())
def test_units_are_counted_as_utf16_does(text: str) -> None:
    assert utf16_units(text) == units_by_encoding(text)


def _styled(formatted: Formatted) -> Iterator[tuple[str, frozenset[str]]]:
    """Each character with the names of what it stands in."""
    offset = 0
    for character in formatted.text:
        around = (e for e in formatted.entities if e["offset"] <= offset < e["offset"] + e["length"])
        yield character, frozenset(f"{entity['type']} {entity.get('url')}" for entity in around)
        offset += units_by_encoding(character)


def _visible(styled: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    return [(character, style) for character, style in styled if character.strip()]


def test_a_message_that_fits_stays_as_it_is() -> None:
    markup = "<b>" + "é" * MAX_UNITS + "</b>"
    assert split(markup) == (markup,)


def test_tags_and_references_cost_nothing() -> None:
    markup = '<a href="https://example.com">&amp;</a>' * 500
    assert split(markup) == (markup,)


def test_one_unit_too_many_makes_two_parts() -> None:
    assert [len(part) for part in split("x" * (MAX_UNITS + 1))] == [MAX_UNITS, 1]


def test_characters_outside_the_first_plane_count_twice() -> None:
    assert [len(part) for part in split("📉" * 2049)] == [2048, 1]


def test_a_part_ends_after_a_line() -> None:
    assert split("one two\nthree four", 12) == ("one two\n", "three four")


def test_a_part_ends_after_a_word_where_no_line_does() -> None:
    assert split("one two three four", 12) == ("one two ", "three four")


def test_tags_that_are_open_are_closed_and_opened_again_with_all_they_carry() -> None:
    markup = '<blockquote expandable><a href="https://example.com">one two three</a></blockquote>'
    assert split(markup, 8) == (
        '<blockquote expandable><a href="https://example.com">one two </a></blockquote>',
        '<blockquote expandable><a href="https://example.com">three</a></blockquote>',
    )


def test_a_tag_that_ends_with_the_part_is_not_opened_again() -> None:
    assert split("<b>one\n</b>two", 4) == ("<b>one\n</b>", "two")


def test_a_blank_message_has_no_parts() -> None:
    assert split("<b> \n</b>") == ()
    assert cut("") == ("", "")


def test_cutting_what_is_left_gives_the_same_parts() -> None:
    markup = "<i>" + "word " * 3000 + "</i>"
    parts, rest = [], markup
    while rest:
        part, rest = cut(rest)
        parts.append(part)
    assert tuple(parts) == split(markup)
    assert len(parts) == 4


@pytest.mark.parametrize("markup", ["<b>x</b>" * 6000, "<b>" * 20_000 + "x" * 5000])
def test_markup_that_telegram_would_not_even_parse_comes_in_more_parts(markup: str) -> None:
    parts = split(markup)
    assert "".join(plain(part) for part in parts) == plain(markup)
    if markup.endswith("</b>"):
        assert max(len(part.encode()) for part in parts) <= 32 * 1024
