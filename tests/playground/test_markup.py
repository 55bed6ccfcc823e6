"""Telegram's HTML, as its server reads it."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import utf16_units
from bot.playground.json_types import Json
from bot.playground.markup import MarkupError, parse_html

READ = {
    "plain": ("a & b", "a & b", []),
    "bold": ("<b>x</b>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
    "strong is bold": ("<strong>x</strong>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
    "italic": ("<em>x</em>", "x", [{"type": "italic", "offset": 0, "length": 1}]),
    "underline": ("<ins>x</ins>", "x", [{"type": "underline", "offset": 0, "length": 1}]),
    "strikethrough": ("<del>x</del>", "x", [{"type": "strikethrough", "offset": 0, "length": 1}]),
    "spoiler": ("<tg-spoiler>x</tg-spoiler>", "x", [{"type": "spoiler", "offset": 0, "length": 1}]),
    "spoiler span": (
        '<span class="tg-spoiler">x</span>',
        "x",
        [{"type": "spoiler", "offset": 0, "length": 1}],
    ),
    "code": ("<code>x</code>", "x", [{"type": "code", "offset": 0, "length": 1}]),
    "pre": ("<pre>x</pre>", "x", [{"type": "pre", "offset": 0, "length": 1}]),
    "pre with a language": (
        '<pre><code class="language-py">x</code></pre>',
        "x",
        [{"type": "pre", "offset": 0, "length": 1, "language": "py"}],
    ),
    "code alone has no language": (
        '<code class="language-py">x</code>',
        "x",
        [{"type": "code", "offset": 0, "length": 1}],
    ),
    "link": (
        '<a href="https://a.example/?b=1&amp;c=2">x</a>',
        "x",
        [{"type": "text_link", "offset": 0, "length": 1, "url": "https://a.example/?b=1&c=2"}],
    ),
    "quote": ("<blockquote>x</blockquote>", "x", [{"type": "blockquote", "offset": 0, "length": 1}]),
    "expandable quote": (
        "<blockquote expandable>x</blockquote>",
        "x",
        [{"type": "expandable_blockquote", "offset": 0, "length": 1}],
    ),
    "nested, the outer one first": (
        "<b>a<i>b</i></b>",
        "ab",
        [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 1}],
    ),
    "an emoji counts twice": ("🔴<b>x</b>", "🔴x", [{"type": "bold", "offset": 2, "length": 1}]),
    "Chinese counts once": ("脆弱<b>x</b>", "脆弱x", [{"type": "bold", "offset": 2, "length": 1}]),
    "references": ("&lt;&gt;&amp;&quot;&#39;&#x4e2d;", "<>&\"'中", []),
    "unknown references stay": ("&nbsp;&ge;", "&nbsp;&ge;", []),
    "an empty tag is nothing": ("a<b></b>", "a", []),
    "an end tag without a name closes": ("<b>x</>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
    "tags in capitals": ("<B>x</B>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
}

REFUSED = {
    "unsupported tag": ("a<br>", 'Unsupported start tag "br" at byte offset 1'),
    "a lone less-than": ("1 <", "Unclosed start tag at byte offset 2"),
    "a less-than in a sentence": ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    "no end tag": ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    "crossed tags": (
        "<b><i>x</b></i>",
        'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    "an end tag too many": ("x</b>", "Unexpected end tag at byte offset 1"),
    "positions are bytes": ("中</b>", "Unexpected end tag at byte offset 3"),
    "an open end tag": ("<b>x</b", "Unclosed end tag at byte offset 4"),
    "an open start tag": ("<b", "Unclosed start tag at byte offset 0"),
    "an open attribute": ('<a href="x', "Unclosed start tag at byte offset 0"),
    "an attribute without a name": ("<i =a>", 'Empty attribute name in the tag "i" at byte offset 0'),
    "an odd name token": ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
    "a span that is no spoiler": (
        "<span>x</span>",
        'Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
}


@pytest.mark.parametrize(("markup", "text", "entities"), READ.values(), ids=READ)
def test_markup_is_read(markup: str, text: str, entities: list[Json]) -> None:
    formatted = parse_html(markup)
    assert formatted.text == text
    assert list(formatted.entities) == entities


@pytest.mark.parametrize(("markup", "complaint"), REFUSED.values(), ids=REFUSED)
def test_bad_markup_is_refused_in_telegrams_words(markup: str, complaint: str) -> None:
    with pytest.raises(MarkupError) as refusal:
        parse_html(markup)
    assert str(refusal.value) == complaint


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert parse_html(escape(text)).text == text


@given(st.lists(st.tuples(st.sampled_from(["b", "i", "u", "s", "code", "blockquote"]), st.text(min_size=1))))
def test_each_entity_covers_what_stood_in_its_tag(pieces: list[tuple[str, str]]) -> None:
    formatted = parse_html("".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in pieces))
    units = formatted.text.encode("utf-16-le")
    covered = [
        units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
        for entity in formatted.entities
    ]
    assert covered == [text for _, text in pieces]


@given(st.text(alphabet="<>/&;ab =\"'#x1中🔴"))
def test_any_markup_is_read_or_refused(markup: str) -> None:
    try:
        formatted = parse_html(markup)
    except MarkupError:
        return
    end = utf16_units(formatted.text)
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= end for e in formatted.entities)
