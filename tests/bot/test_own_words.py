"""Rules in words, exactly as they were said; and no text of theirs too long for where it stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.own_panel import step_of, stepped
from bot.delivery.split import plain, utf16_units
from bot.playground.markup import parse_html
from bot.words.misread import example_of, misread_text
from bot.words.own import how_text, rule_text, value_text, when_text
from bot.words.own_news import Fired, fired_text
from bot.words.own_preview import preview_text
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.market import Market
from signals.moments import to_ms
from signals.own.backtest import would_have_fired
from signals.own.grammar import parse
from signals.own.misread import Misread, Problem
from signals.own.rule import MAX_TERMS, Op, Ref, Rule, Term
from signals.own.units import Unit
from tests.signals.own.refs import refs

NOW = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def words(language: str = "en") -> Wording:
    return Wording(every_language()[language], UTC, NOW)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("btc < 105000", "BTC below 105,000", "BTC 低于 105,000"),
        ("btc < 104999.5", "BTC below 104,999.5", "BTC 低于 104,999.5"),
        ("btc 24h < -5%", "BTC over 24 h below −5 %", "BTC 24 小时涨跌幅低于 −5%"),
        (
            "premium > 0 for 6h30m",
            "US premium above 0 % for 6 h 30 min",
            "美国溢价高于 0%，并保持 6 小时 30 分钟",
        ),
        (
            "funding > 0.0125%",
            "BTC funding above 0.0125 % per 8 h",
            "BTC 资金费率高于 0.0125%（每 8 小时）",
        ),
        ("etf btc < -300", "BTC ETF flow of a session below −$300 m", "BTC ETF 单个交易日净流低于 −3 亿美元"),
        ("oi > 28.123b", "BTC open interest above $28.123 bn", "BTC 未平仓合约高于 281.23 亿美元"),
        ("eth/btc new low 7d", "ETH/BTC at a new low of 7 d", "ETH/BTC 创 7 天新低"),
        ("btc > 1 for 8d1h", "BTC above 1 for 8 d 1 h", "BTC 高于 1，并保持 8 天 1 小时"),
        ("eth/btc < 0.0335", "ETH/BTC below 0.0335", "ETH/BTC 低于 0.0335"),
        ("shib < 0.00001234", "SHIB below 0.00001234", "SHIB 低于 0.00001234"),
        (
            "sofr >= 4.2% and all liquidations > 1.5b",
            "SOFR at least 4.2 % and liquidations in 24 h, all coins, above $1.5 bn",
            "SOFR 不低于 4.2%，且全市场 24 小时爆仓高于 15 亿美元",
        ),
    ],
)
def test_a_rule_is_said_as_exactly_as_it_was_meant(text: str, english: str, chinese: str):
    rule = parse(text, NOW)
    assert plain(rule_text(words("en"), rule)) == english
    assert plain(rule_text(words("zh"), rule)) == chinese


def test_how_it_runs_is_said():
    rule = parse("btc < 1 repeat hysteresis 1% expires never", NOW)
    assert plain(how_text(words(), rule)) == "at each crossing · margin 1 % · without an end"
    assert plain(how_text(words(), parse("btc < 1", NOW))) == "once · until 1 Feb 20:14 UTC"
    assert plain(when_text(words(), parse("btc < 1", NOW))) == "BTC is below 1"


@pytest.mark.parametrize(
    ("ref", "value", "shown"),
    [
        (Ref("price", "BTC"), 104_980.4, "104,980"),
        (Ref("price", "SOL"), 143.207, "143.21"),
        (Ref("price", "SHIB"), 0.0000123456, "0.00001235"),
        (Ref("price", "X"), 0.0, "0.00"),
        (Ref("premium"), -0.02613, "−0.026 %"),
        (Ref("funding", "BTC"), 0.01, "0.0100 % per 8 h"),
        (Ref("oi", "BOTH"), 28.1e9, "$28.10 bn"),
        (Ref("etf", "BTC"), -186.5, "−$186.5 m"),
        (Ref("etf_streak", "BTC"), -4.0, "−4 sessions"),
        (Ref("eth_btc_low_age"), 72.4, "72 h"),
        (Ref("change_24h", "ETH"), -9.04, "−9.0 %"),
    ],
)
def test_a_value_is_shown_with_the_digits_that_count(ref: Ref, value: float, shown: str):
    assert value_text(words(), ref, value) == shown


@BOTH
@pytest.mark.parametrize("ref", refs(), ids=str)
def test_every_reading_has_its_name_and_unit_in_words(language: str, ref: Ref):
    said = rule_text(words(language), Rule((Term(ref, Op.BELOW, 1.5),)))
    parse_html(said)
    assert value_text(words(language), ref, 1.5)


LONGEST = Rule(
    tuple(
        Term(Ref(reading, "BOTH" if reading == "oi_24h" else "BTC"), Op.AT_LEAST, -123_456_789.12345678)
        for reading in ("etf_streak", "oi_24h", "liquidations_short", "depth")
    ),
    hold=timedelta(days=29, hours=23, minutes=59),
    repeats=True,
    hysteresis_pct=12.345678,
    expires_at=NOW + timedelta(days=3649),
)


@BOTH
def test_the_longest_preview_fits_under_its_picture(language: str):
    assert len(LONGEST.terms) == MAX_TERMS
    preview = would_have_fired(LONGEST, Market(), NOW)
    fired = tuple(to_ms(NOW) - n * 3_600_000 for n in range(999, 0, -1))
    values = dict.fromkeys(LONGEST.refs, -1234567.125)
    preview = replace(
        preview, firings=fired, coverage=dict.fromkeys(LONGEST.refs, 0.5), now=values, is_true=True
    )
    text = preview_text(words(language), LONGEST, preview)
    parse_html(text)
    assert utf16_units(plain(text)) <= 1024


@BOTH
def test_the_longest_news_fit_into_a_message(language: str):
    values = tuple(-123456.125 for _ in LONGEST.terms)
    fired = [Fired(n, LONGEST, NOW - timedelta(hours=9), values, 10**6) for n in range(10**6, 10**6 + 50)]
    text = fired_text(words(language), fired)
    parse_html(text)
    assert utf16_units(plain(text)) <= 4096


@BOTH
@pytest.mark.parametrize("problem", list(Problem))
@pytest.mark.parametrize("word", ["", "<<", "<b>&amp;\u202e😀" * 30])
def test_every_mistake_has_a_sentence_with_an_example_that_works(language: str, problem: Problem, word: str):
    error = Misread(word, 3, problem, near="funding", unit=Unit.PCT)
    text = misread_text(words(language), error)
    parse_html(text)
    assert len(plain(text)) < 500
    assert "\u202e" not in text


@pytest.mark.parametrize("unit", [None, *Unit])
def test_every_example_can_be_sent_as_it_is(unit: Unit | None):
    for problem in Problem:
        parse(example_of(Misread("x", 0, problem, unit=unit)), NOW)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("btc < 105000", 1000.0),
        ("btc < 9500", 10.0),
        ("sol < 150", 1.0),
        ("premium > 0.05%", 0.001),
        ("btc 24h < -5%", 0.1),
        ("premium > 0", 0.01),
        ("eth/btc < 0.0335", 0.0001),
        ("etf streak btc >= 2", 1.0),
    ],
)
def test_a_step_is_a_round_number(text: str, step: float):
    [term] = parse(text, NOW).terms
    assert float(step_of(term)) == step


@given(
    st.sampled_from(refs()),
    st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda value: float(f"{value:.4g}")),
    st.integers(-3, 3),
)
def test_a_step_moves_the_threshold_and_nothing_else(ref: Ref, threshold: float, steps: int):
    rule = Rule((Term(ref, Op.NEW_LOW, window=timedelta(days=7)), Term(ref, Op.ABOVE, threshold)))
    moved = stepped(rule, steps)
    assert moved.terms[0] == rule.terms[0]
    assert moved.terms[1].threshold is not None
    step = float(step_of(rule.terms[1]))
    assert moved.terms[1].threshold == pytest.approx(threshold + steps * step, rel=1e-12, abs=1e-12)


def test_a_rule_without_a_threshold_has_no_steps():
    rule = parse("eth/btc new low 7d", NOW)
    assert stepped(rule, 1) == rule
