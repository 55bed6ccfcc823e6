"""/exploits and /macro in both languages, with and without facts."""

from datetime import date, datetime, time, timedelta

from bot.commands.table import answer
from bot.playground.markup import parse_html
from signals.calendar import NEW_YORK
from signals.conditions import Alarm, Standing
from signals.contagion import LOOKED
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.notices import Notice, NoticeKind
from tests.bot.desks import NOW, ask_of, new_desk

OFF = Standing(Alarm.OFF, settled=Alarm.OFF)
TODAY = NOW.astimezone(NEW_YORK).date()


def exploit(name: str, amount: float | None, days: int) -> Notice:
    at = datetime.combine(NOW.date() - timedelta(days=days), time(), NOW.tzinfo)
    return Notice(NoticeKind.EXPLOIT, "defillama", f"k {name}", at, name, "", NOW, amount)


def lent(day: date, closes: time, usd: float) -> Gauge:
    at = datetime.combine(day, closes, NEW_YORK)
    return Gauge(Series("newyorkfed", "fed", Measure.REPO_USD), at, usd, at)


async def said(market: Market, command: str, language: str = "en") -> list[str]:
    with new_desk(market, NOW) as desk:
        desk.standings = {**desk.standings, "exploit": OFF, "repo": OFF}
        found = await answer(ask_of(desk, language=language), command)
    return parse_html(found.text).text.splitlines()


HIT = Market().add(
    [
        Gauge(LOOKED, NOW - timedelta(minutes=20), 1.0, NOW - timedelta(minutes=20)),
        exploit("<b>Balancer</b> & V2", 128e6, 1),
        exploit("Nobody knows", None, 3),
    ]
)
YESTERDAY = TODAY - timedelta(days=1)
LENT = Market().add([lent(YESTERDAY, time(8, 30), 8e9), lent(YESTERDAY, time(13, 45), 12.5e9)])


async def test_exploits_are_listed_with_hostile_names_and_unknown_amounts():
    lines = await said(HIT, "exploits")
    assert lines[0] == "○ DeFi: no large exploit is recent"
    assert lines[1].endswith(": <b>Balancer</b> & V2, $128.0 m")
    assert lines[2].endswith(": Nobody knows, amount not known")
    assert lines[3].startswith("Warned of from $50.0 m on.")
    assert lines[4].startswith("Sources: DefiLlama 20 min")


async def test_a_list_that_was_never_read_is_said_to_be_unread():
    assert (await said(Market(), "exploits"))[0] == "? DeFi: the list of exploits has not been read yet"
    assert (await said(Market(), "exploits", "zh"))[0] == "? DeFi：尚未取得漏洞攻击列表"


async def test_the_days_of_repo_are_the_sums_of_both_windows():
    lines = await said(LENT, "macro")
    assert lines[0] == "○ Fed repo: small"
    assert lines[1].partition(": ")[2].startswith("$12.50 bn")
    assert "SOFR: not known" in lines
    assert any(line.startswith("Next windows: ") for line in lines)


async def test_macro_in_chinese_and_without_facts():
    assert (await said(LENT, "macro", "zh"))[0] == "○ 美联储回购：规模正常"
    assert (await said(Market(), "macro"))[0] == "? Fed repo: no operation known yet"
