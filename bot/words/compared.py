"""Two moments side by side, one line a reading: what it was, what it is, and by how much it changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple, TypeVar

from bot.words.board import CONDITIONS
from bot.words.marks import MARKS
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import State
from signals.facts import EtfFlow
from signals.leverage import COINS, Funding
from signals.liquidations import Sides
from signals.snapshot import SessionMean, Snapshot
from signals.verdict import VERDICT


class Moment(NamedTuple):
    """A snapshot, and the states of verdict and conditions at its moment, by id.

    `is_replayed`: nothing had been recorded by then, so that they were judged from what is stored.
    """

    snapshot: Snapshot
    states: Mapping[str, str]
    is_replayed: bool = False


def compared(words: Wording, then: Moment, now: Moment, day: date | None) -> Html:
    """The whole comparison; `day` is the one that ends with the first moment, None for that of a shock."""
    return Html("\n".join(filter(None, _lines(words, then, now, day))))


def _lines(words: Wording, then: Moment, now: Moment, day: date | None) -> Iterator[Html]:
    when = words.day(day) if day else words.moment(then.snapshot.at)
    before, after = (_state(words, moment, VERDICT) for moment in (then, now))
    yield words("compare.title", when=when, before=before, now=after)
    yield words("compare.day_ends" if day else "compare.shock", when=when)
    if then.snapshot.is_empty:
        yield words("compare.nothing")
    else:
        for condition in CONDITIONS:
            before, after = (_state(words, moment, condition) for moment in (then, now))
            yield _line(words, Pair(words.plain(f"name.{condition}"), before, after))
        if then.is_replayed:
            yield words("compare.replayed")
        yield from _readings(words, list(_pairs(words, then.snapshot, now.snapshot)))
    yield words("status.disclaimer")


class Pair(NamedTuple):
    """A reading then and now, in words; None where it is not known. The change is a share."""

    name: str
    before: Html | None
    now: Html | None
    change: float | None = None


def _readings(words: Wording, pairs: Sequence[Pair]) -> Iterator[Html]:
    """What is known of one moment at least, a line each; the names of the others."""
    known = [pair for pair in pairs if pair.before or pair.now]
    yield from (_line(words, pair) for pair in known)
    if missing := [pair.name for pair in pairs if pair not in known]:
        yield words("compare.missing", mark=MARKS[State.NO_DATA], names=words.listed(missing))


def _line(words: Wording, pair: Pair) -> Html:
    missing = words("state.no_data")
    line = words("compare.line", name=pair.name, before=pair.before or missing, now=pair.now or missing)
    if pair.change is None:
        return line
    return words("compare.changed", line=line, change=words.percent(pair.change * 100, digits=1))


def _pairs(words: Wording, then: Snapshot, now: Snapshot) -> Iterator[Pair]:
    for coin in COINS:
        yield _numbers(coin, then.prices.get(coin), now.prices.get(coin), words.price)
    yield _numbers(words.plain("name.eth_btc"), then.eth_btc, now.eth_btc, words.ratio)
    yield _pair(words.plain("compare.premium"), then.premium, now.premium, partial(_premium, words))
    for coin in COINS:
        name = words.plain("compare.flows", coin=coin)
        yield _pair(name, then.flows.get(coin), now.flows.get(coin), partial(_flow, words))
    yield _interest(words, then, now)
    yield _pair(words.plain("compare.funding"), then.funding, now.funding, partial(_funding, words))
    yield _pair(words.plain("compare.liquidated"), then.liquidated, now.liquidated, partial(_sides, words))


_T = TypeVar("_T")


def _pair(name: str, before: _T | None, now: _T | None, write: Callable[[_T], str]) -> Pair:
    return Pair(
        name, None if before is None else Html(write(before)), None if now is None else Html(write(now))
    )


def _numbers(name: str, before: float | None, now: float | None, write: Callable[[float], str]) -> Pair:
    change = now / before - 1 if before and now is not None else None
    return _pair(name, before, now, write)._replace(change=change)


def _state(words: Wording, moment: Moment, subject: str) -> Html:
    state = moment.states.get(subject, State.NO_DATA)
    return words("compare.state", mark=MARKS[state], state=words(f"state.{state}"))


def _premium(words: Wording, found: SessionMean) -> Html:
    return words("compare.of_day", value=words.percent(found.mean_pct), day=words.day(found.day))


def _flow(words: Wording, found: EtfFlow) -> Html:
    return words("compare.of_day", value=words.usd(found.total_usd), day=words.day(found.session))


def _funding(words: Wording, found: Funding) -> str:
    return words.percent(found.rate * 100, digits=4)


def _sides(words: Wording, found: Sides) -> Html:
    share = words.share(found.long_usd / found.total_usd if found.total_usd else 0)
    return words("compare.sides", total=words.amount(found.total_usd), share=share)


def _interest(words: Wording, then: Snapshot, now: Snapshot) -> Pair:
    """Open interest over the venues that are known at both moments; else where it is known at all."""
    both = [venue for venue in then.interest if venue in now.interest]
    name = words.plain("compare.interest")
    if both and len(both) < max(len(then.interest), len(now.interest)):
        names = words.listed([source_name(words, venue) for venue in both])
        name = words.plain("compare.interest_of", names=names)
    before, after = (
        sum(each.interest[venue] for venue in both or each.interest) or None for each in (then, now)
    )
    return _numbers(name, before, after, words.amount)
