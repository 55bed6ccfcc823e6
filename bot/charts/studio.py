"""Where charts are painted: every painter by its subject, and matplotlib set up for them."""

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from matplotlib import rc_context

from bot.charts import beside, btc, etf, eth_btc, history, own, premium
from bot.charts.fonts import families
from bot.charts.panels import Panel, PanelWords
from bot.charts.scene import Scene

# A Chinese font without a bold face is drawn as it is; matplotlib would complain about it each time.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

PAINTERS: Mapping[str, Callable[[Scene], bytes]] = {
    "premium": premium.paint,
    "etf": etf.paint,
    "eth": eth_btc.paint,
    "btc": btc.paint,
    "history": history.paint,
    **{subject: partial(beside.paint, subject) for subject in beside.BESIDE},
}


def paint(subject: str, scene: Scene) -> bytes:
    """The picture of a subject as PNG bytes."""
    return _painted(partial(PAINTERS[subject], scene))


def paint_own(
    scene: Scene, panels: Sequence[Panel], said: Sequence[PanelWords], fired_ms: Sequence[int], fired: str
) -> bytes:
    """The picture of a rule as PNG bytes; see `bot.charts.own`."""
    return _painted(partial(own.paint, scene, panels, said, fired_ms, fired))


def _painted(painter: Callable[[], bytes]) -> bytes:
    with rc_context({"font.family": families(), "hatch.linewidth": 1.2, "path.simplify": True}):
        picture = painter()
    # A figure is a web of cycles with megabytes of pixels in it: left to Python's own pace, dozens pile up.
    gc.collect()
    return picture
