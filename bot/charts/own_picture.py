"""The picture of a rule, ready to be handed to the process that draws."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.charts import can_draw, draw_own
from bot.charts.panels import Panel, PanelWords
from bot.charts.words import Words


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Every text on the picture in one language: those of any chart, of its panels, and the marks' name."""

    chart: Words
    panels: tuple[PanelWords, ...]
    fired: str

    def text(self) -> str:
        """All of it in one string, to ask whether it can be drawn."""
        panels = (part for panel in self.panels for part in (panel.name, panel.threshold))
        return " ".join((self.chart.text(), self.fired, *panels))


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A rule's readings over the `span` before `now`, one panel each, and when it would have fired."""

    panels: tuple[Panel, ...]
    fired_ms: tuple[int, ...]
    now: datetime
    span: timedelta
    words: OwnWords
    english: OwnWords
    dark: bool
    subject: str = "own"

    def drawn(self) -> bytes:
        """The picture as PNG bytes. Takes tenths of a second, the first time seconds."""
        words = self.words if can_draw(self.words.text()) else self.english
        since = self.now - self.span
        return draw_own(
            self.panels,
            words.panels,
            self.fired_ms,
            words.fired,
            since,
            self.now,
            words.chart,
            dark=self.dark,
        )
