"""Links to the bot: t.me/name?start=…, ?startgroup=… and ?startchannel, taken apart as apps do."""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

MAX_PAYLOAD_UNITS = 64
_PAYLOAD = re.compile(rf"^[A-Za-z0-9_-]{{0,{MAX_PAYLOAD_UNITS}}}$")


class Kind(StrEnum):
    """Where the bot is to be started."""

    START = "start"
    GROUP = "startgroup"
    CHANNEL = "startchannel"


class Link(NamedTuple):
    """`rights`: the administrator rights that the link asks for; None where it asks for none."""

    kind: Kind
    payload: str
    rights: tuple[str, ...] | None = None


def parse_link(url: str, username: str) -> Link | None:
    """The link, if it is one to the bot of this name and its payload is one that Telegram passes on."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    named = parts.path.strip("/").lower()
    if parts.netloc.lower() not in {"t.me", "telegram.me"} or named != username.lower():
        return None
    query = parse_qs(parts.query, keep_blank_values=True)
    kind = next((kind for kind in Kind if kind.value in query), Kind.START)
    payload = query.get(kind.value, [""])[0]
    if not _PAYLOAD.match(payload):
        return None
    return Link(kind, payload, _rights(query.get("admin", [""])[0]))


def _rights(asked: str) -> tuple[str, ...] | None:
    # The link says pin_messages for can_pin_messages; several are joined by +, which reads as a space.
    names = re.split(r"[ +]", asked.strip())
    return tuple(f"can_{name}" for name in names) if asked.strip() else None
