"""Telegram's HTML: markup in, text and entities out, and the same complaints about bad markup.

Follows the parser of the official server (tdlib, MessageEntity.cpp). Positions in complaints are in
UTF-8 bytes.
"""

import re
import sys
from dataclasses import dataclass

from bot.playground.entities import Formatted, utf16_units
from bot.playground.json_types import Json

_ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_CHARACTER_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
# Halves of characters, which mean nothing alone.
_SURROGATES = range(0xD800, 0xE000)
_SPACE = " \t\r\n\0\v"
_LINK = re.compile(r"^(?:(?:https?|tg|ton|mailto|tel)://?|mailto:|tel:)?[^\s]+$", re.IGNORECASE)


class MarkupError(ValueError):
    """Markup that Telegram refuses; the text is what follows "can't parse entities: "."""


def parse_html(markup: str) -> Formatted:
    """Text and entities of `markup`.

    Raises: MarkupError, with the words of the official server.
    """
    return _Reader(markup).read()


@dataclass(frozen=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    text_start: int


class _Reader:
    """One pass over the markup; `at` is the next character to read."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.at = 0
        self.text: list[str] = []
        self.units = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Json] = []

    def read(self) -> Formatted:
        while self.at < len(self.markup):
            if self.markup[self.at] != "<":
                self._read_character()
            elif self.markup.startswith("</", self.at):
                self._read_end_tag()
            else:
                self._read_start_tag()
        if self.open:
            name = self.open[-1].name
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{name}"')
        return Formatted("".join(self.text), tuple(_in_order(self.entities)))

    def _read_character(self) -> None:
        character = self._take_reference() or self._take()
        self.text.append(character)
        self.units += utf16_units(character)

    def _read_start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._take_until(_SPACE + ">").lower()
        if self._ended():
            raise MarkupError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in _ENTITY_OF_TAG:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        argument = self._read_attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_OpenTag(name, argument, self.units, len(self.text)))

    def _read_attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._skip_space()
            if self._here() == ">":
                self.at += 1
                return argument
            name = self._take_until(_SPACE + "=>")
            if not name:
                raise MarkupError(
                    f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
                )
            self._skip_space()
            if self._here() != "=":
                self._refuse_end(f' "{tag}"', begin)
                value = ""
            else:
                self.at += 1
                value = self._read_value(tag, begin)
            argument = _argument(tag, name.lower(), value) or argument

    def _read_value(self, tag: str, begin: int) -> str:
        self._skip_space()
        self._refuse_end(f' "{tag}"', begin)
        quote = self._here()
        value = self._read_quoted() if quote in "\"'" else self._read_name_token()
        self._refuse_end("", begin)
        return value

    def _read_name_token(self) -> str:
        start = self.at
        while not self._ended() and re.match(r"[A-Za-z0-9.-]", self._here()):
            self.at += 1
        if not self._ended() and self._here() not in _SPACE + ">":
            raise MarkupError(f"Unexpected end of name token at byte offset {self._byte(start)}")
        return self.markup[start : self.at].lower()

    def _read_quoted(self) -> str:
        quote = self._take()
        value: list[str] = []
        while not self._ended() and self._here() != quote:
            value.append(self._take_reference() or self._take())
        self.at += 1
        return "".join(value)

    def _read_end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        found = self._take_until(_SPACE + ">").lower()
        self._skip_space()
        if self._here() != ">":
            raise MarkupError(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        tag = self.open.pop()
        if found and found != tag.name:
            raise MarkupError(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{tag.name}>", found "</{found}>"'
            )
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        length = self.units - tag.offset
        if not length:
            return
        entity: Json = {"type": _ENTITY_OF_TAG[tag.name], "offset": tag.offset, "length": length}
        if tag.name == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.argument
        elif tag.name == "a":
            url = tag.argument or "".join(self.text[tag.text_start :])
            if not _LINK.match(url):
                return
            entity["url"] = url
        elif tag.name in {"pre", "code"} and self._merges_code(tag, length):
            return
        elif tag.name == "code" and tag.argument:
            # A language only counts on <code> inside <pre>; kept until the <pre> closes.
            entity["language"] = tag.argument
        self.entities.append(entity)

    def _merges_code(self, tag: _OpenTag, length: int) -> bool:
        """<pre><code class="language-x">…</code></pre> is one block with a language."""
        last = self.entities[-1] if self.entities else None
        if tag.name != "pre" or last is None or last["type"] != "code":
            return False
        if (last["offset"], last["length"]) != (tag.offset, length):
            return False
        last["type"] = "pre"
        return True

    def _here(self) -> str:
        return self.markup[self.at] if self.at < len(self.markup) else "\0"

    def _ended(self) -> bool:
        return self.at >= len(self.markup)

    def _take(self) -> str:
        self.at += 1
        return self.markup[self.at - 1]

    def _take_until(self, stops: str) -> str:
        start = self.at
        while not self._ended() and self.markup[self.at] not in stops:
            self.at += 1
        return self.markup[start : self.at]

    def _take_reference(self) -> str:
        match = _CHARACTER_REFERENCE.match(self.markup, self.at)
        if match is None:
            return ""
        hexadecimal, decimal, name = match.groups()
        if name:
            character = _NAMED[name]
        else:
            code = int(hexadecimal, 16) if hexadecimal else int(decimal)
            if not 0 < code <= sys.maxunicode or code in _SURROGATES:
                return ""
            character = chr(code)
        self.at = match.end()
        return character

    def _skip_space(self) -> None:
        while not self._ended() and self.markup[self.at] in _SPACE:
            self.at += 1

    def _refuse_end(self, tag: str, begin: int) -> None:
        if self._ended():
            raise MarkupError(f"Unclosed start tag{tag} at byte offset {self._byte(begin)}")

    def _byte(self, position: int) -> int:
        return len(self.markup[:position].encode())


def _argument(tag: str, attribute: str, value: str) -> str:
    """The one attribute that means something on this tag; "" for any other."""
    if (tag, attribute) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, attribute) == ("blockquote", "expandable"):
        return "expandable"
    if (tag, attribute) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, attribute) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return ""


def _in_order(entities: list[Json]) -> list[Json]:
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
