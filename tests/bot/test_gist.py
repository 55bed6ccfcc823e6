"""The gist of each reading: what is known, how far it can be trusted, and what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.words.gist import etf_gist, eth_btc_gist, premium_gist, price_gist
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.calendar import session_on
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading, Quality, Source

NOW = datetime(2025, 11, 3, 17, 45, tzinfo=UTC)
WORDS = Wording(every_language()["en"], ZoneInfo("UTC"), NOW)
PREMIUM = PremiumReading(
    at=NOW - timedelta(minutes=12),
    quality=Quality.OK,
    adjusted_pct=0.0121,
    raw_pct=0.034,
    gap_usd=12.9,
    usdt_usd=0.9998,
    session=session_on(date(2025, 11, 3)),
    session_share_positive=0.999,
)
ETF = EtfReading(
    "BTC", Quality.OK, session=date(2025, 11, 3), total_usd=-186.5e6, streak=4, streak_total_usd=-1.34e9
)
ETH_BTC = EthBtcReading(NOW, Quality.OK, ratio=0.0336, low_age=timedelta(hours=2), regained=0.03)


@pytest.mark.parametrize(
    ("changed", "gist"),
    [
        ({}, "+0.012 % (+$13) · last session undecided, 99 % of its samples above 0"),
        ({"in_session": True}, "+0.012 % (+$13) · session 50 % done, 99 % of its samples above 0"),
        ({"positive_streak": 1}, "+0.012 % (+$13) · last session positive"),
        ({"negative_streak": 3}, "+0.012 % (+$13) · 3 negative sessions in a row"),
        (
            {"adjusted_pct": None, "positive_streak": 2},
            "+0.034 % (+$13) raw, the price of USDT is unknown · 2 positive sessions in a row",
        ),
        (
            {"quality": Quality.STALE, "positive_streak": 1},
            "+0.012 % (+$13) · last session positive · ⚠ 12 min old",
        ),
        (
            {"quality": Quality.DISPUTED, "positive_streak": 1},
            "+0.012 % (+$13) · last session positive · ⚠ sources disagree",
        ),
        ({"session": None, "in_session": True}, "+0.012 % (+$13)"),
        ({"raw_pct": None}, "no data yet"),
        ({"raw_pct": None, "sources": (Source("kraken BTC/USD", None),)}, "no data yet from Kraken BTC/USD"),
    ],
)
def test_the_premium(changed: dict[str, object], gist: str):
    assert premium_gist(WORDS, replace(PREMIUM, **changed)) == gist  # type: ignore[arg-type]  # any field's value


@pytest.mark.parametrize(
    ("changed", "gist"),
    [
        ({}, "−$186.5 m on 3 Nov (preliminary) · 4 sessions out, −$1.34 bn"),
        ({"final": True, "streak": 1}, "−$186.5 m on 3 Nov (final)"),
        (
            {"total_usd": 0.0, "streak": 2, "streak_total_usd": 21e6, "final": True},
            "$0 on 3 Nov (final) · 2 sessions without outflow, +$21.0 m",
        ),
        (
            {"quality": Quality.STALE, "streak": 1},
            "−$186.5 m on 3 Nov (preliminary) · ⚠ the next session's number is overdue",
        ),
        ({"session": None}, "no numbers yet"),
    ],
)
def test_etf_flows(changed: dict[str, object], gist: str):
    assert etf_gist(WORDS, replace(ETF, **changed)) == gist  # type: ignore[arg-type]  # any field's value


@pytest.mark.parametrize(
    ("changed", "gist"),
    [
        ({}, "0.0336 · low 2 h old · 3 % of the fall regained"),
        ({"regained": 1.27}, "0.0336 · low 2 h old · 127 % of the fall regained"),
        ({"low_age": None}, "0.0336"),
        ({"ratio": None}, "no data yet"),
    ],
)
def test_eth_btc(changed: dict[str, object], gist: str):
    assert eth_btc_gist(WORDS, replace(ETH_BTC, **changed)) == gist  # type: ignore[arg-type]  # any field's value


@pytest.mark.parametrize(
    ("reading", "gist"),
    [
        (PriceReading("BTC", NOW, Quality.OK, (), 106_929.4, -1.04), "BTC 106,929 −1.0 % 24 h"),
        (PriceReading("BTC", NOW, Quality.OK, (), 106_929.4), "BTC 106,929"),
        (PriceReading("ETH", NOW - timedelta(hours=1), Quality.STALE, (), 3_596.0), "ETH 3,596 (⚠ 1 h old)"),
        (PriceReading("ETH", NOW, Quality.MISSING), "ETH no price yet"),
    ],
)
def test_a_price(reading: PriceReading, gist: str):
    assert price_gist(WORDS, reading) == gist
