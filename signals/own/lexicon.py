"""What people call readings, in English and Chinese: words that together name one, in any order."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from signals.own.cursor import Cursor, ends_latin
from signals.own.misread import Problem
from signals.own.readings import ALL, BOTH


class Kind(StrEnum):
    """What a word tells of a reading."""

    COIN = "coin"
    MEASURE = "measure"
    PERIOD = "period"
    FACET = "facet"
    FILLER = "filler"


_NAMES: Mapping[Kind, Mapping[str, str]] = {
    Kind.COIN: {
        "BTC": "btc|bitcoin|xbt|bitcoin's|btc's|比特币|大饼",
        "ETH": "eth|ether|ethereum|eth's|以太坊|以太币|以太|姨太",
        "SOL": "sol|solana|索拉纳",
        "XRP": "xrp|ripple|瑞波币|瑞波",
        "DOGE": "doge|dogecoin|狗狗币",
        "BNB": "bnb|binance coin|币安币",
        "ADA": "ada|cardano|艾达币",
        "LTC": "ltc|litecoin|莱特币",
        "AVAX": "avax|avalanche",
        "LINK": "chainlink",
        "SUI": "sui",
        "TRX": "trx|tron|波场",
        "PEPE": "pepe",
        "SHIB": "shib|柴犬币",
        BOTH: "both|btc and eth|btc+eth",
        ALL: "all|total|in total|全网|全部|合计|总",
    },
    Kind.MEASURE: {
        "premium": "us premium|coinbase premium|premium index|premium|"
        "美国溢价|coinbase溢价|溢价率|溢价指数|溢价",
        "eth_btc": "eth/btc ratio|eth/btc|eth-btc|ethbtc|eth btc ratio|ether ratio|"
        "eth/btc汇率|以太坊/比特币|以太坊兑比特币",
        "etf": "etf net flows|etf net flow|etf flows|etf flow|etfs|etf|etf资金流|etf净流入|etf资金|etf净流量",
        "funding": "funding rate|funding rates|funding|资金费率|资金费|费率",
        "oi": "open interest|oi|未平仓合约|未平仓量|未平仓|持仓量|合约持仓",
        "liquidations": "liquidations|liquidation|liqs|liq|liquidated|爆仓量|爆仓|强平|清算量|清算",
        "depth": "book depth|order book depth|order book|orderbook|depth|盘口深度|盘口|深度",
        "sofr": "sofr|sofr利率",
        "repo": "repo operations|fed repo operations|fed repos|fed repo|repos|repo|"
        "美联储回购操作|美联储回购|回购操作|回购",
        "usdt": "usdt/usd|usdt peg|usdt price|usdt|tether|泰达币",
    },
    Kind.PERIOD: {
        "1h": "1h|1 hour|1-hour|hourly|1小时|一小时",
        "24h": "24h|24 h|24 hours|24-hour|1d|1 day|1-day|daily|24小时|1天|一天|日内",
        "7d": "7d|7 d|7 days|7-day|1w|1 week|weekly|7天|七天|1周|一周",
    },
    Kind.FACET: {
        "raw": "raw|unadjusted|原始|未调整",
        "gap": "gap|in dollars|in usd|价差|差价",
        "streak": "streak|in a row|连续|连涨",
        "regained": "regained|recovered|收复|已收复",
        "low_age": "low age|age of low|低点时长",
        "long": "longs|long|多头|多单|多军",
        "short": "shorts|short|空头|空单|空军",
        "change": "change|涨跌幅|涨跌|变化|变动|涨幅",
    },
    Kind.FILLER: {
        "": "the|of|on|price|prices|'s|rate|value|the price of|a|an|its|"
        "的|价格|价|币价|平均|汇率|一下|当|如果|若",
    },
}


class Sense(NamedTuple):
    """What a word says: `value` is a coin, a measure, a period or a facet."""

    kind: Kind
    value: str


SENSES: Mapping[str, Sense] = {
    name: Sense(kind, value)
    for kind, values in _NAMES.items()
    for value, names in values.items()
    for name in names.split("|")
}

COINS = frozenset(sense.value for sense in SENSES.values() if sense.kind is Kind.COIN)
"""The coins that have a name here."""

_SENSE = re.compile(
    "|".join(
        re.escape(name) + (r"(?![a-z0-9/@])" if ends_latin(name) else "")
        for name in sorted(SENSES, key=len, reverse=True)
    )
)
_SYMBOL = re.compile(
    r"(?=[0-9]*[a-z])[a-z0-9]{2,15}(?:/[a-z0-9]{2,10}(?::[a-z0-9]{2,10})?)?(?:@[a-z]{2,20})?(?![a-z0-9/@:'_.-])"
)
_SPELLED = [name for name in SENSES if name.isascii() and len(name) >= 5]  # noqa: PLR2004  # shorter ones are like coins
_LONG, _LONGEST = 5, 20
"""Letters of words that may be misspelt."""


def take_sense(cursor: Cursor) -> Sense | None:
    """What the word here says, of those that are known; passes over it."""
    found = cursor.take(_SENSE)
    return SENSES[found[0]] if found else None


def take_coin(cursor: Cursor) -> Sense | None:
    """Any other coin or symbol: SOL, SOL/USDT, SOL/USDT:USDT, SOL/USDT@okx; passes over it."""
    found = cursor.look(_SYMBOL)
    if not found or near_word(found[0]):
        return None
    cursor.take(_SYMBOL)
    coin, at, venue = found[0].partition("@")
    return Sense(Kind.COIN, coin.upper() + at + venue)


def near_word(word: str) -> str | None:
    """The known word that a long one is nearly: it is misspelt rather than a coin."""
    near = (
        get_close_matches(word, _SPELLED, n=1, cutoff=0.8)
        if word.isalpha() and _LONG <= len(word) <= _LONGEST
        else []
    )
    return near[0] if near else None


def misnamed(cursor: Cursor, *, together: bool) -> Exception:
    """That the word here names nothing, or nothing together with what stands before it."""
    if together:
        return cursor.misread(Problem.NOT_TOGETHER)
    return cursor.misread(Problem.UNKNOWN_READING, near=near_word(cursor.word()))
