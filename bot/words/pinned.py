"""The pinned board in words: what `/status` says, told so that it changes only when there is something new.

No ages, no lengths of time, and every number rounded: an edit costs the chat one of its messages.
"""

from collections.abc import Iterator
from math import floor, log10

from bot.words.answer import Button, Buttons
from bot.words.behind import clock_line
from bot.words.board import CONDITIONS, Board
from bot.words.gist import etf_gist
from bot.words.marks import MARKS, WARNING
from bot.words.outlook import outlook
from bot.words.texts import Html
from bot.words.warned import warnings_line
from bot.words.wording import Wording
from signals.conditions import Standing, State
from signals.eth_btc import EthBtcRules
from signals.moments import from_ms
from signals.readings import EthBtcReading, PremiumReading, PriceReading, Quality

_STEP = 0.005
"""Prices move by less than this share without being told."""
_SHARE_STEP = 0.05


def pinned_text(words: Wording, board: Board, rules: EthBtcRules) -> Html:
    """All of a board but the moment that it is of."""
    lines = (
        _verdict(words, board),
        words.joined([_price(words, price) for price in board.prices]),
        *(_condition(words, board, condition) for condition in CONDITIONS),
        clock_line(words, board.standings),
        _shock(words, board),
        warnings_line(words, board.standings),
        outlook(words, board.standings, rules, board.eth_btc.target_ratio),
    )
    return Html("\n".join(filter(None, lines)))


def as_of(words: Wording) -> Html:
    """The moment that a board is of, which alone is no reason to edit it."""
    return words.joined([words("status.as_of", clock=words.clock(words.now)), words("status.disclaimer")])


def pinned_buttons(words: Wording) -> Buttons:
    """Where to go from a board."""
    return (
        (
            Button(words.plain("button.why"), "why"),
            Button(words.plain("button.status"), "status"),
            Button(words.plain("button.topics"), "subscribe"),
        ),
    )


def steady(value: float) -> float:
    """A price without its last movements: rounded to a round step of at most half a percent."""
    if not value:
        return value
    least = abs(value) * _STEP
    decade = 10.0 ** floor(log10(least))
    step = next(step for step in (5 * decade, 2 * decade, decade) if step <= least)
    return round(value / step) * step


def _verdict(words: Wording, board: Board) -> Html:
    verdict = board.verdict
    met = len(board.conditions_in(State.MET))
    line = words(f"status.{verdict.state}", mark=MARKS[verdict.state], n=met, all=len(CONDITIONS))
    return words.joined([line, _since(words, verdict)])


def _since(words: Wording, standing: Standing) -> Html:
    if standing.since_ms is None:
        return Html()
    return words("board.since", moment=words.moment(from_ms(standing.since_ms)))


def _price(words: Wording, reading: PriceReading) -> Html:
    if reading.price is None:
        return words("gist.price_missing", asset=reading.asset)
    price = words("board.price", asset=reading.asset, price=words.price(steady(reading.price)))
    return words.joined([price, _doubt(words, reading.quality)])


def _condition(words: Wording, board: Board, condition: str) -> Html:
    standing = board.standings[condition]
    line = words(
        "status.condition",
        mark=MARKS[standing.state],
        name=words(f"name.{condition}"),
        state=words(f"state.{standing.state}"),
    )
    return words.joined([line, *_readings(words, board, condition)])


def _readings(words: Wording, board: Board, condition: str) -> Iterator[Html]:
    match condition:
        case "premium":
            yield from _premium(words, board.premium)
        case "etf_flow":
            yield etf_gist(words, board.etf)
        case "eth_btc":
            yield from _eth_btc(words, board.eth_btc)


def _premium(words: Wording, reading: PremiumReading) -> Iterator[Html]:
    value = reading.raw_pct if reading.adjusted_pct is None else reading.adjusted_pct
    if value is None:
        yield words("gist.missing")
        return
    yield Html(words.percent(value, digits=2))
    if reading.adjusted_pct is None:
        yield words("board.raw")
    if reading.negative_streak:
        yield words("gist.premium_negative", n=reading.negative_streak)
    elif reading.positive_streak:
        yield words("gist.premium_positive", n=reading.positive_streak)
    yield _doubt(words, reading.quality)


def _eth_btc(words: Wording, reading: EthBtcReading) -> Iterator[Html]:
    if reading.ratio is None:
        yield words("gist.missing")
        return
    yield Html(words.ratio(steady(reading.ratio)))
    if reading.low_at is not None and reading.regained is not None:
        hour = reading.low_at.replace(minute=0, second=0, microsecond=0)
        regained = floor(max(reading.regained, 0.0) / _SHARE_STEP + 1e-9) * _SHARE_STEP
        yield words("board.low", moment=words.moment(hour), regained=words.share(round(regained, 2)))
    yield _doubt(words, reading.quality)


def _doubt(words: Wording, quality: Quality) -> Html:
    """That a number is old or disputed; how old it is would change with every minute."""
    if quality is Quality.STALE:
        return words("board.stale", mark=WARNING)
    return words("gist.disputed", mark=WARNING) if quality is Quality.DISPUTED else Html()


def _shock(words: Wording, board: Board) -> Html:
    episode = board.shock.episode
    if episode is None or not board.shock.is_open:
        return Html()
    return words(
        "board.shock",
        mark=WARNING,
        moment=words.moment(from_ms(episode.opened_ms)),
        change=words.percent(-episode.fall * 100, digits=1),
        low=words.price(steady(episode.low.btc_usd)),
    )
