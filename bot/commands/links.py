"""Deep links: t.me/<bot>?start=why_A-12 and what follows it, made and read. A payload names a command.

Telegram takes 64 letters, digits, `_` and `-`. Only what is harmless to ask can be linked to, and
`subscribe`, which is what a link to this bot is for; in groups that needs an administrator as always.
"""

import re
from typing import NamedTuple

from bot.commands.chart import SPANS

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

ALONE = (
    "status",
    "premium",
    "etf",
    "eth",
    "shock",
    "levels",
    "leverage",
    "liquidations",
    "depth",
    "adl",
    "exploits",
    "macro",
    "playbook",
    "scorecard",
    "history",
    "brief",
    "subscribe",
    "chart",
    "why",
    "about",
    "help",
)
"""Commands that a link may name alone."""
WITH_A_WORD = ("status", "why", "compare", "help", "subscribe", "chart")
"""Commands that a link may name with a word, or for a chart a subject and a span."""


class Link(NamedTuple):
    """A command with its words."""

    name: str
    args: tuple[str, ...] = ()


def read_payload(payload: str) -> Link | None:
    """The command that a payload names; None where it names none."""
    if not _PAYLOAD.fullmatch(payload):
        return None
    name, _, word = payload.partition("_")
    if not word:
        return Link(name) if name in ALONE and payload == name else None
    if name not in WITH_A_WORD:
        return None
    subject, _, span = word.rpartition("_")
    # Subjects have underscores of their own: chart_rally_zone_7d.
    return Link(name, (subject, span) if subject and span in SPANS else (word,))


def payload_of(name: str, *args: str) -> str:
    """The payload that `read_payload` reads again.

    Raises:
        ValueError: no link can say this.
    """
    payload = "_".join((name, *args))
    if read_payload(payload) != (name, args):
        raise ValueError(f"no link leads to {payload!r}")
    return payload


def private_link(bot: str, name: str, *args: str) -> str:
    """A link that opens the private chat with the bot of a user name and asks there. Raises ValueError."""
    return f"https://t.me/{bot}?start={payload_of(name, *args)}"
