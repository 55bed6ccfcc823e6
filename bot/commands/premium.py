"""`/premium`: what Coinbase pays above Binance, now and over the session."""

from collections.abc import Iterator

from bot.commands.detail import detail
from bot.words.answer import Answer, Ask
from bot.words.gist import doubt, missing, premium_value
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.readings import PremiumReading


async def premium(ask: Ask) -> Answer:
    """The premium in detail."""
    reading = ask.desk.premium()
    return detail(ask, "premium", list(_lines(ask.words, reading)), reading.sources)


def _lines(words: Wording, reading: PremiumReading) -> Iterator[Html]:
    if reading.raw_pct is None:
        yield missing(words, reading.sources)
        return
    yield words.joined([premium_value(words, reading), doubt(words, reading.quality, reading.at)])
    if reading.adjusted_pct is not None and reading.usdt_usd is not None:
        usdt = words.number(reading.usdt_usd, 4)
        yield words("detail.premium_raw", raw=words.percent(reading.raw_pct), usdt=usdt)
    yield _session(words, reading)
    if reading.negative_streak:
        yield words("gist.premium_negative", n=reading.negative_streak)
    elif reading.positive_streak:
        yield words("gist.premium_positive", n=reading.positive_streak)


def _session(words: Wording, reading: PremiumReading) -> Html:
    session, share, mean = reading.session, reading.session_share_positive, reading.session_mean_pct
    if session is None:
        return Html()
    day = words.weekday(session.day)
    if share is None or mean is None:
        return words("detail.session_without_samples", day=day)
    key = "detail.session_open" if reading.in_session else "detail.session_closed"
    coverage = words.share(min(reading.session_coverage, 1.0))
    return words(key, day=day, share=words.share(share), mean=words.percent(mean), coverage=coverage)
