"""`/liquidations`: what was closed by force in 24 hours, by side, venue and coin, as far as it was told."""

from collections.abc import Iterator
from datetime import timedelta

from bot.commands.detail import page, ways_on
from bot.words.answer import Answer, Ask
from bot.words.marks import MARKS
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.conditions import Alarm
from signals.liquidations import Sides
from signals.liquidations_reading import LiquidationsReading, VenueLiquidations
from signals.readings import Quality

LIQUIDATIONS = "liquidations"


async def liquidations(ask: Ask) -> Answer:
    """Liquidations in detail."""
    reading = ask.desk.liquidations()
    row = ways_on(ask.words, "liquidations", why=LIQUIDATIONS, chart="liquidations")
    return page(ask, _lines(ask, reading), reading.sources, row)


def _lines(ask: Ask, reading: LiquidationsReading) -> Iterator[Html]:
    words, standing = ask.words, ask.desk.standings[LIQUIDATIONS]
    if reading.quality is Quality.MISSING:
        yield words("liquidations.none", mark=MARKS[Alarm.NO_DATA])
    else:
        yield _total(words, reading, standing.state)
        if standing.state == Alarm.ON:
            yield warning_line(words, LIQUIDATIONS, standing)
        for coin, sides in reading.coins:
            yield _sides(words, coin, sides)
        for venue in reading.venues:
            yield _venue(words, venue)
        if reading.burst_at:
            amount, at = words.amount(reading.burst_usd), words.moment(reading.burst_at)
            yield words("liquidations.burst", amount=amount, at=at)
    if reading.everywhere:
        long, short = map(words.amount, reading.everywhere)
        yield words("liquidations.everywhere", long=long, short=short)
    yield words("liquidations.rule")


def _total(words: Wording, reading: LiquidationsReading, state: str) -> Html:
    if reading.quality is Quality.STALE:
        return words("liquidations.stale", mark=MARKS[Alarm.NO_DATA])
    total = reading.total
    return words(
        "liquidations.total",
        mark=MARKS[state],
        total=words.amount(total.total_usd),
        share=words.share(total.long_usd / total.total_usd) if total.total_usd else words.share(0),
    )


def _venue(words: Wording, venue: VenueLiquidations) -> Html:
    name = source_name(words, venue.venue)
    if not venue.heard:
        return words("liquidations.not_heard", name=name)
    # A length of 24 hours is written as a day.
    whole = venue.heard >= timedelta(days=1)
    heard = words(
        "liquidations.heard_all" if whole else "liquidations.heard", length=words.duration(venue.heard)
    )
    return words.joined([_sides(words, name, venue.sides), heard])


def _sides(words: Wording, name: str, sides: Sides) -> Html:
    long, short = words.amount(sides.long_usd), words.amount(sides.short_usd)
    return words("liquidations.sides", name=name, long=long, short=short)
