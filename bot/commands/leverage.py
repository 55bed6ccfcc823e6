"""`/leverage`: open interest and funding over three venues, and how fast leverage is rebuilt."""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.words.answer import Answer, Ask
from bot.words.marks import MARKS
from bot.words.playbook import funding_mean
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.conditions import Alarm, State
from signals.leverage import Totals
from signals.leverage_reading import CoinLeverage, LeverageReading, Stance, VenueLeverage

LEVERAGE_WARNINGS = ("relever", "funding")

_MARKS = {
    Stance.HEALTHY: MARKS[State.MET],
    Stance.BUILDING: MARKS[State.UNMET],
    Stance.OPEN: MARKS[State.HOLDING],
    Stance.UNKNOWN: MARKS[State.NO_DATA],
}


async def leverage(ask: Ask) -> Answer:
    """Leverage in detail."""
    reading = ask.desk.leverage()
    row = ways_on(ask.words, "leverage", why="relever", chart="leverage")
    return page(ask, _lines(ask, reading), reading.sources, row)


def _lines(ask: Ask, reading: LeverageReading) -> Iterator[Html]:
    words = ask.words
    yield words(f"leverage.{reading.stance}", mark=_MARKS[reading.stance])
    for warning in LEVERAGE_WARNINGS:
        if ask.desk.standings[warning].state == Alarm.ON:
            yield warning_line(words, warning, ask.desk.standings[warning])
    for coin in reading.coins:
        yield from _coin(words, coin, shock_open=reading.shock_open)
    yield from _rebuilt(words, reading)
    yield words("leverage.rule")


def _coin(words: Wording, coin: CoinLeverage, *, shock_open: bool) -> Iterator[Html]:
    if coin.total_usd is None and coin.funding is None:
        yield words("leverage.nothing", coin=coin.coin)
        return
    total = words.amount(coin.total_usd) if coin.total_usd is not None else words.plain("leverage.not_said")
    parts = [words("leverage.total", coin=coin.coin, total=total), _without(words, coin)]
    if coin.day:
        parts.append(words("leverage.day", change=_change(words, coin.day, coin)))
    if coin.since_shock:
        parts.append(words("leverage.since_shock", change=_change(words, coin.since_shock, coin)))
    elif shock_open:
        parts.append(words("leverage.shock_unknown"))
    parts.append(funding_mean(words, coin.funding))
    yield words.joined(parts)
    for venue in coin.venues:
        yield _venue(words, venue)


def _without(words: Wording, coin: CoinLeverage) -> Html:
    """Whose open interest the total lacks; nothing where it lacks none, or all."""
    missing = [source_name(words, venue.venue) for venue in coin.venues if venue.open_interest_usd is None]
    if not missing or coin.total_usd is None:
        return Html()
    return words("leverage.without", names=words.listed(missing))


def _change(words: Wording, found: Totals, coin: CoinLeverage) -> str:
    """The change of a total; over whom, where the total is over more venues."""
    change = words.percent(found.change * 100, digits=1)
    if all(v.venue in found.venues for v in coin.venues if v.open_interest_usd is not None):
        return change
    names = words.listed([source_name(words, venue) for venue in found.venues])
    return words.plain("leverage.only", change=change, names=names)


def _venue(words: Wording, venue: VenueLeverage) -> Html:
    name = source_name(words, venue.venue)
    if venue.open_interest_usd is None and venue.funding_8h is None:
        return words("leverage.venue_silent", name=name)
    unknown = words.plain("leverage.not_said")
    interest, rate = venue.open_interest_usd, venue.funding_8h
    shown = words.amount(interest) if interest is not None else unknown
    changes = {"leverage.day": venue.day_change, "leverage.since_shock": venue.shock_change}
    return words.joined(
        [
            words("leverage.venue", name=name, interest=shown),
            *(
                words(key, change=words.percent(change * 100, digits=1))
                for key, change in changes.items()
                if change is not None
            ),
            words(
                "leverage.venue_rate",
                rate=words.percent(rate * 100, digits=4) if rate is not None else unknown,
            ),
        ]
    )


def _rebuilt(words: Wording, reading: LeverageReading) -> Iterator[Html]:
    found = reading.rebuilt
    if not reading.shock_open:
        return
    if found is None:
        yield words("leverage.rebuilt_unknown")
    elif found.taken <= 0 or reading.rebuilt_per_day is None:
        yield words("leverage.nothing_taken")
    else:
        yield words(
            "leverage.rebuilt",
            taken=words.share(found.taken),
            share=words.share(max(found.regained, 0.0)),
            per_day=words.share(max(reading.rebuilt_per_day, 0.0)),
        )
