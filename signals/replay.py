"""Replay: what the engine would have said over past facts, each used only from the moment it was known."""

from collections.abc import Iterator
from datetime import datetime

from signals.conditions import Change
from signals.engine import first_standings, judge
from signals.market import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT, Market
from signals.moments import to_ms

NEEDED = (COINBASE_BTC, BINANCE_BTC, BINANCE_ETH)
"""The instruments without which a condition cannot be judged at all."""


def replay(market: Market, since: datetime, until: datetime) -> tuple[Change, ...]:
    """The changes from `since` to `until`, both included, after warming up on everything before."""
    outcome = judge(first_standings(), market, to_ms(until))
    return tuple(change for change in outcome.changes if change.at_ms >= to_ms(since))


def left_out(market: Market) -> Iterator[str]:
    """What a replay over this market has to do without, each in the name of the missing fact."""
    for instrument in NEEDED:
        if not market.steps(instrument):
            yield str(instrument)
    if not any(market.steps(venue) for venue in (COINBASE_USDT, KRAKEN_USDT)):
        yield "USDT/USD"
    for asset in ("BTC", "ETH"):
        if not market.flows.get(asset):
            yield f"{asset} ETF flows"
