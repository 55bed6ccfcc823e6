"""The words of sentences besides subjects: what is wanted, that something is asked, and what says nothing.

English words stand alone, Chinese ones anywhere. All are written as `bot.commands.sentences` reads a text:
small letters, a space between letters of both kinds.
"""

from collections.abc import Mapping


def _listed(said: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in said.split(","))


WANTS: Mapping[str, tuple[str, ...]] = {
    "chart": _listed(
        "chart, charts, graph, plot, picture, candles, curve, draw, 图, 图表, 走势, 走势图, 曲线, k 线, 画图"
    ),
    "why": _listed("why, reason, reasons, how come, evidence, 为什么, 为何, 原因, 依据, 怎么会, 凭什么"),
    "status": _listed(
        "status, state, over, fragile, fragility, broken, safe, bottom, bottomed, market, markets, crypto, "
        "situation, recovered, recovery, stable, danger, dangerous, risky, should i buy, should i sell, "
        "time to buy, time to sell, safe to buy, good time to buy, 脆弱, 结束, 结束了, 过去了, 安全, 见底, "
        "抄底, 企稳, 稳, 稳了, 危险, 市场, 大盘, 局势, 形势, 状态, 情况, 现状, 能买, 可以买, 该买, 该卖, "
        "能上车, 打破"
    ),
    "compare": _listed(
        "compare, compared, comparison, versus, vs, against, 对比, 相比, 比较, 比起来, 相较, 比"
    ),
    "history": _listed(
        "history, what changed, changes, last alerts, 历史, 变化, 变了什么, 最近的提醒, 发生了什么"
    ),
    "playbook": _listed(
        "playbook, what to watch, what should i watch, what to look at, data points, 剧本, 要看什么, "
        "看什么, 数据点, 关注什么"
    ),
    "brief": _listed("brief, briefing, summary, summarise, summarize, sum up, 简报, 总结, 概括, 日报, 小结"),
    "scorecard": _listed(
        "scorecard, track record, how good are your alerts, how accurate, accurate, accuracy, hit rate, "
        "战绩, 准确率, 准不准, 成绩单, 胜率"
    ),
    "help": _listed(
        "help, commands, what can you do, how do you work, how does this work, how do i use, manual, 帮助, "
        "怎么用, 命令, 你会什么, 你能做什么, 能干什么, 功能, 使用说明"
    ),
    "about": _listed(
        "who are you, what are you, what is this bot, what is aftershock, 你是谁, 你是什么, 这是什么机器人"
    ),
    "subscribe": _listed(
        "subscribe, notify, notify me, alert me, alerts, tell me when, let me know when, 订阅, 通知我, "
        "提醒我, 推送, 变化提醒我, 变化时提醒我, 有变化提醒我, 变化告诉我, 变化通知我"
    ),
    "mute": _listed("mute, be quiet, stop messaging, too many messages, 静音, 别吵, 闭嘴, 安静"),
    "language": _listed("language, speak english, speak chinese, 语言, 说中文, 说英文, 中文, 英文"),
    "timezone": _listed("time zone, timezone, 时区"),
}
"""What is wanted, by the command that gives it."""

WEAK = frozenset(
    {"market", "markets", "crypto", "市场", "大盘", "state", "比", "against", "changes", "alerts"}
)
"""Words that only say what is wanted where nothing else does."""

ASKING = _listed(
    "what, whats, what's, how, hows, how's, where, wheres, where's, when, which, who, show, show me, tell, "
    "tell me, give, give me, send, send me, please, pls, plz, check, let me see, explain, any, "
    "do you know, wonder, 吗, 呢, 么, 嘛, 怎么样, 怎样, 怎么, 咋样, 咋, 如何, 多少, 几, 什么, 啥, 哪, "
    "哪里, 是否, 有没有, 是不是, 会不会, 能不能, 了没, 没有, 何时, 多久, 多深, 多大, 多高, 请问, 看看, "
    "看下, 看一下, 查, 查查, 查一下, 给我, 发我, 来一张, 来个, 来张, 想知道, 告诉我, 请, 帮我"
)
"""A sentence with one of these asks for something."""

OPENING = _listed(
    "is, isn't, isnt, are, aren't, was, were, did, didn't, does, do, has, have, can, could, will, would, "
    "should, am"
)
"""A sentence that begins with one of these asks for something too."""

SILENT = _listed(
    "a, an, the, ok, okay, of, to, for, in, on, at, by, with, and, or, it, it's, its, this, that, that's, "
    "there, here, now, right now, right, today, todays, today's, currently, current, latest, last, recent, "
    "recently, me, my, i, i'm, we, us, you, your, be, been, being, s, is, isn't, are, aren't, was, were, "
    "did, does, do, has, have, had, can, could, will, would, should, am, just, so, then, than, too, very, "
    "really, still, again, yet, some, much, many, more, most, hi, hello, hey, yo, gm, bot, aftershock, "
    "look, looks, looking, going, go, goes, doing, get, got, happen, happened, happening, happens, from, "
    "over the, about, as, if, up, down, out, into, between, all, days, day, hours, hour, week, month, ago, "
    "since, like, value, number, numbers, level of, amount, back, 接下来, 上次, 这次, 上一次, 的, 了, 在, "
    "是, 我, 我们, 你, 你们, 都, 和, 跟, 与, 也, 就, 还, 现在, 今天, 目前, 当前, 最近, 最新, 一下, 那, 这, "
    "这个, 那个, 个, 会, 要, 能, 可以, 想, 已经, 到底, 究竟, 又, 再, 吧, 啊, 呀, 哈, 有, 没, 不, 对, 从, "
    "到, 里, 上, 下, 中, 被, 给, 把, 让, 后, 前, 天, 日, 月, 年, 小时, 周, 今, 昨天, 情况下, 说, 看, 多, "
    "大, 一, 张, 张图, 跌, 涨, 跌了, 涨了, 转, 正, 负, 数据, 方面"
)
"""Words that change nothing of what is asked."""
