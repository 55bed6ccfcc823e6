"""Every feed, one row each. Its name is that of its source and of what it brings."""

from datetime import datetime, timedelta
from functools import partial

from signals.contagion import LOOKED
from signals.feeds import (
    adl_ratings,
    announcements,
    books,
    coinglass,
    coinmarketcap,
    defillama,
    farside,
    leverage,
    leverage_history,
    newyorkfed,
    okx_adl,
    sosovalue,
)
from signals.feeds.connections import Connections
from signals.feeds.feed import Brings, Facts, Feed, Retry, of_now
from signals.feeds.kinds import (
    QUARTER,
    adl_feed,
    announcements_feed,
    candle_feed,
    depth_feed,
    flow_feed,
    leverage_feed,
    liquidation_feed,
    quote_feed,
)
from signals.feeds.liquidation_frames import STREAMS
from signals.gauges import Gauge


async def _exploits(to: Connections) -> Facts:
    told = await defillama.fetch_exploits(to.http)
    now = to.context.clock()
    return (*told, *await defillama.fetch_locked(to.http, told), Gauge(LOOKED, now, 1.0, now))


async def _macro(to: Connections, since: datetime) -> Facts:
    return await newyorkfed.fetch_macro(to.http, since)


_HOUR = timedelta(hours=1)

FEEDS: tuple[Feed, ...] = (
    quote_feed("coinbaseexchange"),
    quote_feed("binance"),
    quote_feed("kraken"),
    candle_feed("coinbaseexchange"),
    candle_feed("binance"),
    candle_feed("kraken"),
    flow_feed("sosovalue", "BTC", sosovalue.fetch_flows, QUARTER, attempts=3, needs=sosovalue.KEY),
    flow_feed("sosovalue", "ETH", sosovalue.fetch_flows, QUARTER, attempts=3, needs=sosovalue.KEY),
    flow_feed("coinmarketcap", "BTC", coinmarketcap.fetch_flows, QUARTER, attempts=3),
    flow_feed("coinmarketcap", "ETH", coinmarketcap.fetch_flows, QUARTER, attempts=3),
    flow_feed("farside", "BTC", farside.fetch_flows, _HOUR, attempts=1),
    flow_feed("farside", "ETH", farside.fetch_flows, _HOUR, attempts=1),
    adl_feed("binance", adl_ratings.BINANCE, lambda to: adl_ratings.fetch_binance(to.http)),
    adl_feed("bybit", adl_ratings.BYBIT, lambda to: adl_ratings.fetch_bybit(to.http, to.bybit_adl)),
    adl_feed("okx", okx_adl.SOURCE, lambda to: to.okx_adl.states()),
    # Each language by itself: where one is refused, the other still tells.
    *(
        announcements_feed(
            f"okx announcements {language}",
            announcements.OKX,
            partial(announcements.fetch_okx, language=language),
        )
        for language in ("en-US", "zh-CN")
    ),
    *(
        announcements_feed(
            f"bybit announcements {locale}",
            announcements.BYBIT,
            partial(announcements.fetch_bybit, locale=locale),
        )
        for locale in ("en-US", "zh-TW")
    ),
    announcements_feed("binance announcements", announcements.BINANCE, announcements.fetch_binance),
    *map(depth_feed, books.SOURCES),
    *map(liquidation_feed, STREAMS),
    Feed(
        "defillama exploits",
        defillama.SOURCE,
        Brings.EXPLOITS,
        of_now(_exploits),
        interval=_HOUR,
        within=timedelta(minutes=5),
        retry=Retry(attempts=2),
        rest=_HOUR * 0.9,
    ),
    Feed(
        "newyorkfed macro",
        newyorkfed.SOURCE,
        Brings.MACRO,
        _macro,
        interval=QUARTER,
        within=timedelta(minutes=5),
        retry=Retry(attempts=2),
        look_back=timedelta(days=5),
        fill=_macro,
    ),
    Feed(
        "coinglass liquidations",
        coinglass.SOURCE,
        Brings.LIQUIDATIONS,
        of_now(lambda to: coinglass.fetch_liquidations(to.http)),
        interval=timedelta(minutes=1),
        within=timedelta(seconds=30),
        retry=Retry(attempts=1),
        rest=timedelta(minutes=9),
        needs=coinglass.KEY,
    ),
    leverage_feed("binance", "binanceusdm", leverage.fetch_binance, leverage_history.fetch_binance),
    leverage_feed("okx", "okx", leverage.fetch_okx, leverage_history.fetch_okx),
    leverage_feed("bybit", "bybit", leverage.fetch_bybit, leverage_history.fetch_bybit),
)
