"""The grammar: what is read, what is not and why, and that what is kept is read back as it was."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.own.canonical import canonical
from signals.own.grammar import parse
from signals.own.misread import Misread, Problem
from signals.own.readings import OWN_READINGS
from signals.own.rule import MAX_TERMS, Op, Ref, Rule, Term
from signals.own.units import Unit
from tests.signals.own.refs import refs

NOW = datetime(2025, 11, 3, 18, 0, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")

READ = {
    "btc < 105000": "btc < 105000",
    "BTC<105,000": "btc < 105000",
    "bitcoin below 105k": "btc < 105000",
    "btc < $105k": "btc < 105000",
    "btc < 0.105m": "btc < 105000",
    "ＢＴＣ＜１０５０００": "btc < 105000",
    "比特币 < 10.5万": "btc < 105000",
    "比特币低于10万美元": "btc < 100000",
    "the price of btc < 1": "btc < 1",
    "btc ≤ 5": "btc <= 5",
    "btc =< 5": "btc <= 5",
    "sol < 150": "sol < 150",
    "sol/usdt < 150": "sol/usdt < 150",
    "SOL/USDT:USDT@okx < 150": "SOL/USDT:USDT@okx < 150",
    "1000pepe > 0.01": "1000pepe > 0.01",
    "premium > 0 for 6h30m": "premium > 0% for 6h30m",
    "premium > 0 for 6 hours 30 minutes": "premium > 0% for 6h30m",
    "溢价 > 0 保持 6小时30分钟": "premium > 0% for 6h30m",
    "coinbase premium > -0.05 %": "premium > -0.05%",
    "premium raw > 5bp": "premium raw > 0.05%",
    "premium gap < -100": "premium gap < -100",
    "funding > 0.01% and oi 24h > 5%": "funding btc > 0.01% and oi btc 24h > 5%",
    "资金费率 > 0.01% 且 未平仓 24小时 > 5%": "funding btc > 0.01% and oi btc 24h > 5%",
    "eth funding rate < 0": "funding eth < 0%",
    "oi all 7d < -10": "oi all 7d < -10%",
    "oi > 30bn": "oi btc > 30000000000",
    "eth/btc new low 7d": "eth/btc new low 7d",
    "eth/btc 7d low": "eth/btc new low 7d",
    "eth/btc 7天新低": "eth/btc new low 7d",
    "oi 1h new low 7d": "oi btc 1h new low 7d",
    "btc new high 24h": "btc new high 1d",
    "eth/btc regained >= 50%": "eth/btc regained >= 50%",
    "eth/btc low age > 72h": "eth/btc low age > 72",
    "eth/btc low age > 3d": "eth/btc low age > 72",
    "eth/btc 24h < -3%": "eth/btc 24h < -3%",
    "etf btc < -300": "etf btc < -300",
    "etf < -$300m": "etf btc < -300",
    "eth etf flows > 1亿": "etf eth > 100",
    "etf streak <= -3": "etf btc streak <= -3",
    "btc 24h < -5%": "btc 24h < -5%",
    "btc change < -5": "btc 24h < -5%",
    "liquidations > 500m": "liquidations all > 500000000",
    "多头爆仓 > 5亿": "liquidations all long > 500000000",
    "depth < 50%": "depth btc < 50%",
    "usdt < 0.995": "usdt < 0.995",
    "sofr > 4.5%": "sofr > 4.5%",
    "repo > 20bn": "repo > 20000000000",
    "btc < 1 repeat": "btc < 1 repeat",
    "btc < 1 once": "btc < 1",
    "btc < 1, for 1h, repeat": "btc < 1 for 1h repeat",
    "btc < 1 hysteresis 1%": "btc < 1 hysteresis 1%",
    "btc<1 and eth<2 && sol<3 & xrp<4": "btc < 1 and eth < 2 and sol < 3 and xrp < 4",
}

MISREAD = {
    "": ("", Problem.EMPTY),
    " , ": ("", Problem.EMPTY),
    "btc << 5": ("<<", Problem.UNKNOWN_COMPARISON),
    "btc = 5": ("=", Problem.UNKNOWN_COMPARISON),
    "btc != 5": ("!=", Problem.UNKNOWN_COMPARISON),
    "btc at 105000": ("at", Problem.UNKNOWN_COMPARISON),
    "btc 105000": ("105000", Problem.COMPARISON_EXPECTED),
    "btc": ("", Problem.COMPARISON_EXPECTED),
    "btc <": ("", Problem.NUMBER_EXPECTED),
    "btc < abc": ("abc", Problem.NUMBER_EXPECTED),
    "btc < 1e5": ("1e5", Problem.NUMBER_EXPECTED),
    "btc < 105kk": ("105kk", Problem.NUMBER_EXPECTED),
    "btc < 1,05": ("1,05", Problem.NUMBER_EXPECTED),
    "btc < --5": ("--5", Problem.NUMBER_EXPECTED),
    "btc < 1.2.3": ("1.2.3", Problem.NUMBER_EXPECTED),
    "btc < 99999999999999999999": ("99999999999999999999", Problem.TOO_LARGE),
    "btc < 5%": ("5%", Problem.UNIT_DOES_NOT_FIT),
    "premium > 5k": ("5k", Problem.UNIT_DOES_NOT_FIT),
    "premium > $5": ("$5", Problem.UNIT_DOES_NOT_FIT),
    "etf btc < 5%": ("5%", Problem.UNIT_DOES_NOT_FIT),
    "premum > 0": ("premum", Problem.UNKNOWN_READING),
    "etherium > 0": ("etherium", Problem.UNKNOWN_READING),
    "< 5": ("<", Problem.UNKNOWN_READING),
    "月亮 > 0": ("月亮", Problem.UNKNOWN_READING),
    "<b>btc</b> < 5": ("<", Problem.UNKNOWN_READING),
    "etf sofr > 5": ("sofr", Problem.NOT_TOGETHER),
    "btc eth > 5": ("eth", Problem.NOT_TOGETHER),
    "sofr 24h > 5": ("sofr 24h", Problem.NOT_TOGETHER),
    "sol funding > 0": ("sol funding", Problem.NOT_TOGETHER),
    "btc new low": ("", Problem.WRONG_WINDOW),
    "btc new low 5m": ("5m", Problem.WRONG_WINDOW),
    "btc new low 90d": ("90d", Problem.WRONG_WINDOW),
    "premium > 0 for": ("", Problem.WRONG_HOLD),
    "premium > 0 for ever": ("ever", Problem.WRONG_HOLD),
    "premium > 0 for 60d": ("60d", Problem.WRONG_HOLD),
    "btc < 1 until yesterday": ("yesterday", Problem.WRONG_EXPIRY),
    "btc < 1 until 2025-02-30": ("2025-02-30", Problem.WRONG_EXPIRY),
    "btc < 1 until 2025-11-02": ("2025-11-02", Problem.WRONG_EXPIRY),
    "btc < 1 hysteresis 80%": ("80%", Problem.WRONG_HYSTERESIS),
    "btc<1 and eth<2 and sol<3 and xrp<4 and ada<5": ("ada", Problem.TOO_MANY_TERMS),
    "btc < 1 once repeat": ("repeat", Problem.OPTION_TWICE),
    "btc < 1 please": ("please", Problem.UNKNOWN_OPTION),
    "btc < 1 🔥": ("🔥", Problem.UNKNOWN_OPTION),
    "x" * 501: ("", Problem.TOO_LONG),
}


@pytest.mark.parametrize("text", READ)
def test_a_rule_is_read(text):
    assert canonical(parse(text, NOW), with_expiry=False) == READ[text]


@pytest.mark.parametrize("text", MISREAD)
def test_what_is_no_rule_is_told_with_the_word(text):
    with pytest.raises(Misread) as caught:
        parse(text, NOW)
    assert (caught.value.word, caught.value.problem) == MISREAD[text]


def test_the_word_is_the_authors_own_and_where_it_stands():
    text = "ＢＴＣ　＜＜ 5"
    with pytest.raises(Misread) as caught:
        parse(text, NOW)
    assert caught.value.word == "＜＜"
    assert text[caught.value.position :].startswith("＜＜")


def test_what_was_meant_is_named_where_it_is_near():
    with pytest.raises(Misread) as caught:
        parse("premum > 0", NOW)
    assert caught.value.near == "premium"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("", datetime(2026, 2, 1, 18, 1, tzinfo=UTC)),
        ("expires 7d", datetime(2025, 11, 10, 18, 1, tzinfo=UTC)),
        ("expires never", None),
        ("until 2025-11-30", datetime(2025, 11, 30, 16, tzinfo=UTC)),
        ("until 2025-11-30 08:30", datetime(2025, 11, 30, 0, 30, tzinfo=UTC)),
        ("until 2025-11-30T08:30Z", datetime(2025, 11, 30, 8, 30, tzinfo=UTC)),
        ("直到2025年11月30日", datetime(2025, 11, 30, 16, tzinfo=UTC)),
        ("until 2020-01-01T00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_when_a_rule_ends(option, expected):
    """A day ends with itself, where the chat is; what was kept is read however long ago it ended."""
    assert parse(f"btc < 1 {option}", NOW, SHANGHAI).expires_at == expected


def test_every_reading_can_be_written():
    for ref in refs():
        rule = Rule((Term(ref, Op.ABOVE, 1.0),))
        assert parse(canonical(rule), NOW) == rule
    assert len(refs()) >= 40


NUMBERS = st.decimals(-(10**12), 10**12, places=6).map(lambda number: float(number) + 0.0)
MINUTES = st.integers(1, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
HOURS = st.integers(60, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
COINS = st.sampled_from(["SOL", "DOGE", "SOL/USDT", "SOL/USDT:USDT", "XRP/USD@kraken", "1INCH", "BTC/USDT"])
REFS = st.sampled_from(refs()) | st.builds(
    Ref, st.sampled_from([row.id for row in OWN_READINGS.values() if row.any_coin]), COINS
)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    ref, op = draw(REFS), draw(st.sampled_from(Op))
    if op.has_window:
        return Term(ref, op, window=draw(HOURS))
    return Term(ref, op, draw(NUMBERS))


RULES = st.builds(
    Rule,
    terms=st.lists(terms(), min_size=1, max_size=MAX_TERMS).map(tuple),
    hold=MINUTES | st.just(timedelta(0)),
    repeats=st.booleans(),
    hysteresis_pct=st.none() | st.decimals(0, 50, places=4).map(float),
    expires_at=st.none()
    | st.datetimes(datetime(2025, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
)


@settings(max_examples=300, deadline=None)
@given(RULES, st.sampled_from([UTC, SHANGHAI]))
def test_what_is_kept_is_read_back_as_it_was(rule, zone):
    assert parse(canonical(rule), NOW, zone) == rule


PIECES = [
    *READ,
    *MISREAD,
    "and",
    "for",
    "repeat",
    "<",
    "%",
    "new low",
    "7d",
    "-",
    "\u202e",
    "&lt;",
    "𝟓",
    "½",
    "²",
    "İ",
    "ß",
    "ﬁ",
]


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join))
def test_any_text_is_a_rule_or_is_misread(text):
    misread = None
    try:
        rule = parse(text, NOW)
    except Misread as found:
        misread = found
    if misread is None:
        assert parse(canonical(rule), NOW) == rule
    else:
        assert 0 <= misread.position <= len(text)
        assert misread.word in text


@pytest.mark.parametrize(
    "piece", ["1", "1h", "btc ", "for 1h ", "-", "<", "1,", "and ", "比特币", "a/", "9d ", ".1"]
)
def test_a_long_text_takes_no_long_time(piece):
    began = time.process_time()
    for text in (piece * 500, "btc < 1 " + piece * 500, "premium > 0 for " + piece * 500):
        with pytest.raises(Misread):
            parse(text[:500], NOW)
    assert time.process_time() - began < 0.5


def test_a_number_is_exact():
    assert parse("funding > 0.013%", NOW).terms[0].threshold == float(Decimal("0.013"))
    assert OWN_READINGS["funding"].unit is Unit.PCT_8H
