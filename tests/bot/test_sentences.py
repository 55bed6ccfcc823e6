"""Sentences of both languages and the commands that they mean, or do not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.conversation import _OFFERED
from bot.commands.days import find_day, read_day
from bot.commands.sentence_words import WANTS
from bot.commands.sentences import Certainty, understand
from bot.commands.subjects import SUBJECTS
from bot.commands.table import BY_NAME

TODAY = date(2025, 11, 3)

SURE = [
    # The verdict
    ("is it over?", "status"),
    ("Is it over", "status"),
    ("is the market still fragile", "status"),
    ("has the market recovered?", "status"),
    ("is the crash over?", "status"),
    ("should I buy now?", "status"),
    ("how is the market today", "status"),
    ("are we safe yet?", "status"),
    ("现在还脆弱吗", "status"),
    ("暴跌结束了吗？", "status"),
    ("能抄底吗", "status"),
    ("市场现在什么情况", "status"),
    ("大盘稳了没", "status"),
    # To be told of changes
    ("tell me when the premium changes", "subscribe"),
    ("溢价变化提醒我", "subscribe"),
    # One subject
    ("how is the premium", "premium"),
    ("what's the coinbase premium?", "premium"),
    ("what is the US premium right now?", "premium"),
    ("premium", "premium"),
    ("溢价怎么样", "premium"),
    ("美国溢价转正了吗", "premium"),
    ("coinbase溢价多少", "premium"),
    ("what happened to eth?", "eth"),
    ("hey, how's ETH doing?", "eth"),
    ("以太坊怎么了", "eth"),
    ("姨太还在跌吗", "eth"),
    ("is eth safe now?", "status:eth"),
    ("etf 流入多少", "etf"),
    ("ETF flows today?", "etf"),
    ("are there outflows again?", "etf"),
    ("eth etf flows please", "etf"),
    ("昨天ETF净流出多少", "etf"),
    ("how is bitcoin?", "status:btc"),
    ("btc price?", "status:btc"),
    ("大饼行情怎么样", "status:btc"),
    ("比特币现在多少", "status:btc"),
    ("资金费率怎么样", "leverage"),
    ("what is the funding rate", "leverage"),
    ("is leverage building again?", "leverage"),
    ("how high is open interest?", "leverage"),
    ("未平仓合约多少", "leverage"),
    ("how much was liquidated?", "liquidations"),
    ("btc liquidations today?", "liquidations"),
    ("爆仓了多少", "liquidations"),
    ("今天有多少人爆仓？", "liquidations"),
    ("how deep is the order book", "depth"),
    ("盘口深度怎么样", "depth"),
    ("is liquidity thin?", "depth"),
    ("where is support", "levels"),
    ("关键支撑位在哪", "levels"),
    ("反弹区在哪里", "levels"),
    ("what is adl doing?", "adl"),
    ("有没有自动减仓", "adl"),
    ("any defi hacks lately?", "exploits"),
    ("最近有黑客攻击吗", "exploits"),
    ("what did the fed do?", "macro"),
    ("美联储回购多少", "macro"),
    ("tell me about the last crash", "shock"),
    ("这次暴跌跌了多少", "shock"),
    # Charts, reasons, comparisons
    ("chart of btc please", "chart:btc"),
    ("show me the premium chart for 30 days", "chart:premium:30d"),
    ("can you draw funding over the last week?", "chart:funding:7d"),
    ("给我一张溢价走势图", "chart:premium"),
    ("最近一周btc走势图", "chart:btc:7d"),
    ("爆仓图", "chart:liquidations"),
    ("why is the premium negative?", "why:premium"),
    ("为什么溢价是负的", "why:premium"),
    ("what was A-12 about?", "why:A-12"),
    ("why?", "why"),
    ("compare with 10 October", "compare:2025-10-10"),
    ("how does it compare with 2025-10-10?", "compare:2025-10-10"),
    ("和10月10日比怎么样", "compare:2025-10-10"),
    ("现在和上次暴跌对比", "compare:shock"),
    ("compare to 30 days ago", "compare:30d"),
    # The rest
    ("what changed?", "history"),
    ("what should I watch", "playbook"),
    ("接下来要看什么", "playbook"),
    ("总结一下", "brief"),
    ("give me a summary", "brief"),
    ("how accurate are your alerts?", "scorecard"),
    ("你的准确率如何", "scorecard"),
    ("what can you do?", "help"),
    ("怎么用", "help"),
    ("who are you?", "about"),
    ("how do I subscribe?", "subscribe"),
    ("请说中文", "language"),
]

NOT = [
    "thanks",
    "Thank you so much!",
    "hello",
    "gm",
    "ok",
    "lol",
    "👍",
    "",
    "   ",
    "?",
    "how are you?",
    "what is the weather in Paris",
    "i love my wife",
    "write me a poem about cats",
    "Buy ETH presale now http://x.io 100x",
    "🔥 join our VIP signals group, 100x guaranteed, BTC ETH",
    "Congratulations! You won 5 ETH, claim at t.me/claim_bot",
    "send 0.1 BTC to this wallet and get back double, verified by our team, limited offer",
    "is binance down?",
    "谢谢",
    "早上好",
    "哈哈哈哈",
    "加群领空投 ETH",
    "今天天气真好",
    "晚上吃什么",
    "привет как дела",
    "مرحبا",
    "premium " * 60,
    "\u202ethgir",
]

UNSURE = [
    ("premium and etf?", ("premium", "etf", "status")),
    ("I love eth", ("eth", "status", "playbook")),
    ("溢价和资金费率", ("premium", "leverage", "status")),
    ("maybe the premium will surprise us", ("premium", "status", "playbook")),
]


@pytest.mark.parametrize(("text", "line"), SURE)
def test_what_a_sentence_asks_for(text: str, line: str):
    found = understand(text, TODAY)
    assert (found.certainty, found.lines[:1]) == (Certainty.SURE, (line,))


@pytest.mark.parametrize("text", NOT)
def test_what_is_no_question_of_ours(text: str):
    assert understand(text, TODAY).certainty is Certainty.NOTHING


@pytest.mark.parametrize(("text", "lines"), UNSURE)
def test_where_it_is_not_sure_it_offers(text: str, lines: tuple[str, ...]):
    found = understand(text, TODAY)
    assert (found.certainty, found.lines) == (Certainty.UNSURE, lines)


def test_there_are_sentences_enough_in_both_languages():
    chinese = [text for text, _ in SURE if not text.isascii() and "’" not in text]
    assert len(SURE) + len(NOT) >= 80
    assert len(chinese) >= 25


def test_the_bots_name_says_nothing():
    assert understand("@aftershock_bot is it over?", TODAY).lines == ("status",)


def test_the_score_is_the_share_that_is_understood():
    assert understand("how is the premium?", TODAY).score == 1
    assert understand("how is the premium zzz?", TODAY).score == pytest.approx(3 / 4)


@given(st.text(max_size=320))
def test_no_text_stops_it_and_no_line_is_unknown(text: str):
    found = understand(text, TODAY)
    assert (found.certainty is Certainty.NOTHING) == (not found.lines)
    assert all(line.split(":")[0] in BY_NAME and len(line.encode()) <= 64 for line in found.lines)


def test_nothing_that_a_sentence_leads_to_changes_anything():
    lines = {*WANTS, *_OFFERED, *(subject.command for subject in SUBJECTS)}
    for name, *args in (line.split(":") for line in lines):
        assert not BY_NAME[name].changes_settings(args), name


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-10-10", date(2025, 10, 10)),
        ("2025/1/2", date(2025, 1, 2)),
        ("10 Oct", date(2025, 10, 10)),
        ("the 10th of October 2024", date(2024, 10, 10)),
        ("Oct 10, 2024", date(2024, 10, 10)),
        ("December 24th", date(2024, 12, 24)),
        ("10月10日", date(2025, 10, 10)),
        ("2024 年 3 月 5 号", date(2024, 3, 5)),
        ("11月3日", date(2025, 11, 3)),
        ("29 Feb", None),
        ("2025-13-40", None),
        ("1999-01-01", None),
        ("in 10 days", None),
        ("marching on", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None):
    found = find_day(text, TODAY)
    assert (found[0] if found else None) == day


def test_a_word_that_only_holds_a_day_is_none():
    assert read_day("2025-10-10", TODAY) == date(2025, 10, 10)
    assert read_day("x2025-10-10x", TODAY) is None
