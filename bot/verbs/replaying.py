"""`replay`: the stored history judged anew, as lines or as a picture."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.charts import draw_history
from bot.desk import rules_of
from bot.pictures.chart import chart_words
from bot.settings import Settings
from bot.words.texts import DEFAULT_LANGUAGE, every_language
from bot.words.wording import Wording
from signals.believed import believed
from signals.conditions import Change
from signals.left_out import left_out
from signals.levels import Levels, LevelsSet, levels_in_force
from signals.market import Market
from signals.moments import from_ms, iso, to_ms
from signals.replay import Replay, replay
from signals.shock import Shock
from storage.database import Database
from storage.market import load_market


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay, what was believed of the market it went over, and what it had to do without."""

    market: Market
    since: datetime
    until: datetime
    replay: Replay
    left_out: Sequence[str]


def replay_stored(
    db: Database, settings: Settings, since: datetime, until: datetime, levels: Levels | None = None
) -> Replayed:
    """Judge everything stored up to `until`; given levels count all along, in place of those that are stored.

    Raises:
        StorageError: the database cannot be read.
    """
    market = load_market(db, until=until)
    if levels is not None:
        market = dataclasses.replace(market, levels=(LevelsSet(levels, from_ms(0)),))
    rules, tolerance = rules_of(settings), settings.quorum_tolerance
    replayed = replay(
        market,
        since,
        until,
        rules.conditions,
        rules.warnings,
        shock=Shock(rules.shock),
        tolerance=tolerance,
    )
    return Replayed(believed(market, tolerance), since, until, replayed, list(left_out(market)))


def as_line(change: Change) -> str:
    """A change for the terminal."""
    return (
        f"{iso(change.at_ms):24} {change.id:10} {change.from_state:8} -> {change.to_state:8} {change.reason}"
    )


def chart_of(replayed: Replayed, *, dark: bool) -> bytes:
    """BTC's price with the verdict and the conditions below it, as a PNG."""
    words = Wording(every_language()[DEFAULT_LANGUAGE], UTC, replayed.until)
    changes = (*replayed.replay.warm_up, *replayed.replay.changes)
    days = f"{replayed.since:%Y-%m-%d} – {replayed.until:%Y-%m-%d}"
    fact = levels_in_force(replayed.market.levels, to_ms(replayed.until))
    said = chart_words(words, "btc", fact.levels if fact else None)
    labels = dataclasses.replace(said, title=words.plain("chart.title_history"), unit=f"USD, {days}")
    return draw_history(replayed.market, changes, replayed.since, replayed.until, labels, dark)
