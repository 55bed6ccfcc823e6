"""`/eth`: whether ETH still bleeds against BTC, and how much of its fall it has regained."""

from collections.abc import Iterator
from datetime import timedelta

from bot.commands.detail import detail
from bot.words.answer import Answer, Ask
from bot.words.gist import eth_btc_gist
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.readings import EthBtcReading


async def eth(ask: Ask) -> Answer:
    """ETH/BTC in detail."""
    reading, window = ask.desk.eth_btc(), timedelta(hours=ask.desk.rules.eth_btc.window_hours)
    return detail(ask, "eth_btc", list(_lines(ask.words, reading, window)), reading.sources)


def _lines(words: Wording, reading: EthBtcReading, window: timedelta) -> Iterator[Html]:
    yield eth_btc_gist(words, reading)
    if reading.low is not None and reading.low_at is not None:
        yield words("detail.eth_low", low=words.ratio(reading.low), moment=words.moment(reading.low_at))
    if reading.peak is not None and reading.target_ratio is not None:
        target = words.ratio(reading.target_ratio)
        yield words("detail.eth_peak", peak=words.ratio(reading.peak), target=target)
    if reading.beta is not None:
        yield words("evidence.eth_btc.beta", beta=words.number(reading.beta, 1))
    if reading.ratio is not None and reading.window_coverage < 1:
        share = words.share(reading.window_coverage)
        yield words("detail.eth_window", share=share, window=words.duration(window))
