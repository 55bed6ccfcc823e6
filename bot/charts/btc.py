"""Bitcoin's price, the shocks and zones that matter, and the verdict below."""

from bot.charts.curves import price_curve
from bot.charts.doubts import shade_disputes
from bot.charts.drawing import draw_last, draw_line, shade_sessions, shade_zones
from bot.charts.frame import Frame, KeyItem
from bot.charts.scene import Scene
from bot.charts.shocks import draw_shocks, shocks_in
from bot.charts.strip import draw_strip
from signals.facts import BINANCE_BTC, COINBASE_BTC, KRAKEN_BTC

VENUES = (BINANCE_BTC, COINBASE_BTC, KRAKEN_BTC)
"""Whose price is drawn: the first that has any. Binance's is what the verdict's evidence names."""


def paint(scene: Scene) -> bytes:
    """The picture."""
    frame = Frame(scene)
    drawn = price_curve(scene.market, VENUES, scene.since_ms, scene.until_ms)
    if not len(drawn):
        frame.say(scene.words.no_data)
        return frame.png()
    plot, strip = frame.plot_over_strip()
    shocks = shocks_in(scene, VENUES[0])
    lowest_usd = min([drawn.low_end, *(shock.low_usd for shock in shocks)])
    frame.mark_values(plot, lowest_usd, drawn.high_end, scene.words.number)
    shade_sessions(frame, plot)
    shade_zones(frame, plot, scene.words.zones)
    draw_line(plot, drawn, frame.theme.line)
    draw_shocks(frame, plot, shocks)
    draw_last(frame, plot, drawn.last, scene.words.number(drawn.last[1]), frame.theme.line)
    doubts = shade_disputes(frame, plot, ("BTC",))
    frame.key([KeyItem("■", frame.theme.session_mark, scene.words.session), *doubts])
    draw_strip(frame, strip, "verdict")
    return frame.png()
