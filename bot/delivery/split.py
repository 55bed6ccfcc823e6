"""Long messages in parts that Telegram takes: at most 4,096 UTF-16 units each, and no tag left open.

Telegram counts what is left after parsing, so tags are free and `&amp;` is one. Where a part ends inside
tags they are closed, and opened again in the next one.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_UNITS = 4096
# The server gives up on longer markup before it parses it (32 KiB); the difference is for closing tags.
MAX_RAW_BYTES = 31 * 1024


def utf16_units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(markup: str) -> str:
    """What a reader sees of Telegram's HTML: without tags, with character references resolved."""
    return "".join(atom.text for atom in _atoms(markup))


def fits(markup: str) -> bool:
    """Whether Telegram takes it as one message."""
    # Markup is never shorter than what is seen of it, and counting that takes a hundred times as long.
    return utf16_units(markup) <= MAX_UNITS or utf16_units(plain(markup)) <= MAX_UNITS


def split(markup: str, limit: int = MAX_UNITS) -> tuple[str, ...]:
    """Telegram's HTML in parts of at most `limit` UTF-16 units after parsing, none of them blank."""
    parts = []
    rest = markup
    while rest:
        part, rest = cut(rest, limit)
        if part:
            parts.append(part)
    return tuple(parts)


# A text goes to a hundred thousand chats, one right after the other.
@lru_cache(maxsize=64)
def cut(markup: str, limit: int = MAX_UNITS) -> tuple[str, str]:
    """The first part and the rest ("" where nothing follows that could be seen).

    The part ends after a line if possible, else after a word. It is "" where it would show nothing, which
    Telegram refuses to send.
    """
    atoms = tuple(_atoms(markup))
    end = _end_of_part(atoms, limit)
    part, rest = _raw(atoms[:end]), _raw(atoms[end:])
    if rest:
        tags = _open_tags(atoms[:end])
        part += "".join(f"</{tag.name}>" for tag in reversed(tags))
        rest = _raw(tags) + rest
    return part if _is_visible(atoms[:end]) else "", rest if _is_visible(atoms[end:]) else ""


class _Atom(NamedTuple):
    """The least piece that may not be broken: a tag, a character reference or a character."""

    raw: str
    text: str = ""
    name: str = ""
    closes: bool = False


_ATOM = re.compile(
    r"""</(?P<closed>[^\s<>]*)[^<>]*>
      | <(?P<opened>[a-zA-Z][\w-]*)(?:[^<>"']|"[^"]*"|'[^']*')*>
      | &(?:\#x(?P<hex>[0-9a-fA-F]{1,99})|\#(?P<decimal>[0-9]{1,99})|(?P<named>lt|gt|amp|quot));?
      | .""",
    re.DOTALL | re.VERBOSE,
)
_SURROGATES = range(0xD800, 0xE000)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def _atoms(markup: str) -> Iterator[_Atom]:
    for match in _ATOM.finditer(markup):
        raw = match.group()
        if match["closed"] is not None:
            yield _Atom(raw, name=match["closed"].lower(), closes=True)
        elif match["opened"] is not None:
            yield _Atom(raw, name=match["opened"].lower())
        else:
            yield _Atom(raw, text=_NAMED.get(match["named"]) or _numbered(match) or raw)


def _numbered(reference: re.Match[str]) -> str:
    """The character of &#8364; or &#x20ac;; "" where there is none, which Telegram shows as it stands."""
    digits, base = (reference["hex"], 16) if reference["hex"] else (reference["decimal"], 10)
    code = int(digits, base) if digits else 0
    return chr(code) if 0 < code < sys.maxunicode and code not in _SURROGATES else ""


def _end_of_part(atoms: Sequence[_Atom], limit: int) -> int:
    furthest = _furthest_end(atoms, limit)
    if furthest == len(atoms):
        return furthest
    end = _end_after("\n", atoms, furthest) or _end_after(" ", atoms, furthest) or furthest
    # Closing tags cost nothing here, and would open empty ones in the next part.
    while end < len(atoms) and atoms[end].closes:
        end += 1
    return end


def _furthest_end(atoms: Sequence[_Atom], limit: int) -> int:
    units = raw_bytes = 0
    for index, atom in enumerate(atoms):
        more_units, more_bytes = utf16_units(atom.text), len(atom.raw.encode(errors="surrogatepass"))
        if not units and not more_units:  # tags before any text are the same in each part
            continue
        if units and (units + more_units > limit or raw_bytes + more_bytes > MAX_RAW_BYTES):
            return index
        units += more_units
        raw_bytes += more_bytes
    return len(atoms)


def _end_after(separator: str, atoms: Sequence[_Atom], furthest: int) -> int | None:
    """After the last separator, unless that would leave the part less than half full."""
    for end in range(furthest, furthest // 2, -1):
        if atoms[end - 1].text == separator:
            return end
    return None


def _open_tags(atoms: Sequence[_Atom]) -> list[_Atom]:
    tags: list[_Atom] = []
    for atom in atoms:
        if atom.closes and tags:
            tags.pop()
        elif atom.name and not atom.closes:
            tags.append(atom)
    return tags


def _raw(atoms: Sequence[_Atom]) -> str:
    return "".join(atom.raw for atom in atoms)


def _is_visible(atoms: Sequence[_Atom]) -> bool:
    return any(atom.text.strip() for atom in atoms)
