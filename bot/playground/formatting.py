"""Telegram's HTML: markup in, text and entities out, and the same complaints about bad markup.

Follows the parser of the official server (tdlib, MessageEntity.cpp): offsets and lengths are in
UTF-16 units, positions in complaints in UTF-8 bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.playground.json_types import Json
from bot.playground.refusals import bad_request

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
# Telegram shows this many entities and ignores the rest.
MAX_ENTITIES = 100
# The server gives up on longer raw text before parsing it.
MAX_RAW_BYTES = 32 * 1024

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
_SPACE = " \t\r\n\0\v"
_LINK = re.compile(r"^(?:(?:https?|tg|ton|mailto|tel)://?|mailto:|tel:)?[^\s]+$", re.IGNORECASE)


class MarkupError(ValueError):
    """Markup that Telegram refuses; the text is what follows "can't parse entities: "."""


@dataclass(frozen=True)
class Formatted:
    """What a reader sees: the text, and where it is bold, a link, a quote."""

    text: str
    entities: tuple[Json, ...] = ()


def utf16_units(text: str) -> int:
    """The length of `text` as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


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
            raise MarkupError(
                f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}'
            )
        argument = self._read_attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise MarkupError(
                'Tag "span" must have class "tg-spoiler" '
                f"at byte offset {self._byte(begin)}"
            )
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
            if not 0 < code < 0x10FFFF or 0xD800 <= code < 0xE000:
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


def format_text(
    raw: str, parse_mode: str | None, entities: list[Json] | None, limit: int
) -> Formatted:
    """What Telegram makes of the text of a message or caption; `limit` in UTF-16 units.

    Raises: Refusal, 400.
    """
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise bad_request(_too_long(limit))
    formatted = _trimmed(_parsed(raw, parse_mode, entities))
    if utf16_units(formatted.text) > limit:
        raise bad_request(_too_long(limit))
    found = _without_overlap(detect_entities(formatted.text), formatted.entities)
    every = sorted([*formatted.entities, *found], key=lambda e: (e["offset"], -e["length"]))
    return Formatted(formatted.text, tuple(every[:MAX_ENTITIES]))


def _parsed(raw: str, parse_mode: str | None, entities: list[Json] | None) -> Formatted:
    if not parse_mode:
        return Formatted(raw, tuple(entities or ()))
    # Aftershock writes HTML only; MarkdownV2 is not played here.
    if parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    try:
        return parse_html(raw)
    except MarkupError as error:
        raise bad_request(f"can't parse entities: {error}") from error


def _too_long(limit: int) -> str:
    return "message caption is too long" if limit == MAX_CAPTION_UNITS else "message is too long"


def _trimmed(formatted: Formatted) -> Formatted:
    """Telegram drops white space around a message, and entities that held nothing else."""
    text = formatted.text.strip()
    dropped = utf16_units(formatted.text) - utf16_units(formatted.text.lstrip())
    end = utf16_units(text)
    kept = []
    for entity in formatted.entities:
        start = max(entity["offset"] - dropped, 0)
        stop = min(entity["offset"] + entity["length"] - dropped, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return Formatted(text, tuple(kept))


_DETECTED = {
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"),
    "url": re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\]}\"'”’。,、]", re.IGNORECASE),
    "mention": re.compile(r"(?<![\w`@/.])@[A-Za-z0-9_]{3,32}(?!\w)"),
    "cashtag": re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])"),
    "hashtag": re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}"),
}


def detect_entities(text: str) -> list[Json]:
    """Commands, links, mentions and tags that Telegram itself finds in plain text."""
    found: list[Json] = []
    for kind, pattern in _DETECTED.items():
        for match in pattern.finditer(text):
            offset, length = utf16_units(text[: match.start()]), utf16_units(match.group())
            found.append({"type": kind, "offset": offset, "length": length})
    return _without_overlap(found, ())


def _without_overlap(found: list[Json], taken: tuple[Json, ...]) -> list[Json]:
    """Those of `found` that touch no earlier one and no code or link of the author."""
    blocking = [e for e in taken if e["type"] in {"code", "pre", "text_link"}]
    kept: list[Json] = []
    for entity in found:
        if not any(_overlap(entity, other) for other in [*blocking, *kept]):
            kept.append(entity)
    return sorted(kept, key=lambda entity: entity["offset"])


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )
