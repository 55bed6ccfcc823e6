"""`/scorecard`: what BTC and ETH did after each kind of alert; of one subject case by case."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from bot.commands.subjects import subject_of
from bot.desk import Desk
from bot.reading import read_beside
from bot.words.answer import Answer, Ask
from bot.words.marks import MARKS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.believed import believed
from signals.facts import BINANCE_BTC, BINANCE_ETH, Instrument
from signals.market import Market
from signals.moments import DAY_MS, from_ms, length_ms, to_ms
from signals.quorum import DOLLAR_TOKEN, VENUES_OF
from signals.scorecard import COINS, HORIZONS, Case, Group, PriceAt, Spread, cases, grouped
from storage.alerts import read_changes
from storage.database import Database
from storage.market import load_bars

_CHANGES = 2_000
_GROUPS_SHOWN = 14
_CASES_SHOWN = 8
_DAY = 1
"""The horizon that the overview shows."""
_FRESH = timedelta(hours=1)
_INSTRUMENTS = {"BTC": BINANCE_BTC, "ETH": BINANCE_ETH}
_COMPARED = frozenset((*VENUES_OF["BTC"], *VENUES_OF["ETH"], *DOLLAR_TOKEN))


async def scorecard(ask: Ask) -> Answer:
    """Every kind of change, or with a word after it one subject."""
    subject = subject_of(ask.args[0]) if ask.args else None
    found = await _cases(ask.desk)
    if subject is not None:
        found = [case for case in found if case.change.id == subject]
    if not found:
        return Answer(ask.words("scorecard.empty"))
    lines = _of_subject(ask.words, found) if subject else _overview(ask.words, found)
    return Answer(Html("\n".join(lines)))


async def _cases(desk: Desk) -> list[Case]:
    """Oldest first. Beside the event loop: prices of a year ago take seconds to find."""
    trusted, now_ms, tolerance = desk.trusted, to_ms(desk.now), desk.settings.quorum_tolerance
    return await read_beside(desk.db, lambda db: _found(db, trusted, now_ms, tolerance))


def _found(db: Database, trusted: Market, now_ms: int, tolerance: float) -> list[Case]:
    changes = [saved.change for saved in read_changes(db, limit=_CHANGES)][::-1]
    price_at = _believed_prices(db, trusted, tolerance)
    return cases((change for change in changes if change.at_ms <= now_ms), price_at, now_ms)


def _believed_prices(db: Database, trusted: Market, tolerance: float) -> PriceAt:
    """Prices out of memory, or of longer ago out of storage: never one that other venues contradict."""

    @cache
    def day(begins_ms: int) -> Market:
        since, until = from_ms(begins_ms) - _FRESH, from_ms(begins_ms + DAY_MS)
        return believed(load_bars(db, _COMPARED, since, until), tolerance)

    def price_at(coin: str, at_ms: int) -> float | None:
        instrument = _INSTRUMENTS[coin]
        price = _fresh_price(trusted, instrument, at_ms)
        return price or _fresh_price(day(at_ms // DAY_MS * DAY_MS), instrument, at_ms)

    return price_at


def _fresh_price(market: Market, instrument: Instrument, at_ms: int) -> float | None:
    last = market.last_price(instrument, at_ms)
    return last.price if last and at_ms - last.at_ms <= length_ms(_FRESH) else None


def _overview(words: Wording, found: list[Case]) -> Iterator[Html]:
    first = from_ms(min(case.change.at_ms for case in found))
    yield words("scorecard.title", n=len(found), since=words.moment(first))
    for group in grouped(found)[:_GROUPS_SHOWN]:
        yield words(
            "scorecard.group",
            mark=MARKS[group.state],
            name=words(f"name.{group.subject}"),
            state=words(f"state.{group.state}"),
            n=len(group.cases),
            after=words.joined([_coin(words, group, coin, _DAY) for coin in COINS]),
        )
    yield words("scorecard.end")


def _of_subject(words: Wording, found: list[Case]) -> Iterator[Html]:
    subject = found[0].change.id
    yield words("scorecard.subject", name=words(f"name.{subject}"), n=len(found))
    for group in grouped(found):
        state, count = words(f"state.{group.state}"), len(group.cases)
        yield words("scorecard.state", mark=MARKS[group.state], state=state, n=count)
        for horizon, length in enumerate(HORIZONS):
            after = words.joined([_coin(words, group, coin, horizon) for coin in COINS])
            yield words("scorecard.horizon", length=words.duration(length), after=after)
    yield words("scorecard.cases")
    for case in found[: -_CASES_SHOWN - 1 : -1]:
        yield _case(words, case)
    yield words("scorecard.end")


def _coin(words: Wording, group: Group, coin: str, horizon: int) -> Html:
    """The median and the range of many cases, a few one by one."""
    spread = group.spread(coin, horizon)
    if not spread.values:
        return words("scorecard.unknown", coin=coin)
    if spread.middle is None:
        values = words.listed([_percent(words, value) for value in spread.values])
        return words("scorecard.few", coin=coin, values=values)
    return words(
        "scorecard.spread",
        coin=coin,
        middle=_percent(words, spread.middle),
        lowest=_percent(words, min(spread.values)),
        highest=_percent(words, max(spread.values)),
        n=_missing(group, spread),
    )


def _missing(group: Group, spread: Spread) -> int:
    return len(group.cases) - len(spread.values)


def _case(words: Wording, case: Case) -> Html:
    after = [
        words.plain(
            "scorecard.values",
            coin=coin,
            values=words.listed(
                [_percent(words, value) if value is not None else "?" for value in case.after[coin]]
            ),
        )
        for coin in COINS
    ]
    return words(
        "scorecard.case",
        moment=words.moment(from_ms(case.change.at_ms)),
        state=words(f"state.{case.change.to_state}"),
        after=words.joined([words("scorecard.plain", text=text) for text in after]),
    )


def _percent(words: Wording, share: float) -> str:
    return words.percent(share * 100, digits=1)
