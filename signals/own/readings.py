"""What rules can be about: one row a reading, with its unit, its margin and where its values come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from signals.market import Market
from signals.moments import MINUTE_MS, length_ms
from signals.own.fed import repo_values, sofr_values
from signals.own.flows import etf_streak_values, etf_values
from signals.own.liquidated import liquidated_values
from signals.own.positions import funding_values, interest_change_values, interest_values
from signals.own.prices import (
    Instruments,
    change_values,
    eth_btc_values,
    instrument_of,
    low_age_values,
    premium_gap_values,
    premium_raw_values,
    premium_values,
    price_values,
    regained_values,
    usdt_values,
)
from signals.own.rule import Ref
from signals.own.shallow import depth_values
from signals.own.units import NO_MARGIN, Margin, Unit
from signals.own.values import Values

ALL, BOTH, RATIO = "ALL", "BOTH", "ETH/BTC"
COINS = ("BTC", "ETH")

Series = Callable[[Market, str, int, int, Instruments], Values]
"""From the market, a subject and the instruments of coins to what became known after and up to a moment."""


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A reading: `subjects` are those it has, the usual one first; `any_coin`: and every other coin too.

    `patience`: so long nothing may be known of it without a `for` beginning anew; it starts where the last
    value has lapsed. Nothing fires meanwhile.
    `by_the_minute`: its live values become known at full minutes, and weeks have to be looked at for one: it
    is worked out by the first look of each minute.
    """

    id: str
    unit: Unit
    series: Series
    margin: Margin = NO_MARGIN
    subjects: tuple[str, ...] = ("",)
    any_coin: bool = False
    patience: timedelta = timedelta(0)
    by_the_minute: bool = False


_MINUTES = timedelta(minutes=10)
_POLLS = timedelta(minutes=30)


def _change(hours: int) -> Series:
    def values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
        return change_values(market, subject, since_ms, until_ms, find, over=timedelta(hours=hours))

    return values


def _interest_change(hours: int) -> Series:
    def values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
        del find
        return interest_change_values(market, subject, since_ms, until_ms, timedelta(hours=hours))

    return values


def _liquidated(side: str) -> Series:
    def values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
        del find
        return liquidated_values(market, subject, side, since_ms, until_ms)

    return values


_PRICED = (*COINS, RATIO)
_INTEREST = (*COINS, BOTH)
_LIQUIDATED = (ALL, *COINS)
_SHARE, _POINTS = Margin(share=0.005), Margin(amount=0.5)

_ROWS = (
    OwnReading("price", Unit.USD, price_values, _SHARE, COINS, any_coin=True, patience=_MINUTES),
    OwnReading("change_1h", Unit.PCT, _change(1), _POINTS, _PRICED, any_coin=True, patience=_MINUTES),
    OwnReading("change_24h", Unit.PCT, _change(24), _POINTS, _PRICED, any_coin=True, patience=_MINUTES),
    OwnReading("change_7d", Unit.PCT, _change(168), _POINTS, _PRICED, any_coin=True, patience=_MINUTES),
    OwnReading("premium", Unit.PCT, premium_values, Margin(amount=0.01), patience=_MINUTES),
    OwnReading("premium_raw", Unit.PCT, premium_raw_values, Margin(amount=0.01), patience=_MINUTES),
    OwnReading("premium_gap", Unit.USD, premium_gap_values, Margin(amount=10.0), patience=_MINUTES),
    OwnReading("usdt", Unit.USD, usdt_values, Margin(share=0.0005), patience=_MINUTES),
    OwnReading("eth_btc", Unit.RATIO, eth_btc_values, _SHARE, patience=_MINUTES),
    OwnReading(
        "eth_btc_regained",
        Unit.PCT,
        regained_values,
        Margin(amount=5.0),
        patience=_MINUTES,
        by_the_minute=True,
    ),
    OwnReading("eth_btc_low_age", Unit.HOURS, low_age_values, patience=_MINUTES, by_the_minute=True),
    OwnReading("etf", Unit.MUSD, etf_values, subjects=COINS),
    OwnReading("etf_streak", Unit.SESSIONS, etf_streak_values, subjects=COINS),
    OwnReading("funding", Unit.PCT_8H, funding_values, Margin(amount=0.002), COINS, patience=_POLLS),
    OwnReading("oi", Unit.USD, interest_values, Margin(share=0.01), _INTEREST, patience=_POLLS),
    OwnReading("oi_1h", Unit.PCT, _interest_change(1), _POINTS, _INTEREST, patience=_POLLS),
    OwnReading("oi_24h", Unit.PCT, _interest_change(24), _POINTS, _INTEREST, patience=_POLLS),
    OwnReading("oi_7d", Unit.PCT, _interest_change(168), _POINTS, _INTEREST, patience=_POLLS),
    OwnReading("liquidations", Unit.USD, _liquidated("both"), Margin(share=0.05), _LIQUIDATED),
    OwnReading("liquidations_long", Unit.USD, _liquidated("long"), Margin(share=0.05), _LIQUIDATED),
    OwnReading("liquidations_short", Unit.USD, _liquidated("short"), Margin(share=0.05), _LIQUIDATED),
    OwnReading("depth", Unit.PCT, depth_values, Margin(amount=5.0), ("BTC",), patience=_POLLS),
    OwnReading("sofr", Unit.PCT, sofr_values),
    OwnReading("repo", Unit.USD, repo_values),
)

OWN_READINGS: Mapping[str, OwnReading] = {row.id: row for row in _ROWS}
"""By id. Every reading with each of its subjects is one that a rule can be about."""


def values_of(
    ref: Ref, market: Market, since_ms: int, until_ms: int, find: Instruments = instrument_of
) -> Values:
    """What became known of a reading after one moment and up to another; facts known later play no part.

    `find` gives the instrument whose prices are a coin's, None where it has none: then nothing is known.
    """
    return OWN_READINGS[ref.reading].series(market, ref.subject, since_ms, until_ms, find)


def patience_ms(ref: Ref) -> int:
    """See `OwnReading.patience`."""
    return length_ms(OWN_READINGS[ref.reading].patience)


def has_news(ref: Ref, since_ms: int, now_ms: int) -> bool:
    """Whether a look at a reading is worth its cost, with one at `since_ms` before it."""
    return not OWN_READINGS[ref.reading].by_the_minute or now_ms // MINUTE_MS > since_ms // MINUTE_MS
