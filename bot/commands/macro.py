"""`/macro`: what the Fed lent in repo operations, and SOFR."""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.words.answer import Answer, Ask
from bot.words.marks import MARKS
from bot.words.numbers import decimal
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.conditions import Alarm
from signals.contagion import MacroReading
from signals.repo import RepoDay, is_seasonal

REPO = "repo"


async def macro(ask: Ask) -> Answer:
    """Repo and SOFR in detail."""
    reading = ask.desk.macro()
    row = ways_on(ask.words, "macro", why=REPO)
    return page(ask, _lines(ask, reading), reading.sources, row)


def _lines(ask: Ask, reading: MacroReading) -> Iterator[Html]:
    words, standing = ask.words, ask.desk.standings[REPO]
    if not reading.days:
        yield words("macro.none", mark=MARKS[Alarm.NO_DATA])
    else:
        yield words(f"macro.{standing.state}", mark=MARKS[standing.state])
        if standing.state == Alarm.ON:
            yield warning_line(words, REPO, standing)
        for day in reading.days:
            yield _day(words, day)
    yield _sofr(words, reading)
    opens, second = (words.clock(moment) for moment in reading.next_windows)
    yield words("macro.windows", first=opens, second=second)
    yield words("macro.rule", amount=words.amount(ask.desk.rules.repo.amount_usd))


def _day(words: Wording, day: RepoDay) -> Html:
    parts = [words("macro.day", day=words.weekday(day.day), amount=words.amount(day.usd))]
    if day.windows == 1:
        parts.append(words("macro.one_window"))
    if is_seasonal(day.day):
        parts.append(words("macro.seasonal"))
    return words.joined(parts)


def _sofr(words: Wording, reading: MacroReading) -> Html:
    if reading.sofr is None:
        return words("macro.no_sofr")
    day, rate = words.day(reading.sofr.day), words.number(reading.sofr.rate_pct, 2)
    if reading.sofr.change_pct is None:
        return words("macro.sofr", rate=rate, day=day)
    # Rates are compared in basis points: 0.18 % of a rate would be something else.
    change = decimal(reading.sofr.change_pct * 100, 0, words.language, signed=True)
    return words("macro.sofr_change", rate=rate, day=day, change=change)
