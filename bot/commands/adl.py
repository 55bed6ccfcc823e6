"""`/adl`: auto-deleveraging: its state on each exchange, what they announced, the clock since a shock."""

from collections.abc import Iterator
from itertools import groupby

from bot.commands.detail import page, ways_on
from bot.words.adl import adl_headline, announcement_line, clock_line, heard_line, hours, venue_line
from bot.words.answer import Answer, Ask
from bot.words.texts import Html
from bot.words.warned import warning_line
from signals.adl_reading import AdlReading
from signals.conditions import Alarm


async def adl(ask: Ask) -> Answer:
    """ADL in detail."""
    reading = ask.desk.adl()
    row = ways_on(ask.words, "adl", why="adl", chart="btc")
    return page(ask, _lines(ask, reading), (), row)


def _lines(ask: Ask, reading: AdlReading) -> Iterator[Html]:
    words, within = ask.words, ask.desk.rules.adl.review_within
    yield adl_headline(words, reading)
    by_venue = sorted(reading.states, key=lambda state: state.venue)
    for _, states in groupby(by_venue, key=lambda state: state.venue):
        yield venue_line(words, list(states))
    standing = ask.desk.standings["adl"]
    if standing.state == Alarm.ON:
        yield warning_line(words, "adl", standing)
    yield clock_line(words, reading, within)
    if reading.announcements:
        yield words.joined([words("adl.announcements"), heard_line(words, reading)])
        yield from (announcement_line(words, told) for told in reading.announcements)
    else:
        yield words.joined([words("adl.no_announcements"), heard_line(words, reading)])
    yield words("adl.rule", within=hours(words, within))
