"""`/levels`: where BTC stands among the support zone, the break level and the rally zone.

`/levels set ...` and `/levels clear` are the operator's, in private.
"""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.commands.levels_line import parse_levels
from bot.commands.mistakes import Misunderstood
from bot.commands.operator import is_operator
from bot.words.answer import Answer, Ask
from bot.words.gist import price_gist
from bot.words.subjects import LEVEL_WARNINGS
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.closes import CloseOf
from signals.conditions import Alarm
from signals.levels import Band, Levels, LevelsSet
from signals.levels_reading import LevelsReading, among
from signals.moments import from_ms


async def levels(ask: Ask) -> Answer:
    """The levels in force; with words after it the operator sets other ones, or takes them back."""
    match [word.lower() for word in ask.args[:1]]:
        case []:
            return _shown(ask)
        case ["set"] if len(ask.args) > 1:
            return _set(ask, ask.args[1:])
        case ["clear"] if len(ask.args) == 1:
            return _set(ask, ())
        case _:
            raise Misunderstood(ask.args[-1])


def _set(ask: Ask, line: tuple[str, ...]) -> Answer:
    """Set the levels that a line says, or where it is empty take the last ones back."""
    if not is_operator(ask):
        return Answer(ask.words("levels.not_operator"))
    try:
        chosen = parse_levels(line) if line else None
    except ValueError:
        return Answer(ask.words("levels.not_rising"))
    ask.desk.set_levels(LevelsSet(chosen, ask.desk.now, set_by=ask.chat.id))
    return _shown(ask)


def _shown(ask: Ask) -> Answer:
    reading = ask.desk.levels()
    row = ways_on(ask.words, "levels", why="support", chart="btc")
    return page(ask, _lines(ask, reading), reading.price.sources, row)


def _lines(ask: Ask, reading: LevelsReading) -> Iterator[Html]:
    words, found = ask.words, reading.levels
    if reading.fact is None or found is None:
        yield price_gist(words, reading.price)
        yield words("levels.none")
        return
    yield _headline(words, reading, found)
    price_usd = reading.price.price
    for zone, band in (("rally", found.rally), ("support", found.support)):
        yield _zone(words, zone, band, price_usd)
    yield _zone(words, "break", Band(found.break_usd, found.break_usd), price_usd)
    yield from _closes(words, reading, found)
    for warning in LEVEL_WARNINGS:
        if ask.desk.standings[warning].state == Alarm.ON:
            yield warning_line(words, warning, ask.desk.standings[warning])
    yield words.joined([words(f"levels.from_{reading.fact.origin}"), words.since(reading.fact.known_at)])


def _headline(words: Wording, reading: LevelsReading, found: Levels) -> Html:
    price_usd = reading.price.price
    place = words(f"among.{among(price_usd, found)}") if price_usd is not None else Html()
    return words.joined([price_gist(words, reading.price), place])


def _zone(words: Wording, name: str, band: Band, price_usd: float | None) -> Html:
    """A zone or level, and how far BTC is from its nearest end."""
    low, high = map(words.price, band)
    line = words(f"levels.{name}", low=low, high=high)
    if price_usd is None:
        return line
    if band.low_usd <= price_usd <= band.high_usd:
        return words.joined([line, words("levels.inside")])
    nearest = min(band, key=lambda end: abs(end - price_usd))
    distance = words.percent((nearest / price_usd - 1) * 100, digits=1)
    return words.joined([line, words("levels.away", distance=distance)])


def _closes(words: Wording, reading: LevelsReading, found: Levels) -> Iterator[Html]:
    for of in CloseOf:
        if close := reading.closes.get(of):
            price, moment = words.price(close.price_usd), words.moment(from_ms(close.at_ms))
            place = words(f"among.{among(close.price_usd, found)}")
            yield words(f"levels.close_{of}", price=price, moment=moment, place=place)
