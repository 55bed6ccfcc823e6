"""What Telegram makes of the text of a message or caption: parsed, trimmed, and held to its limits."""

from bot.playground.entities import Formatted, detect_entities, utf16_units, without_overlap
from bot.playground.json_types import Json
from bot.playground.markup import MarkupError, parse_html
from bot.playground.refusals import bad_request

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
# Telegram shows this many entities and ignores the rest.
MAX_ENTITIES = 100
# The server gives up on longer raw text before parsing it.
MAX_RAW_BYTES = 32 * 1024


def format_text(raw: str, parse_mode: str | None, entities: list[Json] | None, limit: int) -> Formatted:
    """What Telegram makes of the text of a message or caption; `limit` in UTF-16 units.

    Raises: RefusedError, 400.
    """
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise bad_request(_too_long(limit))
    formatted = _trimmed(_parsed(raw, parse_mode, entities))
    if utf16_units(formatted.text) > limit:
        raise bad_request(_too_long(limit))
    found = without_overlap(detect_entities(formatted.text), formatted.entities)
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
