"""`/timezone`: the zone in which a chat's times are said, and its brief and its mute are meant."""

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

from bot.commands.back import back_to_settings
from bot.telling.digests import decide_anew
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.wording import Wording
from bot.words.zones import zone_label
from storage import chats

_OFFSET = re.compile(r"^(?:utc|gmt)?([+-]\d{1,2})(?:[:：]?(\d{2}))?$")
_EAST, _WEST = 14, 12
_BETWEEN_HOURS = {
    (3, 30): "Asia/Tehran",
    (4, 30): "Asia/Kabul",
    (5, 30): "Asia/Kolkata",
    (5, 45): "Asia/Kathmandu",
    (6, 30): "Asia/Yangon",
    (9, 30): "Australia/Darwin",
}
"""Where clocks are never changed, so that the distance says it all."""
_COMMON = {
    "utc": "UTC",
    "gmt": "UTC",
    "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "上海": "Asia/Shanghai",
    "hongkong": "Asia/Hong_Kong",
    "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei",
    "新加坡": "Asia/Singapore",
    "newyork": "America/New_York",
    "纽约": "America/New_York",
    "london": "Europe/London",
    "伦敦": "Europe/London",
    "tokyo": "Asia/Tokyo",
    "东京": "Asia/Tokyo",
}
_SUGGESTED = 3
_OFFERED = (
    ("UTC", "America/New_York", "Europe/London"),
    ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore"),
    ("Asia/Tokyo", "Europe/Berlin", "Asia/Dubai"),
)
"""Zones that many who trade live in, as rows of buttons."""


async def timezone(ask: Ask) -> Answer:
    """Without a word after it the zone that is chosen; a name, a city or an offset chooses another."""
    if not ask.args:
        here, clock = ask.chat.timezone, ask.words.clock(ask.words.now)
        return Answer(
            ask.words("timezone.now", zone=zone_label(here), clock=clock), _buttons(ask.words, here)
        )
    said = " ".join(ask.args)
    name = zone_named(said)
    if name is None:
        return _unknown(ask.words, said)
    chats.set_timezone(ask.desk.db, ask.chat.id, name)
    # Its quiet hours and its days are others now.
    decide_anew(ask.desk, ask.chat.id)
    there = Wording(ask.words.texts, ZoneInfo(name), ask.words.now)
    text = there("timezone.set", zone=zone_label(name), clock=there.clock(there.now))
    return Answer(text, _buttons(there, name))


def _buttons(words: Wording, chosen: str) -> Buttons:
    return (
        *(tuple(_button(words, zone, chosen) for zone in row) for row in _OFFERED),
        back_to_settings(words),
    )


def _button(words: Wording, zone: str, chosen: str) -> Button:
    city = zone if zone == "UTC" else get_timezone_location(zone, locale=words.language, return_city=True)
    return Button(
        words.plain("button.chosen", name=city) if zone == chosen else city, f"here:timezone:{zone}"
    )


def zone_named(said: str) -> str | None:
    """The IANA name of a zone that people name: by it, by its city, or by its distance from UTC in hours."""
    word = said.strip().lower().replace(" ", "")
    if common := _COMMON.get(word):
        return common
    if found := _OFFSET.match(word):
        return _at_offset(int(found[1]), int(found[2] or 0))
    return _by_name().get(word.replace("_", ""))


def _at_offset(hours: int, minutes: int) -> str | None:
    if minutes:
        return _BETWEEN_HOURS.get((hours, minutes))
    if not -_WEST <= hours <= _EAST:
        return None
    # The names of these zones have the sign the other way round.
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


@cache
def _by_name() -> dict[str, str]:
    """Every zone by its whole name and by its city, in small letters and without spaces."""
    names = sorted(name for name in available_timezones() if not name.startswith(("posix", "right")))
    found = {name.rpartition("/")[2].lower().replace("_", ""): name for name in reversed(names)}
    return found | {name.lower().replace("_", ""): name for name in names}


def _unknown(words: Wording, said: str) -> Answer:
    close = get_close_matches(said.lower().replace(" ", ""), list(_by_name()), n=_SUGGESTED)
    names = words.listed(list(dict.fromkeys(_by_name()[name] for name in close)))
    word = said[:40]
    if not names:
        return Answer(words("timezone.unknown", word=word))
    return Answer(words("timezone.like", word=word, names=names))
