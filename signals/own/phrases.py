"""How people ask to be told of something, in English and Chinese: the phrases, and what each of them says."""

import re
from collections.abc import Mapping
from enum import StrEnum

from signals.own.amounts import LENGTH
from signals.own.rule import Op


class Says(StrEnum):
    """What a phrase is, besides a comparison (`Op`)."""

    DOWN = "down"
    """The value falls: by how much, or below what, is said elsewhere."""
    UP = "up"
    TOUCHES = "touches"
    """A number is reached, from whichever side."""
    POSITIVE = "positive"
    NEGATIVE = "negative"
    OUT = "out"
    """Of ETF flows: money that leaves, told without its sign."""
    INTO = "into"
    AND = "and"
    AGAIN = "again"
    NOTHING = "nothing"
    """A word without which the sentence says the same."""


def _any(latin: str, chinese: str = "") -> re.Pattern[str]:
    """Any of some phrases; a space stands for any space, and Latin ones end where a word does."""
    names = sorted(latin.split("|"), key=len, reverse=True) if latin else []
    parts = [re.escape(name).replace(r"\ ", r"\s+") + r"(?![a-z0-9])" for name in names]
    parts += sorted((re.escape(name) for name in chinese.split("|") if name), key=len, reverse=True)
    return re.compile("|".join(parts))


REQUEST = re.compile(
    r"(?<![a-z])(?:(?:please\s+)?(?:tell|alert|notify|ping|warn|remind|message|text|dm|inform)\s+"
    r"(?:me|us|everyone|everybody|the group|this chat|the chat)|let\s+(?:me|us|everyone)\s+know|"
    r"(?:send|give)\s+(?:me|us)\s+(?:an?\s+)?(?:alert|message|note|notification|ping|heads[- ]up)|"
    r"set\s+(?:an?\s+)?alert|"
    r"i(?:'d like|\s+would like|\s+want)\s+to\s+(?:know|hear|be told|be notified))(?![a-z])"
    r"|(?:请|麻烦|帮我|给我|记得|要|就|及时|立刻|马上)*(?:提醒|告诉|通知|告知|叫|喊|预警|报警|推送)"
    r"(?:给)?(?:我们|我|大家|一下|群里|本群|一声)*"
)
"""Somebody wants to be told."""
OCCASION = re.compile(
    r"(?<![a-z])(?:when|whenever|if|once|as soon as|every time|"
    r"each time|any time|in case|the moment)(?![a-z])"
)
"""English names the occasion; Chinese need not."""
REFUSAL = re.compile(
    r"(?<![a-z])(?:don't|dont|don’t|do not|doesn't|does not|didn't|not|never|stop|cancel|no longer|without|"
    r"isn't|won't|unless|no more|nothing|nor)(?![a-z])"
    r"|不要|别(?!的|人)|不用|不必|不想|不再|取消|停止|无需|勿|除非|没有?(?!收)|未(?!平仓)"
)
"""What is denied is never made into its opposite."""
QUESTION = re.compile(
    r"^(?:so\s+|and\s+|but\s+)?(?:what|why|how|who|where|which|is|are|was|does|do|did|will|should|has|have|when\s+"
    r"(?:will|is|was|does|do|did|are|should|would|could|can))(?![a-z])"
    r"|(?:tell|let)\s+(?:me|us)\s+(?:know\s+)?(?:what|why|how|who|where|which|about|whether|the|your|when\s+(?:will|is|does|did|"
    r"should|are|was|the (?:next|last)))(?![a-z])"
    r"|什么|怎么|为何|为啥|多少|是否|会不会|何时|啥时|几点|哪|谁|是不是|有没有|如何"
)
ASKS = re.compile(r"[?？]|[吗嘛么呢](?=[?!。\s]*$)")
POLITE = re.compile(
    r"^(?:hey|hi|hello|ok|please|pls|bot|\s|,)*(?:can|could|would|will)\s+you\b|能不能|能否|可否|可以|可不可以|能在|你能"
)
"""A question that is a request."""

PERIOD = re.compile(
    r"(?:(?:in|over|within|during|on)\s+)?(?:(?:the|a|an|one|1)\s+)?(?:(?:last|past|single)\s+)?"
    r"(?:(?P<day>24\s?-?h(?:ours?|rs?)?|1\s?d(?:ay)?|day|24(?:个)?小时|1天|1日|当日|单日|日内)|"
    r"(?P<week>7\s?-?d(?:ays?)?|1\s?w(?:eek)?|week|7(?:天|日)|1(?:周|个?星期))|"
    r"(?P<hour>1\s?h(?:our|r)?|60\s?min(?:utes)?|hour|1(?:个)?小时))(?![a-z0-9])(?:之?内|里|以内)?"
)
SESSION = re.compile(
    r"(?:in\s+|on\s+)?(?:a|one|1|a\s+single|single)\s?(?:day|session)(?![a-z])|单日|当日|1天|1日|一天"
)
"""After "ETF": what the flow of a session is anyway."""
SESSION_AHEAD = re.compile(r"(?:单日|当日)(?=\s?(?:btc|eth|比特币|以太坊)?\s?(?:的\s?)?etf)")
OTHER_PERIOD = re.compile(rf"(?:in|over|within|during)\s+(?:the\s+)?(?:last\s+|past\s+)?(?:{LENGTH.pattern})")
HOLD = re.compile(
    rf"(?:(?:and|then)\s+)?(?:(?:it\s+)?(?:stays?|remains?|holds?|keeps?|stay|has been|is|lasts?)\s+"
    rf"(?:(?:so|there|that way|like that|it|at least|up)\s+)*)?"
    rf"for\s+(?:at least\s+|over\s+|more than\s+)?(?P<en>{LENGTH.pattern})"
    rf"|(?:并且?|且|而且)?(?:能)?(?:连续)?(?:保持|持续|维持|稳住|站稳|连续)(?:了|住|至少|超过|满)*\s?(?P<zh>{LENGTH.pattern})(?:以上)?"
)
_ROOM = r"(?:hits?|makes?|sets?|prints?|reaches|marks?|at|to)?\s*(?:a\s+|an\s+|its\s+|the\s+)?"
NEW = re.compile(
    rf"(?:{_ROOM}(?:new\s+)?(?P<before>{LENGTH.pattern})\s?-?(?:new\s+)?(?P<low1>low|high)(?:est)?(?![a-z])"
    rf"|{_ROOM}new\s+(?P<low2>low|high)(?![a-z])(?:\s+(?:of|in|over|for)\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<behind>{LENGTH.pattern}))?"
    rf"|(?:创出?下?|刷新|再创)?(?:近)?(?P<zh>{LENGTH.pattern})(?:以来|内)?的?(?:新|最)(?P<low3>低|高)点?"
    rf"|(?:创出?下?|刷新|再创|出现)(?:新|最)(?P<low4>低|高))"
)

PHRASES: tuple[tuple[Op | Says, re.Pattern[str]], ...] = (
    (
        Says.POSITIVE,
        _any("positive|above zero|over zero|green", "转正|为正|变正|翻正|回正|正溢价|转为正|由负转正"),
    ),
    (
        Says.NEGATIVE,
        _any("negative|below zero|under zero|red", "转负|为负|变负|翻负|负溢价|转为负|由正转负"),
    ),
    (Op.AT_LEAST, _any("at least|not less than", "不低于|至少|涨到|涨至|升到|升至|回到|上升到|涨上")),
    (Op.AT_LEAST, _any("rises to|climbs to|goes up to|up to|rallies to|rise to|climb to|gets back to")),
    (
        Op.AT_MOST,
        _any(
            "at most|falls to|drops to|goes down to|down to|dips to|fall to|drop to|dip to",
            "不高于|跌到|跌至|降到|降至|回落到|回落至|掉到|下跌到",
        ),
    ),
    (
        Op.BELOW,
        _any(
            "below|under|beneath|less than|lower than|smaller than|loses|lose",
            "低于|跌破|跌穿|小于|失守|跌下|少于|下破|击穿|不足|不到|掉下|跌落|以下",
        ),
    ),
    (
        Op.ABOVE,
        _any(
            "above|over|reclaims|reclaim|more than|higher than|greater than|past|exceeds|exceed|tops|top|"
            "surpasses|surpass|>",
            "高于|超过|突破|涨破|升破|站上|大于|上破|站稳|多于|超出|超|以上|冲破",
        ),
    ),
    (Op.BELOW, _any("<")),
    (
        Says.TOUCHES,
        _any(
            "hits|hit|reaches|reach|touches|touch|breaks|break|crosses|cross|gets to|"
            "goes to|is at|breaks through|comes to",
            "达到|触及|到达|碰到|来到|触碰|到了|破|到",
        ),
    ),
    (
        Says.DOWN,
        _any(
            "falls|fall|drops|drop|declines|decline|plunges|plunge|crashes|crash|dumps|dump|slides|slide|dips|dip|"
            "sinks|sink|goes down|down|loses|tanks|decreases|decrease|shrinks|shrink|"
            "collapses|falling|dropping",
            "下跌|大跌|暴跌|下降|减少|跌幅|跌|下滑|崩盘|回落|缩水|降|崩",
        ),
    ),
    (
        Says.UP,
        _any(
            "rises|rise|climbs|climb|jumps|jump|pumps|pump|gains|gain|goes up|up|increases|increase|"
            "grows|grow|rallies|"
            "rally|surges|surge|soars|soar|moons|spikes|spike|rising",
            "上涨|大涨|暴涨|上升|增加|涨幅|涨|上行|增长|反弹|升|飙升|起飞",
        ),
    ),
    (Says.OUT, _any("outflows|outflow|net outflows|net outflow|out", "净流出|流出")),
    (Says.INTO, _any("inflows|inflow|net inflows|net inflow", "净流入|流入")),
    (Says.AGAIN, _any("whenever|every time|each time|any time", "每当|每次|每回|只要")),
    (Says.AND, _any("and", "并且|而且|同时|且|并")),
    (
        Says.NOTHING,
        _any(
            "when|if|once|as soon as|in case|the moment|please|pls|hey|hi|hello|bot|"
            "can you|could you|would you|"
            "will you|thanks|thank you|the|a|an|of|is|are|be|been|gets|get|goes|go|going|"
            "moves|move|trades|trading|at|"
            "price|to|by|than|its|it|in|on|again|ever|back|level|mark|turns|turn|becomes|become|stays|stay|flips|"
            "flip|so|here|just|also|for me|then|remains|remain|that|should|closes|ever|rate|"
            "comes|total|happens|from|"
            "spot|there's|there|there are|there is|i want|you|value|have|has|now|that|usd|'s",
            "当|如果|若|一旦|等到|等|的时候|时候|时|的话|就|了|再|请|麻烦|帮我|给我|帮忙|记得|一下|吧|哦|谢谢|能不能|可以|"
            "你能|能|你|的|价格|币价|后|在|我|把|即|立刻|马上|及时|又|都|会|是|有|总额|总量|金额|规模|大约|价|达|至|转为|变为|变成|为|要|，|啊|呀|哈|麻烦你|发生|出现|量|则",
        ),
    ),
)
"""In the order in which they are tried."""

DIGITS: Mapping[str, int] = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    r"(?<=[百万]分之)[一二两三四五六七八九十百千]+|(?<![第百万])[一二两三四五六七八九十百千]+(?=万|亿|个?小时|天|个?分钟|周|个?星期|刀|美元|美金|个百分点|$|[^一-龥])"
)
_SHARES = (
    (re.compile(r"百分之(\d+(?:\.\d+)?)"), "%"),
    (re.compile(r"万分之(\d+(?:\.\d+)?)"), "bp"),
)


def with_digits(text: str) -> str:
    """Chinese numerals before a unit as digits: 十万 as 10万, 六小时 as 6小时, 百分之五 as 5%."""
    text = _NUMERAL.sub(lambda found: str(_number(found[0])), text)
    for share, unit in _SHARES:
        text = share.sub(rf"\1{unit}", text)
    return text


def _number(numeral: str) -> int:
    total, digit = 0, 0
    for char in numeral:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            total += (digit or 1) * _PLACES[char]
            digit = 0
    return total + digit
