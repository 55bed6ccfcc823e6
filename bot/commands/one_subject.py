"""`/status btc` and the like: where one subject stands, its part in the conditions, the warnings on it."""

from collections.abc import Callable, Iterator, Mapping

from bot.commands.adl import adl
from bot.commands.depth import depth
from bot.commands.detail import sources_line
from bot.commands.exploits import exploits
from bot.commands.levels import levels
from bot.commands.leverage import leverage
from bot.commands.liquidations import liquidations
from bot.commands.macro import macro
from bot.commands.shock import shock
from bot.commands.status import condition_line, status, verdict_line
from bot.commands.subjects import Subject, find_subject
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.board import read_board
from bot.words.gist import etf_gist, eth_btc_gist, premium_gist, price_gist, shock_gist
from bot.words.marks import MARKS
from bot.words.outlook import need, turns_back
from bot.words.subjects import LEVEL_WARNINGS, SHORT
from bot.words.texts import Html
from bot.words.warned import warning_line
from bot.words.wording import Wording
from signals.conditions import Alarm, State
from signals.levels_reading import LevelsReading, among
from signals.readings import Source

_WHOLE = {
    "shock": shock,
    "levels": levels,
    "leverage": leverage,
    "liquidations": liquidations,
    "depth": depth,
    "adl": adl,
    "exploits": exploits,
    "macro": macro,
}
"""Subjects of which their own command tells just that already."""

_WARNINGS = {"premium": ("relever",), "etf": (), "eth": ("eth_beta",), "btc": LEVEL_WARNINGS}
"""The warnings that are about each of the others."""


async def status_of(ask: Ask) -> Answer:
    """The board; with a subject after it where that one stands."""
    if not ask.args:
        return await status(ask)
    subject = find_subject(" ".join(ask.args))
    alone = ask.with_args(())
    if subject.command == "status":
        return await status(alone)
    if subject.command in _WHOLE:
        return await _WHOLE[subject.command](alone)
    # What is left is told by its own lines; ETH's beta belongs to ETH.
    name = subject.name if subject.name in _LINES else subject.command
    return Answer(Html("\n".join(filter(None, _text(ask, name)))), _buttons(ask.words, name, subject))


def _text(ask: Ask, name: str) -> Iterator[Html]:
    words, board = ask.words, read_board(ask.desk)
    yield from _LINES[name](ask)
    yield from _warnings(ask, _WARNINGS[name])
    yield verdict_line(words, board)
    yield sources_line(words, _sources(ask, name))


def _premium(ask: Ask) -> Iterator[Html]:
    yield condition_line(ask.words, "premium", ask.desk.standings["premium"])
    yield premium_gist(ask.words, ask.desk.premium())
    yield _turn(ask, "premium")


def _etf(ask: Ask) -> Iterator[Html]:
    words = ask.words
    yield condition_line(words, "etf_flow", ask.desk.standings["etf_flow"])
    for asset in ("BTC", "ETH"):
        yield words("detail.etf", asset=asset, gist=etf_gist(words, ask.desk.etf_flow(asset)))
    yield _turn(ask, "etf_flow")


def _eth(ask: Ask) -> Iterator[Html]:
    words, reading = ask.words, ask.desk.eth_btc()
    yield price_gist(words, ask.desk.price("ETH"))
    yield condition_line(words, "eth_btc", ask.desk.standings["eth_btc"])
    yield eth_btc_gist(words, reading)
    yield _turn(ask, "eth_btc", reading.target_ratio)


def _btc(ask: Ask) -> Iterator[Html]:
    words, reading = ask.words, ask.desk.levels()
    yield words.joined([price_gist(words, reading.price), _place(words, reading)])
    yield _levels(words, reading)
    yield shock_gist(words, ask.desk.shock())
    yield words("subject.btc_part")


_LINES: Mapping[str, Callable[[Ask], Iterator[Html]]] = {
    "premium": _premium,
    "etf": _etf,
    "eth": _eth,
    "btc": _btc,
}


def _turn(ask: Ask, condition: str, target_ratio: float | None = None) -> Html:
    """What would meet the condition, or turn it back."""
    words, state = ask.words, ask.desk.standings[condition].state
    if state == State.MET:
        return words("outlook.broken", what=turns_back(words, [condition]))
    if state == State.NO_DATA:
        return words("outlook.unknown", what=words(f"want.{condition}"))
    what = need(words, condition, state, ask.desk.rules.eth_btc, target_ratio)
    return words("alert.met_when", what=what)


def _place(words: Wording, reading: LevelsReading) -> Html:
    if reading.levels is None or reading.price.price is None:
        return Html()
    return words(f"among.{among(reading.price.price, reading.levels)}")


def _levels(words: Wording, reading: LevelsReading) -> Html:
    """The three levels on one line."""
    found = reading.levels
    if found is None:
        return words("subject.no_levels")
    low, high = map(words.price, found.support)
    rally_low, rally_high = map(words.price, found.rally)
    return words.joined(
        [
            words("levels.support", low=low, high=high),
            words("levels.break", low=words.price(found.break_usd)),
            words("levels.rally", low=rally_low, high=rally_high),
        ]
    )


def _warnings(ask: Ask, warnings: tuple[str, ...]) -> Iterator[Html]:
    """Those that are on, each on its line; the others together."""
    words, standings = ask.words, ask.desk.standings
    for warning in warnings:
        if standings[warning].state == Alarm.ON:
            yield warning_line(words, warning, standings[warning])
    quiet = [words.plain(f"name.{w}") for w in warnings if standings[w].state == Alarm.OFF]
    blind = [words.plain(f"name.{w}") for w in warnings if standings[w].state == Alarm.NO_DATA]
    yield words.joined(
        [
            words("subject.quiet", names=words.listed(quiet)) if quiet else Html(),
            words("subject.blind", mark=MARKS[Alarm.NO_DATA], names=words.listed(blind)) if blind else Html(),
        ]
    )


def _sources(ask: Ask, name: str) -> tuple[Source, ...]:
    desk = ask.desk
    match name:
        case "premium":
            return desk.premium().sources
        case "etf":
            return tuple(dict.fromkeys((*desk.etf_flow("BTC").sources, *desk.etf_flow("ETH").sources)))
        case "eth":
            return desk.eth_btc().sources
        case _:
            return desk.price("BTC").sources


def _buttons(words: Wording, name: str, subject: Subject) -> Buttons:
    details = "levels" if name == "btc" else name
    reason = "support" if name == "btc" else SHORT[subject.topic or "verdict"]
    return (
        (
            Button(words.plain("button.refresh"), f"here:status:{name}"),
            Button(words.plain("button.details"), details),
            Button(words.plain("button.why"), f"why:{reason}"),
            Button(words.plain("button.chart"), f"chart:{subject.chart}"),
        ),
    )
