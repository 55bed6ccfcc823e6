"""An episode in words: what a shock was measured from, how far it went, and what was known of it."""

from collections.abc import Iterator

from bot.words.texts import Html
from bot.words.wording import Wording
from signals.deleveraging import CRITERIA
from signals.episode import Episode
from signals.moments import from_ms
from signals.shock_levels import levels_from_shock


def episode_statements(words: Wording, episode: Episode) -> Iterator[Html]:
    """The statements that say what happened, the most telling first."""
    yield fall_of_btc(words, episode)
    yield volume(words, episode)
    yield from fall_of_eth(words, episode)
    if episode.interest_change is not None:
        yield words("shock.interest", change=words.percent(episode.interest_change * 100, digits=1))
    if episode.long_share is not None:
        yield words("shock.long_share", share=words.share(episode.long_share))
    yield what_was_known(words, episode)
    if episode.number > 1:
        yield words("shock.number", n=episode.number - 1, moment=words.moment(from_ms(episode.chain_ms)))


def fall_of_btc(words: Wording, episode: Episode) -> Html:
    """BTC's low, when it was, and where it fell from."""
    return words(
        "shock.btc",
        low=words.price(episode.low.btc_usd),
        at=words.moment(from_ms(episode.low.at_ms)),
        change=words.percent(-episode.fall * 100, digits=1),
        reference=words.price(episode.btc_usd),
    )


def volume(words: Wording, episode: Episode) -> Html:
    """How much more was traded, and by how many venues that was known: one alone can say anything."""
    change = words.percent(episode.volume_change * 100, digits=0)
    match episode.volume_venues:
        case None:
            return words("shock.volume", change=change)
        case 1:
            return words("shock.volume_of_one", change=change)
        case n:
            return words("shock.volume_of_several", change=change, n=n)


def fall_of_eth(words: Wording, episode: Episode) -> Iterator[Html]:
    """ETH's fall beside it; nothing where ETH's prices are not known."""
    low_usd, reference_usd, fall, beta = episode.low.eth_usd, episode.eth_usd, episode.eth_fall, episode.beta
    if low_usd is None or reference_usd is None or fall is None or beta is None:
        return
    yield words(
        "shock.eth",
        low=words.price(low_usd),
        change=words.percent(-fall * 100, digits=1),
        reference=words.price(reference_usd),
        beta=words.number(beta, 1),
    )


def what_was_known(words: Wording, episode: Episode) -> Html:
    """Which of the signs of forced deleveraging were known, and which were not."""
    signs = {
        "shock.known": [sign for sign in CRITERIA if sign in episode.known],
        "shock.not_known": [sign for sign in CRITERIA if sign not in episode.known],
    }
    names = {key: words.listed([words.plain(f"sign.{sign}") for sign in some]) for key, some in signs.items()}
    return words.joined([words(key, names=listed) for key, listed in names.items() if listed])


def levels_of_shock(words: Wording, episode: Episode) -> Html:
    """The support zone, break level and rally zone that follow from a shock for as long as it is open."""
    levels = levels_from_shock(episode)
    if levels is None:
        return Html()
    return words(
        "shock.levels",
        support=_band(words, *levels.support),
        broken=words.price(levels.break_usd),
        rally=_band(words, *levels.rally),
    )


def _band(words: Wording, low_usd: float, high_usd: float) -> Html:
    return words("shock.band", low=words.price(low_usd), high=words.price(high_usd))
