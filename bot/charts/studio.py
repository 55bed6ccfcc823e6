"""Where charts are painted: every painter by its subject, and matplotlib set up for them."""

import gc
import logging
from collections.abc import Callable, Mapping
from functools import partial

from matplotlib import rc_context

from bot.charts import beside, btc, etf, eth_btc, history, premium
from bot.charts.fonts import families
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
    with rc_context({"font.family": families(), "hatch.linewidth": 1.2, "path.simplify": True}):
        picture = PAINTERS[subject](scene)
    # A figure is a web of cycles with megabytes of pixels in it: left to Python's own pace, dozens pile up.
    gc.collect()
    return picture
