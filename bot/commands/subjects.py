"""What people can ask about, by the words for it: commands, links, inline mode and sentences look here."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.charts import Subject as ChartSubject
from bot.commands.mistakes import Misunderstood


class Subject(NamedTuple):
    """Something to ask about."""

    name: str
    """The word for it in command lines and links."""
    command: str
    """The command that tells most of it, as buttons say it."""
    topic: str | None
    """Its id, where it is a condition, the verdict, the shock or a warning."""
    chart: ChartSubject
    said: str
    """The words for it, with commas between, written as `tidied` leaves them."""
    is_coin: bool = False
    """It may also only say of which coin another subject is meant."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words for it."""
        return tuple(self.said.split(", "))


SUBJECTS = (
    Subject(
        "verdict",
        "status",
        "verdict",
        "btc",
        "verdict, fragility, condition, conditions, break conditions, 结论, 条件, 打破条件, 三项条件",
    ),
    Subject(
        "premium",
        "premium",
        "premium",
        "premium",
        "premium, us premium, coinbase, coinbase premium, cb premium, "
        "溢价, 美国溢价, 正溢价, 负溢价, cb 溢价, coinbase 溢价",
    ),
    Subject(
        "etf",
        "etf",
        "etf_flow",
        "etf",
        "etf, etfs, etf flow, etf flows, flows, inflow, inflows, outflow, outflows, "
        "资金流, etf 资金流, 净流入, 净流出, 流入, 流出",
    ),
    Subject(
        "eth",
        "eth",
        "eth_btc",
        "eth",
        "eth, ether, ethereum, ethbtc, eth/btc, eth btc, eth ratio, ratio, 以太, 以太坊, 以太币, 姨太",
        is_coin=True,
    ),
    Subject(
        "btc",
        "status:btc",
        None,
        "btc",
        "btc, bitcoin, xbt, price, btc price, bitcoin price, 比特币, 大饼, 币价, 价格, 行情",
        is_coin=True,
    ),
    Subject(
        "shock",
        "shock",
        "shock",
        "btc",
        "shock, crash, crashed, last crash, deleveraging, aftershock, 冲击, 暴跌, 大跌, 崩盘, 去杠杆, 余震",
    ),
    Subject(
        "levels", "levels", None, "btc", "level, levels, key levels, zones, 点位, 关键位, 关键点位, 关键价位"
    ),
    Subject(
        "support",
        "levels",
        "support",
        "btc",
        "support, support zone, support level, break level, 支撑, 支撑区, 支撑位, 关键支撑, 关键支撑位",
    ),
    Subject(
        "rally_zone",
        "levels",
        "rally_zone",
        "btc",
        "rally zone, rally, resistance, 反弹, 反弹区, 阻力, 阻力位, 压力位",
    ),
    Subject(
        "leverage",
        "leverage",
        None,
        "leverage",
        "leverage, oi, open interest, positions, 杠杆, 未平仓, 未平仓合约, 持仓, 持仓量",
    ),
    Subject(
        "funding",
        "leverage",
        "funding",
        "funding",
        "funding, funding rate, funding rates, 资金费率, 资金费, 费率",
    ),
    Subject(
        "relever", "leverage", "relever", "leverage", "relever, releverage, releveraging, 加杠杆, 重新加杠杆"
    ),
    Subject(
        "liquidations",
        "liquidations",
        "liquidations",
        "liquidations",
        "liquidation, liquidations, liquidated, liqs, rekt, 爆仓, 爆仓量, 清算, 强平",
    ),
    Subject(
        "depth",
        "depth",
        "thin_book",
        "depth",
        "depth, book, books, thin book, thin books, order book, order books, liquidity, "
        "深度, 订单簿, 盘口, 挂单, 流动性",
    ),
    Subject("eth_beta", "eth", "eth_beta", "eth", "beta, eth beta, eth against btc, 贝塔, eth 相对 btc"),
    Subject(
        "adl",
        "adl",
        "adl",
        "btc",
        "adl, auto deleveraging, auto-deleveraging, autodeleveraging, 自动减仓, 保险基金",
    ),
    Subject(
        "exploit",
        "exploits",
        "exploit",
        "btc",
        "exploit, exploits, hack, hacks, hacked, defi, 黑客, 被盗, 漏洞, 攻击",
    ),
    Subject(
        "blind",
        "status",
        "blind",
        "premium",
        "blind, blindness, outage, outages, data gap, data gaps, 盲区, 数据中断, 断线, 中断",
    ),
    Subject("repo", "macro", "repo", "btc", "repo, repos, macro, fed, sofr, 宏观, 美联储, 回购"),
)
"""In the order in which they are offered."""


def tidied(word: str) -> str:
    """A word as it is looked up: `ETF_Flow` and `etf flow` are the same."""
    return " ".join(word.casefold().replace("_", " ").split())


def _by_word() -> Mapping[str, Subject]:
    named = {tidied(name): each for each in SUBJECTS for name in (each.topic, each.name) if name}
    return {**{word: each for each in SUBJECTS for word in each.words}, **named}


BY_WORD = _by_word()
"""Every word, and name, that stands for a subject."""

MOST_WORDS = max(len(name.split()) for name in BY_WORD)
"""How many words the longest of them has."""


def find_subject(word: str) -> Subject:
    """What a word, or some words with spaces between, stand for. Raises Misunderstood."""
    try:
        return BY_WORD[tidied(word)]
    except KeyError:
        raise Misunderstood(word) from None


def subject_of(word: str) -> str:
    """The id of a subject that changes and can be subscribed to. Raises Misunderstood."""
    topic = find_subject(word).topic
    if topic is None:
        raise Misunderstood(word)
    return topic
