"""Sentences that people write, in both languages: the rule that each says, what it lacks, or nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.own.canonical import canonical
from signals.own.grammar import parse
from signals.own.plain_words import Missing, Understood, Unfinished, understand
from signals.own.rule import Ref

NOW = datetime(2025, 11, 3, 18, tzinfo=UTC)
PRICES = {Ref("price", "BTC"): 106_000.0, Ref("price", "ETH"): 3_600.0}

RULES = {
    "tell me when bitcoin falls below 100k": "btc < 100000",
    "Tell me when Bitcoin falls below $100,000.": "btc < 100000",
    "let me know if the premium stays positive for 6 hours": "premium > 0% for 6h",
    "let me know if the premium turns positive and stays so for 6 hours": "premium > 0% for 6h",
    "alert me when eth breaks 4000": "eth >= 4000",
    "alert me when eth hits 3000": "eth <= 3000",
    "notify me if funding goes above 0.05%": "funding btc > 0.05%",
    "can you tell me when btc drops under 95k?": "btc < 95000",
    "Could you please let me know when ETH reaches 4k?": "eth >= 4000",
    "ping me once sol is over 200": "sol > 200",
    "when bitcoin rises above 110k, tell me": "btc > 110000",
    "warn me if btc drops 5% in 24h": "btc 24h <= -5%",
    "alert me if eth falls more than 10% in a week": "eth 7d < -10%",
    "let me know when bitcoin is up 3% in an hour": "btc 1h >= 3%",
    "notify me when open interest rises 5% in 24 hours": "oi btc 24h >= 5%",
    "tell us when eth open interest grows more than 8% in 24h": "oi eth 24h > 8%",
    "tell me when eth/btc makes a new 7 day low": "eth/btc new low 7d",
    "tell me when bitcoin hits a new high of 30 days": "btc new high 30d",
    "let me know if the coinbase premium goes negative": "premium < 0%",
    "notify me when etf outflows exceed 300m": "etf btc < -300",
    "alert me when eth etf inflows are above $100 million": "etf eth > 100",
    "tell me if liquidations exceed 500 million": "liquidations all > 500000000",
    "alert me if long liquidations go over $1bn": "liquidations all long > 1000000000",
    "let me know whenever btc falls below 100k": "btc < 100000 repeat",
    "tell me every time funding turns negative": "funding btc < 0%",
    "tell me when btc is above 110k and funding is above 0.01%": "btc > 110000 and funding btc > 0.01%",
    "let me know if usdt falls below 0.995": "usdt < 0.995",
    "tell me when the eth/btc ratio rises above 0.035": "eth/btc > 0.035",
    "i want to know when bitcoin loses 100k": "btc < 100000",
    "send me an alert if sofr goes above 4.5%": "sofr > 4.5%",
    "please tell me when repo is more than 20bn": "repo > 20000000000",
    "tell me when dogecoin climbs to 0.3": "doge >= 0.3",
    "let me know if the depth falls below 50%": "depth btc < 50%",
    "tell me when the btc etf outflow is above 300m in a day": "etf btc < -300",
    "BTC ETF单日流出超过3亿美元提醒我": "etf btc < -300",
    "单日ETF净流出超过3亿提醒我": "etf btc < -300",
    "以太坊ETF当日流入超过1亿美元告诉我": "etf eth > 100",
    "比特币跌破10万提醒我": "btc < 100000",
    "比特币跌破十万刀提醒我": "btc < 100000",
    "溢价转正并保持6小时提醒我": "premium > 0% for 6h",
    "溢价转正并保持六小时告诉我": "premium > 0% for 6h",
    "以太坊涨到4000告诉我": "eth >= 4000",
    "未平仓24小时涨超5%通知我": "oi btc 24h > 5%",
    "资金费率高于0.05%时提醒": "funding btc > 0.05%",
    "当BTC跌到95000时通知我": "btc <= 95000",
    "BTC站上11万叫我": "btc > 110000",
    "如果以太坊24小时跌超10%，请提醒我": "eth 24h < -10%",
    "提醒我比特币突破11万美元": "btc > 110000",
    "ETF流出超过3亿告诉我": "etf btc < -300",
    "以太坊ETF净流入超过1亿美元时通知我": "etf eth > 100",
    "爆仓超过5亿提醒我": "liquidations all > 500000000",
    "多头爆仓超10亿美元时提醒大家": "liquidations all long > 1000000000",
    "ETH/BTC创7天新低提醒我": "eth/btc new low 7d",
    "比特币创30天新高时告诉我": "btc new high 30d",
    "溢价转负提醒我": "premium < 0%",
    "每次比特币跌破10万都提醒我": "btc < 100000 repeat",
    "SOL跌破150提醒我": "sol < 150",
    "你能在比特币跌破10万时提醒我吗？": "btc < 100000",
    "比特币高于11万并且资金费率高于0.01%时提醒我": "btc > 110000 and funding btc > 0.01%",
    "USDT跌破0.995通知我": "usdt < 0.995",
    "比特币1小时涨3%提醒我": "btc 1h >= 3%",
    "盘口深度低于50%时告诉我": "depth btc < 50%",
    "比特币达到11万提醒我": "btc >= 110000",
    "资金费率转负时通知我": "funding btc < 0%",
    "资金费率超过万分之五提醒我": "funding btc > 0.05%",
    "比特币24小时跌百分之五提醒我": "btc 24h <= -5%",
    "btc低于10万u时通知我": "btc < 100000",
    "等以太坊回到4000以上告诉我": "eth >= 4000",
    "notify everyone when btc reclaims 110k": "btc > 110000",
    "BTC破10万提醒我": "btc <= 100000",
}  # fmt: skip

UNFINISHED = {
    "tell me when bitcoin crashes": (Ref("price", "BTC"), Missing.THRESHOLD),
    "tell me when btc drops": (Ref("price", "BTC"), Missing.THRESHOLD),
    "tell me when eth falls below": (Ref("price", "ETH"), Missing.THRESHOLD),
    "let me know when funding spikes": (Ref("funding", "BTC"), Missing.THRESHOLD),
    "warn me if btc drops 5%": (Ref("price", "BTC"), Missing.PERIOD),
    "warn me if btc drops 5% in 4 hours": (Ref("price", "BTC"), Missing.PERIOD),
    "tell me if open interest rises 5%": (Ref("oi", "BTC"), Missing.PERIOD),
    "tell me when btc makes a new low": (Ref("price", "BTC"), Missing.WINDOW),
    "tell me when sol hits 200": (Ref("price", "SOL"), Missing.DIRECTION),
    "tell me when it falls below 100k": (None, Missing.READING),
    "tell me when btc falls by 5000 in 24h": (Ref("change_24h", "BTC"), Missing.THRESHOLD),
    "tell me when eth is 4000": (Ref("price", "ETH"), Missing.DIRECTION),
    "alert me when bitcoin moves 5% in 24h": (Ref("change_24h", "BTC"), Missing.DIRECTION),
    "比特币暴跌提醒我": (Ref("price", "BTC"), Missing.THRESHOLD),
    "比特币大跌的时候告诉我": (Ref("price", "BTC"), Missing.THRESHOLD),
    "以太坊涨5%提醒我": (Ref("price", "ETH"), Missing.PERIOD),
    "比特币创新低提醒我": (Ref("price", "BTC"), Missing.WINDOW),
    "SOL到200提醒我": (Ref("price", "SOL"), Missing.DIRECTION),
    "跌破10万提醒我": (None, Missing.READING),
}

NO_RULES = [
    "don't tell me when bitcoin falls below 100k",
    "do not alert me if btc < 100k",
    "stop telling me when btc drops below 100k",
    "tell me unless btc falls below 100k",
    "when will bitcoin fall below 100k?",
    "is bitcoin below 100k?",
    "will eth break 4000",
    "why did btc drop below 100k",
    "what happens when btc falls below 100k?",
    "tell me about bitcoin",
    "tell me the price of btc",
    "tell me when the next session opens",
    "tell me when the bitcoin conference starts",
    "bitcoin falls below 100k",
    "btc will drop under 90k soon",
    "i told you bitcoin falls below 100k",
    "let me know when you are back",
    "tell me when bitcoin falls below 100k or eth falls below 3k",
    "tell me when bitcoin, after the fed meeting, falls below 100k",
    "tell me when bitcoin falls below the support zone",
    "alert me when btc is between 100k and 105k",
    "let me know when dinner is at 8",
    "remind me when it's 5 pm",
    "tell me when btc falls below 100k tomorrow",
    "tell me when btc falls below 100k and don't tell bob",
    "明天比特币跌破10万提醒我",
    "提醒我在比特币涨到12万的时候卖出",
    "hello",
    "",
    "thanks",
    "比特币会跌破10万吗",
    "比特币跌破10万",
    "不要提醒我比特币跌破10万",
    "别在比特币跌破10万时提醒我",
    "比特币跌破10万不用告诉我",
    "什么时候比特币会跌破10万",
    "告诉我比特币价格",
    "告诉我现在溢价是多少",
    "谢谢提醒",
    "取消比特币跌破10万的提醒",
    "比特币跌破10万或者以太坊跌破3000提醒我",
    "为什么比特币跌破10万没有提醒我",
    "提醒我开会",
]


@pytest.mark.parametrize("sentence", RULES)
def test_a_sentence_is_a_rule(sentence):
    expected = RULES[sentence]
    if "every time funding" in sentence:
        expected += " repeat"
    found = understand(sentence, PRICES.get)
    assert found == Understood(expected)
    assert canonical(parse(expected, NOW), with_expiry=False) == expected


@pytest.mark.parametrize("sentence", UNFINISHED)
def test_what_a_sentence_lacks_is_named_and_never_guessed(sentence):
    assert understand(sentence, PRICES.get) == Unfinished(*UNFINISHED[sentence])


@pytest.mark.parametrize("sentence", NO_RULES)
def test_a_sentence_is_no_rule(sentence):
    assert understand(sentence, PRICES.get) is None


_WORDS = [
    *[
        "tell",
        "me",
        "when",
        "if",
        "bitcoin",
        "eth",
        "falls",
        "below",
        "above",
        "breaks",
        "100k",
        "5%",
        "for",
        "6h",
        "in",
        "24h",
        "and",
        "new",
        "low",
        "the",
        "premium",
        "positive",
    ],
    *[
        "比特币",
        "跌破",
        "10万",
        "提醒我",
        "溢价",
        "转正",
        "保持",
        "6小时",
        "新低",
        "涨",
        "到",
        "5%",
        "时",
        "并",
        "不要",
        "吗",
    ],
    "<b>",
    "&",
    "🔥",
    "\u202eabc",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join) | st.text(max_size=80))
def test_whatever_is_written_is_a_rule_or_lacks_something_or_is_none(text):
    found = understand(text)
    if isinstance(found, Understood):
        assert canonical(parse(found.text, NOW), with_expiry=False) == found.text
