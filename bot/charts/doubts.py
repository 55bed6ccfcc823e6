"""Where venues contradicted each other: hatched, for a hole in the curve says nothing of why it is there."""

from collections.abc import Iterable, Iterator

from matplotlib.axes import Axes

from bot.charts.frame import Frame, KeyItem
from bot.charts.scene import Scene
from signals.disputes import disputed_spans


def shade_disputes(frame: Frame, plot: Axes, coins: Iterable[str]) -> list[KeyItem]:
    """Hatch the disputes about some coins; what the key says of it, nothing where there was none."""
    spans = list(_in_sight(frame.scene, coins))
    for begins_ms, ends_ms in spans:
        plot.axvspan(
            begins_ms,
            ends_ms,
            facecolor="none",
            edgecolor=frame.theme.muted,
            hatch="///",
            linewidth=0,
            zorder=0.6,
        )
    return [KeyItem("▨", frame.theme.muted, frame.scene.words.disputed)] if spans else []


def _in_sight(scene: Scene, coins: Iterable[str]) -> Iterator[tuple[int, int]]:
    for coin in coins:
        for begins_ms, ends_ms in disputed_spans(scene.market, coin, scene.until_ms):
            if ends_ms > scene.since_ms:
                yield max(begins_ms, scene.since_ms), ends_ms
