"""What a chart is told by whoever knows languages, settings and time zones; a chart knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from bot.words.numbers import decimal


def iso_day(day: date) -> str:
    """Month and day as in 11-03, for whoever brings no better words."""
    return f"{day:%m-%d}"


def iso_moment(moment: datetime) -> str:
    """A moment as in 2025-11-03 20:14 UTC."""
    return f"{moment:%Y-%m-%d %H:%M %Z}"


@dataclass(frozen=True, slots=True)
class Zone:
    """A band of prices with a name, in the chart's unit; a line where both ends are one."""

    low: float
    high: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every text on a chart, already in the reader's language. An empty one is left out."""

    title: str
    no_data: str
    states: Mapping[str, str]
    """The name of each state, by its value: `met`, `holding`, `unmet`, `no_data`, `fragile`, ..."""
    unit: str = ""
    source: str = ""
    threshold: str = ""
    """The named line: zero for the premium, half regained for ETH/BTC."""
    session: str = ""
    disputed: str = ""
    """Why nothing is drawn for a while: venues contradicted each other."""
    first: str = ""
    second: str = ""
    """The two series of the ETF chart: Bitcoin's funds and Ether's."""
    preliminary: str = ""
    waiting: str = ""
    """Why ETH/BTC's line is dotted at first: its low has to be 72 h old to count."""
    peak: str = ""
    low: str = ""
    shock: str = ""
    """What a shock's moment is called."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What each strip is of, by the id of its changes: `verdict`, `premium`, ..."""
    zones: tuple[Zone, ...] = ()
    language: str = "en"
    """Whose digits and separators the numbers have."""
    timezone: tzinfo = UTC
    day: Callable[[date], str] = iso_day
    moment: Callable[[datetime], str] = iso_moment

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """A number with so many digits after the point."""
        return decimal(value, digits, self.language, signed=signed)

    def text(self) -> str:
        """All of it in one string, to ask whether it can be drawn."""
        fixed = (
            self.title,
            self.no_data,
            self.unit,
            self.source,
            self.threshold,
            self.session,
            self.first,
            self.second,
            self.preliminary,
            self.waiting,
            self.peak,
            self.low,
            self.shock,
        )
        return " ".join((*fixed, *self.states.values(), *self.names.values(), *(z.name for z in self.zones)))
