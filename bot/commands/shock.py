"""`/shock`: the open or last forced deleveraging, what it is measured from, and what is regained of it."""

from collections.abc import Iterator

from bot.commands.detail import page, ways_on
from bot.desk import Desk
from bot.words.answer import Answer, Ask
from bot.words.episode import episode_statements, levels_of_shock
from bot.words.marks import MARKS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.episode import Episode, ShockState
from signals.moments import from_ms
from signals.shock import ShockRules
from signals.shock_reading import ShockReading


async def shock(ask: Ask) -> Answer:
    """The shock in detail."""
    words, reading = ask.words, ask.desk.shock()
    row = ways_on(words, "shock", why="shock", chart="btc")
    return page(ask, _lines(ask.desk, words, reading), reading.sources, row)


def _lines(desk: Desk, words: Wording, reading: ShockReading) -> Iterator[Html]:
    yield _state(words, reading)
    if (episode := reading.episode) is not None:
        yield _now(words, reading)
        yield Html("\n".join(episode_statements(words, episode)))
        yield from _ratio(desk, words, episode)
        yield levels_of_shock(words, episode) if reading.is_open else Html()
    yield _last_day(words, reading)
    yield _rule(words, desk.rules.shock, is_open=reading.is_open)


def _state(words: Wording, reading: ShockReading) -> Html:
    episode = reading.episode
    if episode is None:
        return words("shock.none", mark=MARKS[ShockState.CALM])
    opened = from_ms(episode.opened_ms)
    if reading.is_open or reading.closed_at is None:
        return words("shock.open", mark=MARKS[ShockState.OPEN], since=words.since(opened))
    return words(
        "shock.closed",
        mark=MARKS[ShockState.CALM],
        opened=words.moment(opened),
        closed=words.moment(reading.closed_at),
    )


def _now(words: Wording, reading: ShockReading) -> Html:
    if reading.btc_usd is None or reading.regained is None:
        return Html()
    share = words.share(max(reading.regained, 0.0))
    return words("shock.now", price=words.price(reading.btc_usd), share=share)


def _ratio(desk: Desk, words: Wording, episode: Episode) -> Iterator[Html]:
    ratio = desk.eth_btc().ratio
    if episode.eth_btc is not None and ratio is not None:
        yield words("shock.ratio", before=words.ratio(episode.eth_btc), now=words.ratio(ratio))


def _last_day(words: Wording, reading: ShockReading) -> Html:
    if reading.fall_24h is None or reading.volume_24h is None:
        return words("shock.day_unknown")
    fall = words.percent(-reading.fall_24h * 100, digits=1)
    return words("shock.day", fall=fall, volume=words.percent(reading.volume_24h * 100, digits=0))


def _rule(words: Wording, rules: ShockRules, *, is_open: bool) -> Html:
    fall, volume = words.share(rules.signs.fall), words.share(rules.signs.volume)
    if is_open:
        return words("rule.shock_ends", n=rules.held_sessions)
    return words("rule.shock", fall=fall, volume=volume)
