"""What the bot knows now, gathered for one answer: where everything stands, and the readings behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.desk import Desk
from signals import engine
from signals.conditions import Standing, State
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading, Quality, Source
from signals.shock_reading import ShockReading
from signals.verdict import VERDICT
from storage.feed_runs import read_feeds, read_jobs

CONDITIONS = tuple(condition.id for condition in engine.CONDITIONS)
"""The break conditions, in the order in which people read them."""

Reading = PremiumReading | EtfReading | EthBtcReading | PriceReading

_FRESH_FOR = timedelta(minutes=30)
"""A price that a reading only leans on, such as Kraken's USDT, may be two of the coarsest bars old."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that `/status` shows."""

    standings: Mapping[str, Standing]
    premium: PremiumReading
    etf: EtfReading
    eth_btc: EthBtcReading
    prices: tuple[PriceReading, ...]
    shock: ShockReading
    failing: int = 0
    """How many feeds failed when they were last asked."""
    failed_jobs: tuple[str, ...] = ()
    """The jobs whose last run ended in an error."""

    @property
    def verdict(self) -> Standing:
        """Where the verdict stands."""
        return self.standings[VERDICT]

    def conditions_in(self, *states: State) -> list[str]:
        """The conditions that are in one of some states."""
        return [condition for condition in CONDITIONS if self.standings[condition].state in states]

    def sources(self) -> dict[Source, bool]:
        """Whose facts the board rests on, each once with its newest age, and whether they are fresh."""
        newest: dict[str, tuple[Source, bool]] = {}
        readings: tuple[Reading, ...] = (self.premium, self.etf, self.eth_btc, *self.prices)
        for reading in readings:
            for source in reading.sources:
                fresh = reading.quality is Quality.OK and _is_fresh(source, reading)
                if source.name not in newest or fresh:
                    newest[source.name] = (source, fresh)
        if not self.etf.sources:
            # Which of the sources will bring the flows is not known before one has.
            newest["etf_flows"] = (Source("etf_flows", None), False)
        return dict(newest.values())

    def has_heard_nothing(self) -> bool:
        """Whether no source has ever answered, as where the internet is away at the start."""
        return all(source.age is None for source in self.sources())


def _is_fresh(source: Source, reading: Reading) -> bool:
    if source.age is None:
        return False
    # A number of a session stays what it is until the next session's is due, which its quality tells.
    return isinstance(reading, EtfReading) or source.age <= _FRESH_FOR


def read_board(desk: Desk) -> Board:
    """The board at this moment."""
    return Board(
        standings=desk.standings,
        premium=desk.premium(),
        etf=desk.etf_flow(),
        eth_btc=desk.eth_btc(),
        prices=(desk.price("BTC"), desk.price("ETH")),
        shock=desk.shock(),
        failing=sum(1 for feed in read_feeds(desk.db).values() if feed.failures_in_a_row),
        failed_jobs=tuple(job.job for job in read_jobs(desk.db).values() if job.last_error),
    )
