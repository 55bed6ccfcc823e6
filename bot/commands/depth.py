"""`/depth`: what stands in the books near the price, against a week before and against open interest."""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.words.answer import Answer, Ask
from bot.words.marks import MARKS
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.conditions import Alarm
from signals.depth import DepthReading, VenueDepth
from signals.readings import Quality
from signals.thin_book import ThinBookRules

THIN_BOOK = "thin_book"


async def depth(ask: Ask) -> Answer:
    """The depth in detail."""
    reading = ask.desk.depth()
    row = ways_on(ask.words, "depth", why=THIN_BOOK, chart="depth")
    return page(ask, _lines(ask, reading), reading.sources, row)


def _lines(ask: Ask, reading: DepthReading) -> Iterator[Html]:
    words, standing = ask.words, ask.desk.standings[THIN_BOOK]
    yield _headline(words, reading, standing.state)
    if standing.state == Alarm.ON:
        yield warning_line(words, THIN_BOOK, standing)
    for venue in reading.venues:
        yield _venue(words, venue)
    yield _interest(words, reading)
    yield _rule(words, ask.desk.rules.thin_book)


def _headline(words: Wording, reading: DepthReading, state: str) -> Html:
    match reading.quality:
        case Quality.MISSING:
            return words("depth.none", mark=MARKS[Alarm.NO_DATA])
        case Quality.STALE:
            return words("depth.stale", mark=MARKS[Alarm.NO_DATA])
        case _:
            return words(f"depth.{state}", mark=MARKS[state])


def _venue(words: Wording, venue: VenueDepth) -> Html:
    """What stands within 1 and 2 %, or as far as the book was seen."""
    name, parts = source_name(words, venue.venue), []
    for percent, usd in ((1, venue.within_1pct_usd), (2, venue.within_2pct_usd)):
        if usd is not None:
            parts.append(words("depth.within", percent=percent, amount=words.amount(usd)))
    if venue.within_2pct_usd is None:
        covered, seen = words.number(venue.covered_pct, 2), words.amount(venue.seen_usd)
        parts.append(words("depth.at_least", amount=seen, covered=covered))
    if venue.ratio is not None:
        parts.append(words("depth.ratio", share=words.share(venue.ratio)))
    if venue.is_stale:
        parts.append(words("depth.old", age=words.duration(venue.age)))
    return words("depth.venue", name=name, parts=words.joined(parts))


def _interest(words: Wording, reading: DepthReading) -> Html:
    if reading.interest_over_depth is None:
        return words("depth.no_interest")
    return words(
        "depth.interest",
        times=words.number(reading.interest_over_depth, 0),
        interest=words.listed([source_name(words, venue) for venue in reading.interest_venues]),
        depth=words.listed([source_name(words, venue) for venue in reading.depth_venues]),
    )


def _rule(words: Wording, rules: ThinBookRules) -> Html:
    return words("depth.rule", share=words.share(rules.below), days=rules.window.days)
