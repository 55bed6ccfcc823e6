"""Alerts: the first line tells the news, and no value or name can break them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.playground.entities import utf16_units
from bot.playground.formatting import MAX_TEXT_UNITS
from bot.playground.markup import parse_html
from bot.words.compose import compose_alert
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.conditions import Alarm, Change, Kind, Standing, State, Verdict
from signals.engine import first_standings, judge
from signals.moments import from_ms, to_ms
from tests.bot.desks import FRAGILE, HELD_SESSION
from tests.history import needs_history, november_2025

AT = datetime(2025, 11, 28, 18, tzinfo=UTC)
AT_MS = to_ms(AT)
MET = Standing(State.MET, State.MET, AT_MS)
ALL_MET = {
    "premium": MET,
    "etf_flow": MET,
    "eth_btc": MET,
    "verdict": Standing(Verdict.BROKEN, since_ms=AT_MS),
}
BROKEN = Change(
    AT_MS,
    Kind.VERDICT,
    "verdict",
    Verdict.FRAGILE,
    Verdict.BROKEN,
    "all_met",
    {"met": ["premium", "etf_flow", "eth_btc"], "missing": [], "btc_usd": 90_890.1, "eth_usd": 3_011.0},
)
NEW_LOW = Change(
    AT_MS,
    Kind.CONDITION,
    "eth_btc",
    State.MET,
    State.UNMET,
    "new_low",
    {
        "ratio": 0.0333,
        "low": 0.0333,
        "low_at": "2025-11-28T18:00:00Z",
        "peak": 0.0367,
        "regained": 0.0,
        "low_age_hours": 0.0,
        "beta": 2.94,
        "window_hours": 336,
    },
)
BLIND = Change(AT_MS, Kind.CONDITION, "premium", State.UNMET, State.NO_DATA, "stale", {})


ENGLISH = every_language()["en"]


def words(language: str = "en") -> Wording:
    return Wording(every_language()[language], ZoneInfo("UTC"), AT + timedelta(minutes=1))


def told(changes: Sequence[Change], standings: Mapping[str, Standing], language: str = "en") -> str:
    html, _ = compose_alert(words(language), 1042, changes, standings, before=FRAGILE["verdict"])
    return parse_html(html).text


def test_an_alert_about_a_condition():
    assert told([HELD_SESSION], FRAGILE | {"premium": MET}).splitlines() == [
        "✓ US premium held a session: +0.012 % on average · 93 % of samples above 0",
        "session of Fri 28 Nov, half day",
        "🔴 Verdict fragile: 1 of 3 met · open: ETF flows, ETH/BTC",
        "Turns back if: a US session below 0",
        ENGLISH.plain("meaning.premium.met"),
        "A-1042 · 28 Nov 18:00 UTC",
    ]


def test_an_alert_about_the_verdict_tells_cause_duration_and_way_back():
    assert told([HELD_SESSION, BROKEN], ALL_MET).splitlines() == [
        "🟢 The fragile reading is broken, 3 of 3 met: US premium held a session",
        "✓ US premium: met · +0.012 % on average · 93 % of samples above 0 · session of Fri 28 Nov, half day",
        "It was fragile since 30 Oct 20:14 UTC (28 d); BTC 108,322 then, 90,890 now",
        "Turns back if: a US session below 0 · ETF money flows out again · ETH/BTC makes a new low",
        "US demand is back in spot and funds, and ETH holds: what made the market fragile no longer shows.",
        "A-1042 · 28 Nov 18:00 UTC · Not investment advice",
    ]


def test_the_same_alert_in_chinese():
    lines = told([HELD_SESSION, BROKEN], ALL_MET, "zh").splitlines()
    assert lines[0] == "🟢 脆弱判断已被打破，3 项满足 3 项：美国溢价转正并维持了一个交易时段"
    assert lines[1].startswith("✓ 美国溢价：已满足 · 均值 +0.012% · 93% 的样本高于 0 · 11 月 28 日（周五）")
    assert lines[2] == "此前结论：脆弱，自 10 月 30 日 20:14 UTC 起（28 天）；BTC 当时 108,322，现在 90,890"
    assert lines[-1] == "A-1042 · 11 月 28 日 18:00 UTC · 非投资建议"


def test_changes_of_one_moment_are_one_alert():
    text = told([HELD_SESSION, NEW_LOW], FRAGILE | {"premium": MET})
    assert text.count("A-1042") == 1
    assert text.startswith("✓ US premium held a session")
    assert "✗ ETH/BTC at a new low: at 0.0333 · the fall began at 0.0367" in text


def test_a_warning_that_begins_is_told_before_one_that_ends():
    ended = Change(AT_MS, Kind.WARNING, "rally_zone", Alarm.ON, Alarm.OFF, "left", {})
    begun = Change(AT_MS, Kind.WARNING, "support", Alarm.OFF, Alarm.ON, "entered", {})
    html, [row] = compose_alert(words(), 1042, [ended, begun], FRAGILE)
    first, *_, last = parse_html(html).text.splitlines()
    assert first.startswith("⚠ BTC in the support zone")
    assert last.startswith("A-1042")
    assert [button.data for button in row] == ["why:A-1042", "chart:support", "mute:support"]


def test_an_alert_says_what_is_missing():
    blind = FRAGILE | {"premium": Standing(), "verdict": Standing(Verdict.UNKNOWN)}
    text = told([BLIND], blind)
    assert text.startswith(
        "? US premium without data: BTC prices of Coinbase and Binance at the same moment are missing"
    )
    assert "Waits for: one US session with prices of Coinbase and Binance" in text


@pytest.mark.parametrize("raw_share", [0.0, 0.4])
def test_an_alert_says_when_samples_were_not_adjusted_for_usdt(raw_share: float):
    change = replace(HELD_SESSION, evidence={**HELD_SESSION.evidence, "adjusted_share": 1 - raw_share})
    text = told([change], FRAGILE | {"premium": MET})
    assert ("40 % of samples not adjusted for USDT" in text) == (raw_share > 0)


def test_a_reason_of_another_version_is_told_by_its_state():
    text = told([replace(HELD_SESSION, reason="of_tomorrow", evidence={})], ALL_MET)
    assert text.splitlines()[0] == "✓ US premium: met"


def test_buttons_lead_to_the_evidence_a_chart_and_silence():
    _, [row] = compose_alert(words(), 1042, [HELD_SESSION], ALL_MET)
    assert [button.data for button in row] == ["why:A-1042", "chart:premium", "mute:premium"]
    _, [row] = compose_alert(words(), 1042, [HELD_SESSION, BROKEN], ALL_MET)
    assert [button.data for button in row] == ["why:A-1042", "chart:btc", "mute:verdict"]


def test_in_a_group_somebody_may_take_it():
    _, [_, row] = compose_alert(words(), 1042, [HELD_SESSION], ALL_MET, in_group=True)
    assert [button.data for button in row] == ["ack:A-1042"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("hostile", ["<b>", "&amp;", "</i></b>", "\u202eRTL\u2066", "👩‍👩‍👧‍👦" * 5])
def test_no_name_breaks_an_alert(language: str, hostile: str):
    flow = {
        "asset": hostile,
        "session": "2025-11-28",
        "total_usd": -9.99e14,
        "previous": [["2025-11-26", -9.99e14], ["2025-11-25", 9.99e14]],
        "last3_usd": -1e15,
        "source": hostile,
    }
    out = Change(AT_MS, Kind.CONDITION, "etf_flow", State.MET, State.UNMET, "outflow_resumed", flow)
    fragile = FRAGILE | {"premium": Standing()}
    html, _ = compose_alert(words(language), 10**18, [HELD_SESSION, out, NEW_LOW, BROKEN], fragile)
    written = parse_html(html)
    assert hostile in written.text
    assert utf16_units(written.text) < MAX_TEXT_UNITS


@needs_history
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_change_of_the_recorded_history_can_be_told(language: str):
    outcome = judge(first_standings(), november_2025(), to_ms(datetime(2025, 12, 1, tzinfo=UTC)))
    assert outcome.changes
    texts = every_language()[language]
    for change in outcome.changes:
        stored = replace(change, evidence=json.loads(json.dumps(dict(change.evidence))))
        assert f"news.{change.id}.{change.reason}" in texts.forms
        wording = Wording(texts, ZoneInfo("Asia/Shanghai"), from_ms(change.at_ms))
        html, _ = compose_alert(wording, 1, [stored], outcome.standings)
        assert 0 < utf16_units(parse_html(html).text) < MAX_TEXT_UNITS
