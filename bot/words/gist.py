"""The gist of each reading: value, progress and quality on one line."""

from datetime import datetime

from bot.words.marks import WARNING
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.moments import from_ms
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading, Quality, Source
from signals.shock_reading import ShockReading


def premium_gist(words: Wording, reading: PremiumReading) -> Html:
    """The premium now, and how its session goes or the last ones went."""
    if reading.raw_pct is None:
        return missing(words, reading.sources)
    return words.joined(
        [
            premium_value(words, reading),
            _session_progress(words, reading) if reading.in_session else _session_run(words, reading),
            doubt(words, reading.quality, reading.at),
        ]
    )


def premium_value(words: Wording, reading: PremiumReading) -> Html:
    """The number that the rules use: adjusted for USDT, or raw where that cannot be, saying so."""
    gap = words.usd(reading.gap_usd or 0.0)
    if reading.adjusted_pct is not None:
        return words("gist.premium", value=words.percent(reading.adjusted_pct), gap=gap)
    return words("gist.premium_raw", value=words.percent(reading.raw_pct or 0.0), gap=gap)


def _session_progress(words: Wording, reading: PremiumReading) -> Html:
    session, share = reading.session, reading.session_share_positive
    if session is None or share is None:
        return Html()
    done = (words.now - session.opens) / session.length
    return words("gist.premium_session", share=words.share(share), done=words.share(min(max(done, 0.0), 1.0)))


def _session_run(words: Wording, reading: PremiumReading) -> Html:
    if reading.negative_streak:
        return words("gist.premium_negative", n=reading.negative_streak)
    if reading.positive_streak:
        return words("gist.premium_positive", n=reading.positive_streak)
    if reading.session_share_positive is None:
        return Html()
    return words("gist.premium_undecided", share=words.share(reading.session_share_positive))


def etf_gist(words: Wording, reading: EtfReading) -> Html:
    """The newest session's flow, and the run of sessions it belongs to."""
    if reading.session is None or reading.total_usd is None:
        return words("gist.etf_missing")
    run = Html()
    if reading.streak > 1:
        key = "gist.etf_run_out" if reading.total_usd < 0 else "gist.etf_run_in"
        run = words(key, n=reading.streak, total=words.usd(reading.streak_total_usd))
    late = words("gist.etf_late", mark=WARNING) if reading.quality is Quality.STALE else Html()
    return words.joined([etf_value(words, reading), run, late])


def etf_value(words: Wording, reading: EtfReading) -> Html:
    """The newest session's flow; a preliminary number says so."""
    assert reading.session is not None
    assert reading.total_usd is not None
    key = "gist.etf_final" if reading.final else "gist.etf_preliminary"
    return words(key, total=words.usd(reading.total_usd), day=words.day(reading.session))


def eth_btc_gist(words: Wording, reading: EthBtcReading) -> Html:
    """The ratio, how old its low is and how much of the fall is regained."""
    if reading.ratio is None:
        return missing(words, reading.sources)
    swing = Html()
    if reading.low_age is not None and reading.regained is not None:
        swing = words(
            "gist.eth_btc_swing",
            age=words.duration(reading.low_age),
            regained=words.share(max(reading.regained, 0.0)),
        )
    return words.joined([Html(words.ratio(reading.ratio)), swing, doubt(words, reading.quality, reading.at)])


def price_gist(words: Wording, reading: PriceReading) -> Html:
    """A price and its change over 24 hours."""
    if reading.price is None:
        return words("gist.price_missing", asset=reading.asset)
    price = words.price(reading.price)
    if reading.change_24h_pct is None:
        shown = words("gist.price", asset=reading.asset, price=price)
    else:
        change = words.percent(reading.change_24h_pct, digits=1)
        shown = words("gist.price_change", asset=reading.asset, price=price, change=change)
    if reading.quality is Quality.STALE:
        return words("gist.price_old", price=shown, age=words.age(reading.at))
    disputed = reading.quality is Quality.DISPUTED
    return words.joined([shown, doubt(words, reading.quality, reading.at)]) if disputed else shown


def shock_gist(words: Wording, reading: ShockReading) -> Html:
    """The open shock: how far it went and how much is regained; nothing where none is open."""
    episode = reading.episode
    if episode is None or not reading.is_open:
        return Html()
    return words(
        "shock.status",
        mark=WARNING,
        moment=words.moment(from_ms(episode.opened_ms)),
        change=words.percent(-episode.fall * 100, digits=1),
        low=words.price(episode.low.btc_usd),
        share=words.share(max(reading.regained or 0.0, 0.0)),
        volume=words.percent(episode.volume_change * 100, digits=0),
    )


def missing(words: Wording, sources: tuple[Source, ...]) -> Html:
    """That a reading has no data, and whose facts it waits for."""
    silent = [source_name(words, source.name) for source in sources if source.age is None]
    if not silent:
        return words("gist.missing")
    return words("gist.missing_from", names=words.listed(silent))


def doubt(words: Wording, quality: Quality, at: datetime) -> Html:
    """Why a reading cannot be fully trusted; nothing where it can."""
    if quality is Quality.STALE:
        return words("gist.stale", mark=WARNING, age=words.age(at))
    if quality is Quality.DISPUTED:
        return words("gist.disputed", mark=WARNING)
    return Html()
