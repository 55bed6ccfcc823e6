"""What becomes of the text of a message: trimmed, held to the limits, with what is found in it."""

import pytest

from bot.playground.entities import detect_entities
from bot.playground.formatting import MAX_CAPTION_UNITS, MAX_ENTITIES, MAX_TEXT_UNITS, format_text
from bot.playground.refusals import RefusedError

FOUND = {
    "a command": ("see /status now", [("bot_command", "/status")]),
    "a command for one bot": ("/status@aftershock_bot", [("bot_command", "/status@aftershock_bot")]),
    "no command inside a ratio": ("ETH/BTC 105/107", []),
    "a link without the full stop": ("https://a.example/b.", [("url", "https://a.example/b")]),
    "no command inside a link": ("https://a.example/status", [("url", "https://a.example/status")]),
    "a mention": ("ask @alice", [("mention", "@alice")]),
    "a cashtag": ("$BTC up", [("cashtag", "$BTC")]),
    "no cashtag in a price": ("$28", []),
    "a hashtag": ("#crash", [("hashtag", "#crash")]),
    "behind an emoji": ("🔴 /why", [("bot_command", "/why")]),
}


@pytest.mark.parametrize(("text", "found"), FOUND.values(), ids=FOUND)
def test_commands_links_and_tags_are_found(text: str, found: list[tuple[str, str]]) -> None:
    units = text.encode("utf-16-le")
    named = [
        (e["type"], units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le"))
        for e in detect_entities(text)
    ]
    assert named == found


def test_nothing_is_found_in_code() -> None:
    assert [e["type"] for e in format_text("<code>/status</code>", "HTML", None, 4096).entities] == ["code"]


def test_white_space_around_a_message_goes_and_entities_move_with_it() -> None:
    formatted = format_text("  <b> hello </b>\n", "HTML", None, MAX_TEXT_UNITS)
    assert formatted.text == "hello"
    assert list(formatted.entities) == [{"type": "bold", "offset": 0, "length": 5}]


@pytest.mark.parametrize("text", ["a" * MAX_TEXT_UNITS, "🔴" * (MAX_TEXT_UNITS // 2)])
def test_the_longest_text_passes_and_a_longer_one_is_refused(text: str) -> None:
    assert format_text(text, None, None, MAX_TEXT_UNITS).text == text
    with pytest.raises(RefusedError, match=r"^Bad Request: message is too long$"):
        format_text(text + "a", None, None, MAX_TEXT_UNITS)


def test_markup_does_not_count_against_the_limit() -> None:
    text = "<b>" + "a" * MAX_TEXT_UNITS + "</b>"
    assert len(format_text(text, "HTML", None, MAX_TEXT_UNITS).text) == MAX_TEXT_UNITS


def test_a_caption_has_its_own_limit_and_words() -> None:
    with pytest.raises(RefusedError, match=r"^Bad Request: message caption is too long$"):
        format_text("a" * (MAX_CAPTION_UNITS + 1), None, None, MAX_CAPTION_UNITS)


def test_entities_beyond_a_hundred_are_ignored() -> None:
    assert len(format_text("<b>a</b> " * 101, "HTML", None, MAX_TEXT_UNITS).entities) == MAX_ENTITIES


def test_a_parse_mode_that_is_not_played_is_refused() -> None:
    with pytest.raises(RefusedError, match="unsupported parse_mode"):
        format_text("*a*", "MarkdownV2", None, MAX_TEXT_UNITS)
