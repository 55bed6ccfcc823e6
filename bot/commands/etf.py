"""`/etf`: the net flow of the US spot funds, Bitcoin's and beside it Ether's, session by session."""

from collections.abc import Iterator

from bot.commands.detail import detail
from bot.words.answer import Answer, Ask
from bot.words.gist import etf_gist
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.readings import EtfReading


async def etf(ask: Ask) -> Answer:
    """The flows in detail."""
    bitcoin, ether = ask.desk.etf_flow("BTC"), ask.desk.etf_flow("ETH")
    lines = list(_lines(ask.words, bitcoin, ether))
    return detail(ask, "etf_flow", lines, tuple(dict.fromkeys((*bitcoin.sources, *ether.sources))))


def _lines(words: Wording, bitcoin: EtfReading, ether: EtfReading) -> Iterator[Html]:
    for reading in (bitcoin, ether):
        yield words("detail.etf", asset=reading.asset, gist=etf_gist(words, reading))
    if bitcoin.last:
        yield words("detail.etf_sessions", sessions=Html("\n".join(_sessions(words, bitcoin, ether))))


def _sessions(words: Wording, bitcoin: EtfReading, ether: EtfReading) -> Iterator[Html]:
    """One line a session: Bitcoin's funds, and Ether's where they are known."""
    beside = {flow.session: flow for flow in ether.last}
    for flow in bitcoin.last:
        key = "detail.etf_session" if flow.final else "detail.etf_session_preliminary"
        other = beside.get(flow.session)
        yield words.joined(
            [
                words(key, day=words.weekday(flow.session), total=words.usd(flow.total_usd)),
                words("detail.etf_ether", total=words.usd(other.total_usd)) if other else Html(),
            ]
        )
