"""Replay: what the engine would have said over past facts, each used only from the moment it was known."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from signals.adl_states import COINS, LOOKS
from signals.bars import newest_bar
from signals.conditions import Change, Condition
from signals.deleveraging import INSTRUMENT
from signals.engine import CONDITIONS, WARNINGS, first_standings, judge
from signals.gauges import Measure
from signals.market import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT, Market
from signals.moments import to_ms
from signals.shock import Shock
from signals.thin_book import depths
from signals.warnings import WarningRule

NEEDED = (COINBASE_BTC, BINANCE_BTC, BINANCE_ETH)
"""The instruments without which a condition cannot be judged at all."""


_SHOCK = Shock()


class Replay(NamedTuple):
    """The changes of the time asked for, and those of the time before, which warmed the rules up."""

    warm_up: tuple[Change, ...]
    changes: tuple[Change, ...]


def replay(
    market: Market,
    since: datetime,
    until: datetime,
    conditions: Sequence[Condition] = CONDITIONS,
    warnings: Sequence[WarningRule] = WARNINGS,
    *,
    shock: Shock = _SHOCK,
) -> Replay:
    """Judge everything up to `until`; what changed from `since` on, both moments included, is told apart."""
    standings = first_standings(conditions, warnings)
    changes = judge(standings, market, to_ms(until), conditions, warnings, shock=shock).changes
    warm_up = sum(change.at_ms < to_ms(since) for change in changes)
    return Replay(changes[:warm_up], changes[warm_up:])


def left_out(market: Market) -> Iterator[str]:
    """What a replay over this market has to do without, each by the name of the missing fact."""
    for instrument in NEEDED:
        if not market.steps(instrument):
            yield str(instrument)
    if not any(market.steps(venue) for venue in (COINBASE_USDT, KRAKEN_USDT)):
        yield "USDT/USD"
    for asset in ("BTC", "ETH"):
        if not market.flows.get(asset):
            yield f"{asset} ETF flows"
    if newest_bar(market, INSTRUMENT) is None:
        yield f"volumes of {INSTRUMENT}, without which there are no shocks"
    yield "open interest and the side of liquidations; shocks are told by price and volume"
    if not depths(market):
        yield "order books, which the warning thin_book needs"
    if not any(market.sources_of(coin, Measure.ADL_RISK) for coin in COINS):
        yield "ADL states of the exchanges, which the warning adl goes by"
    if not any(look in market.gauges for look in LOOKS):
        yield "announcements of exchanges; whether any answered a shock is not judged without them"
    if not any(fact.levels for fact in market.levels):
        yield "levels of BTC, which the warnings rally_zone and support need"
