"""The playbook in words: each point with what it is now, and for what it speaks."""

from collections.abc import Iterator, Sequence

from bot.desk import Desk
from bot.words.adl import clock_line
from bot.words.gist import etf_gist, eth_btc_gist, premium_gist, price_gist
from bot.words.marks import MARKS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import State
from signals.leverage import Funding
from signals.playbook import (
    PlaybookPoint,
    Speaks,
    adl_point,
    eth_point,
    flows_point,
    leverage_point,
    support_point,
)

SPEAKS = {
    Speaks.AGAINST: MARKS[State.MET],
    Speaks.FOR: MARKS[State.UNMET],
    Speaks.NEITHER: MARKS[State.HOLDING],
    Speaks.UNKNOWN: MARKS[State.NO_DATA],
}


def read_points(desk: Desk) -> tuple[PlaybookPoint, ...]:
    """The five points now."""
    stands = desk.standings
    return (
        flows_point(stands["premium"], stands["etf_flow"]),
        support_point(desk.levels(), stands["support"]),
        eth_point(stands["eth_btc"]),
        leverage_point(desk.leverage()),
        adl_point(desk.adl()),
    )


def summary(words: Wording, points: Sequence[PlaybookPoint]) -> Html:
    """How many speak for fragility, and how many against."""
    speaks = [point.speaks for point in points]
    return words(
        "playbook.summary",
        against=speaks.count(Speaks.AGAINST),
        supporting=speaks.count(Speaks.FOR),
        all=len(points),
    )


def marks_line(words: Wording, points: Sequence[PlaybookPoint]) -> Html:
    """Every point's name and mark on one line."""
    return words.joined(
        [
            words("playbook.short", mark=SPEAKS[point.speaks], name=words(f"playbook.name_{point.name}"))
            for point in points
        ]
    )


def point_lines(words: Wording, desk: Desk, number: int, point: PlaybookPoint) -> Iterator[Html]:
    """What to look for, the value now, and for what it speaks."""
    yield words(
        "playbook.point",
        mark=SPEAKS[point.speaks],
        n=number,
        name=words(f"playbook.name_{point.name}"),
        reason=words(f"playbook.reason_{point.reason}"),
    )
    yield words("playbook.look", what=words(f"playbook.look_{point.name}"))
    if now := _now(words, desk, point.name):
        yield words("playbook.now", now=now)


def _now(words: Wording, desk: Desk, name: str) -> Html:
    match name:
        case "flows":
            return words.joined([premium_gist(words, desk.premium()), etf_gist(words, desk.etf_flow())])
        case "support":
            return _levels_now(words, desk)
        case "eth":
            return eth_btc_gist(words, desk.eth_btc())
        case "leverage":
            return _leverage_now(words, desk)
        case _:
            return clock_line(words, desk.adl(), desk.rules.adl.review_within)


def _levels_now(words: Wording, desk: Desk) -> Html:
    reading = desk.levels()
    if reading.levels is None:
        return price_gist(words, reading.price)
    low, high = map(words.price, reading.levels.support)
    return words.joined([price_gist(words, reading.price), words("levels.support", low=low, high=high)])


def _leverage_now(words: Wording, desk: Desk) -> Html:
    btc = desk.leverage().coins[0]
    if btc.total_usd is None and btc.funding is None:
        return Html()
    parts = []
    if btc.total_usd is not None:
        parts.append(words("leverage.total", coin=btc.coin, total=words.amount(btc.total_usd)))
    if btc.day:
        parts.append(words("leverage.day", change=words.percent(btc.day.change * 100, digits=1)))
    parts.append(funding_mean(words, btc.funding))
    return words.joined(parts)


def funding_mean(words: Wording, funding: Funding | None) -> Html:
    """The mean of funding, and whether it is weighted."""
    if funding is None:
        return words("leverage.no_funding")
    key = "leverage.funding_weighted" if funding.is_weighted else "leverage.funding_mean"
    return words(key, rate=words.percent(funding.rate * 100, digits=4))
