"""What a time zone is called where people read it."""

import re

from bot.words.numbers import MINUS

_OFFSET = re.compile(r"^Etc/GMT([+-])(\d+)$")


def zone_label(name: str) -> str:
    """A zone's IANA name, but a distance as everybody writes it: `Etc/GMT-8` is UTC+8."""
    found = _OFFSET.match(name)
    return f"UTC{MINUS if found[1] == '+' else '+'}{found[2]}" if found else name
