"""Entities: where in a text something is bold, a link or a command.

Offsets and lengths are in UTF-16 units, as Telegram counts.
"""

import re
from dataclasses import dataclass

from bot.playground.json_types import Json


@dataclass(frozen=True)
class Formatted:
    """What a reader sees: the text, and where it is bold, a link, a quote."""

    text: str
    entities: tuple[Json, ...] = ()


def utf16_units(text: str) -> int:
    """The length of `text` as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


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
    return without_overlap(found, ())


def without_overlap(found: list[Json], taken: tuple[Json, ...]) -> list[Json]:
    """Those of `found` that touch no earlier one and no code or link of the author."""
    blocking = [e for e in taken if e["type"] in {"code", "pre", "text_link"}]
    kept: list[Json] = []
    for entity in found:
        if not any(_overlap(entity, other) for other in [*blocking, *kept]):
            kept.append(entity)
    return sorted(kept, key=lambda entity: entity["offset"])


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )
