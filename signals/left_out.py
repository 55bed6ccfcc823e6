"""What a replay over a market has to do without, each by the name of the missing fact."""

from collections.abc import Callable, Iterator

from signals.adl_states import LOOKS
from signals.bars import newest_bar
from signals.deleveraging import INSTRUMENT
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT
from signals.gauges import Measure
from signals.market import Market
from signals.notices import NoticeKind

NEEDED = (COINBASE_BTC, BINANCE_BTC, BINANCE_ETH)
"""The instruments without which a condition cannot be judged at all."""


def left_out(market: Market) -> Iterator[str]:
    """The sentences, in the order in which facts matter."""
    for instrument in NEEDED:
        if not market.steps(instrument):
            yield str(instrument)
    yield from (sentence for is_there, sentence in _FACTS if not is_there(market))


def _measured(measure: Measure) -> Callable[[Market], bool]:
    return lambda market: any(series.measure is measure for series in market.gauges)


_FACTS: tuple[tuple[Callable[[Market], bool], str], ...] = (
    (lambda m: any(m.steps(venue) for venue in (COINBASE_USDT, KRAKEN_USDT)), "USDT/USD"),
    (lambda m: bool(m.flows.get("BTC")), "BTC ETF flows"),
    (lambda m: bool(m.flows.get("ETH")), "ETH ETF flows"),
    (
        lambda m: newest_bar(m, INSTRUMENT) is not None,
        f"volumes of {INSTRUMENT}, without which there are no shocks",
    ),
    (
        _measured(Measure.OPEN_INTEREST_USD),
        "open interest, which the warning relever needs; shocks are told without it",
    ),
    (_measured(Measure.FUNDING_8H), "funding, which the warnings funding and relever need"),
    (
        _measured(Measure.LIQUIDATED_LONG_USD),
        "liquidations, which the warning liquidations needs; shocks are told without their side",
    ),
    (_measured(Measure.DEPTH_1PCT_USD), "order books, which the warning thin_book needs"),
    (_measured(Measure.ADL_RISK), "ADL states of the exchanges, which the warning adl goes by"),
    (
        lambda m: any(look in m.gauges for look in LOOKS),
        "announcements of exchanges; whether any answered a shock is not judged without them",
    ),
    (
        lambda m: any(notice.kind is NoticeKind.EXPLOIT for notice in m.notices),
        "exploits, which the warning exploit needs",
    ),
    (_measured(Measure.REPO_USD), "repo operations of the Fed, which the warning repo needs"),
    (
        lambda m: any(fact.levels for fact in m.levels),
        "levels of BTC, which the warnings rally_zone and support need",
    ),
)
