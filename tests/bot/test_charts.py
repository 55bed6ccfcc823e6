"""The pictures as a whole: their size, what they survive, and what they cost."""

import logging
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import charts
from bot.charts import Subject, Words, Zone, etf
from bot.charts.scene import Scene
from bot.charts.theme import DARK
from signals.conditions import Change, Kind, State, Verdict
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, Candle, EtfFlow, Fact, Instrument, Quote
from signals.market import Market
from signals.moments import to_ms

NOW = datetime(2025, 11, 28, 20, tzinfo=UTC)  # a half day: its session closed at 18:00
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SUBJECTS: tuple[Subject, ...] = ("premium", "etf", "eth", "btc")

ENGLISH = Words(
    title="Coinbase premium",
    no_data="No data for this time",
    states={
        "met": "met",
        "holding": "holding",
        "unmet": "not met",
        "no_data": "no data",
        "fragile": "fragile",
        "broken": "broken",
        "unknown": "unknown",
    },
    unit="%",
    source="Coinbase against Binance",
    threshold="zero",
    session="US session",
    first="Bitcoin",
    second="Ether",
    preliminary="preliminary",
    waiting="counts once the low is 72 h old",
    peak="peak",
    low="low",
    names={"verdict": "Verdict", "premium": "US premium", "etf_flow": "ETF flows", "eth_btc": "ETH/BTC"},
    zones=(Zone(105_000, 107_000, "support"), Zone(109_000, 111_000, "rally"), Zone(1, 2, "out of sight")),
)
CHINESE = replace(
    ENGLISH,
    title="Coinbase 溢价",
    no_data="这段时间没有数据",
    states={"met": "满足", "holding": "保持中", "unmet": "未满足", "no_data": "无数据", "fragile": "脆弱"},
    threshold="零线",
    names={"verdict": "判断", "premium": "美国溢价"},
    language="zh",
    timezone=ZoneInfo("Asia/Shanghai"),
    day=lambda day: f"{day.month}月{day.day}日",
)


def candles(instrument: Instrument, closes: Sequence[float], step: timedelta = MINUTE) -> list[Candle]:
    """The last of them closes now."""
    first = NOW - step * len(closes)
    return [
        Candle(instrument, step, first + step * place, close, close, close, close, 1.0)
        for place, close in enumerate(closes)
    ]


def flow(day: date, total_usd: float, *, final: bool = True, asset: str = "BTC") -> EtfFlow:
    known = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC) + DAY
    return EtfFlow(asset, day, "farside", total_usd, known, known if final else None)


def change(of: str, at: datetime, before: str, after: str) -> Change:
    kind = Kind.VERDICT if of == "verdict" else Kind.CONDITION
    return Change(to_ms(at), kind, of, before, after, "because", {"btc_usd": 108_322.0})


CHANGES = [
    change("premium", NOW - 5 * DAY, State.NO_DATA, State.UNMET),
    change("premium", NOW - 3 * DAY, State.UNMET, State.HOLDING),
    change("premium", NOW - 2 * DAY, State.HOLDING, State.MET),
    change("verdict", NOW - 6 * DAY, Verdict.UNKNOWN, Verdict.FRAGILE),
    change("verdict", NOW - 2 * DAY, Verdict.FRAGILE, Verdict.BROKEN),
    change("verdict", NOW - 1 * DAY, Verdict.BROKEN, Verdict.FRAGILE),
    change("verdict", NOW - timedelta(hours=1), Verdict.FRAGILE, Verdict.UNKNOWN),
]


def some_facts(length: int = 2_000) -> Iterable[Fact]:
    yield from candles(COINBASE_BTC, [100_000 + 40 * (place % 3) for place in range(length)])
    yield from candles(BINANCE_BTC, [100_040 + place % 7 for place in range(length)])
    yield from candles(BINANCE_ETH, [3_600 + place % 11 for place in range(length)])
    yield flow(date(2025, 11, 25), 128.7e6)
    yield flow(date(2025, 11, 26), -21.1e6, final=False)
    yield flow(date(2025, 11, 25), -3e6, asset="ETH")


def size_px(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def draw_every(market: Market, words: Words = ENGLISH, changes: Sequence[Change] = CHANGES) -> list[bytes]:
    pictures = [charts.draw(subject, market, changes, NOW, 7 * DAY, words) for subject in SUBJECTS]
    return [*pictures, charts.draw_history(market, changes, NOW - 40 * DAY, NOW, words)]


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_chart_is_a_png_of_1000_by_625(subject: Subject, *, dark: bool) -> None:
    picture = charts.draw(subject, Market().add(some_facts()), CHANGES, NOW, DAY, ENGLISH, dark)
    assert size_px(picture) == (1000, 625)


def test_the_history_is_a_wide_png() -> None:
    picture = charts.draw_history(Market().add(some_facts()), CHANGES, NOW - 9 * DAY, NOW, ENGLISH)
    assert size_px(picture) == (1400, 800)


def test_the_two_looks_differ() -> None:
    market = Market().add(some_facts())
    looks = {charts.draw("btc", market, (), NOW, DAY, ENGLISH, dark=dark) for dark in (True, False)}
    assert len(looks) == 2


def test_nothing_at_all_makes_a_picture_that_says_so() -> None:
    silent = replace(ENGLISH, no_data="")
    for said, unsaid in zip(draw_every(Market()), draw_every(Market(), silent), strict=True):
        assert size_px(said)
        assert said != unsaid


ONE_SAMPLE: dict[str, list[Fact]] = {
    "one candle each": [
        *candles(COINBASE_BTC, [100_000]),
        *candles(BINANCE_BTC, [100_050]),
        *candles(BINANCE_ETH, [3_600]),
    ],
    "one venue only": [*candles(COINBASE_BTC, [100_000] * 10)],
    "one quote each": [
        Quote(COINBASE_BTC, NOW - MINUTE, 99_999, 100_001, NOW - MINUTE),
        Quote(BINANCE_BTC, NOW - MINUTE, 99_999, 100_002, NOW - MINUTE),
    ],
    "one flow": [flow(date(2025, 11, 25), 0.0)],
    "one preliminary flow": [flow(date(2025, 11, 26), 5e6, final=False)],
    "only flows of Ether": [flow(date(2025, 11, 25), -5e6, asset="ETH")],
    "a flat line": [*candles(BINANCE_BTC, [100_000.0] * 500), *candles(BINANCE_ETH, [3_600.0] * 500)],
    "a flow of long ago": [flow(date(2025, 3, 3), 5e6)],
    "what is known later": [flow(date(2025, 11, 28), 9e9)],
}


@pytest.mark.parametrize("facts", ONE_SAMPLE.values(), ids=ONE_SAMPLE)
def test_very_little_data_is_drawn_as_it_is(facts: list[Fact]) -> None:
    assert all(size_px(picture) for picture in draw_every(Market().add(facts)))


@pytest.mark.parametrize("factor", [1e-9, 1e9], ids=["tiny", "huge"])
def test_prices_of_any_magnitude_are_drawn(factor: float) -> None:
    facts: list[Fact] = [
        *candles(COINBASE_BTC, [factor, factor * 3]),
        *candles(BINANCE_BTC, [factor * 2, factor]),
        *candles(BINANCE_ETH, [factor, factor]),
        flow(date(2025, 11, 25), factor),
    ]
    assert all(size_px(picture) for picture in draw_every(Market().add(facts)))


def test_an_outage_of_an_hour_changes_the_picture() -> None:
    closes = [100_000.0] * 600
    whole = candles(BINANCE_BTC, closes)
    holed = [candle for place, candle in enumerate(whole) if not 200 <= place < 260]
    pictures = [charts.draw("btc", Market().add(facts), (), NOW, DAY, ENGLISH) for facts in (whole, holed)]
    assert pictures[0] != pictures[1]


def test_facts_not_yet_known_are_not_drawn() -> None:
    facts = list(some_facts())
    later: list[Fact] = [
        replace(candles(BINANCE_BTC, [1.0])[0], opened_at=NOW),
        flow(date(2025, 11, 28), -9e9),
    ]
    for subject in SUBJECTS:
        markets = Market().add(facts), Market().add([*facts, *later])
        assert len({charts.draw(subject, market, (), NOW, DAY, ENGLISH) for market in markets}) == 1


def test_a_preliminary_flow_looks_different_from_a_final_one() -> None:
    pictures = [
        charts.draw("etf", Market().add([flow(date(2025, 11, 26), 5e6, final=final)]), (), NOW, DAY, ENGLISH)
        for final in (True, False)
    ]
    assert pictures[0] != pictures[1]


def test_the_sessions_whose_number_is_missing_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[date] = []
    monkeypatch.setattr(etf, "_draw_missing", lambda _frame, _plot, session: marked.append(session.day))
    flows = [flow(date(2025, 11, day), 5e6) for day in (18, 19, 21, 24, 25)]
    charts.draw("etf", Market().add(flows), (), NOW, DAY, ENGLISH)
    # Not those before the first number, nor Thanksgiving.
    assert marked == [date(2025, 11, 20), date(2025, 11, 26), date(2025, 11, 28)]


def test_dates_under_the_bars_keep_their_distance() -> None:
    for days in (14, 30, 90):
        scene = Scene(Market(), (), NOW - days * DAY, NOW, ENGLISH, DARK)
        moments = [moment for moment, _ in etf._marks(scene)]
        assert 4 <= len(moments) <= 6
        assert min(newer - older for newer, older in pairwise(moments)) >= days * DAY / 6


def test_states_differ_in_the_strip() -> None:
    market = Market().add(some_facts(100))
    pictures = {
        charts.draw(
            "premium",
            market,
            [change("premium", NOW - 2 * DAY, "", state)],
            NOW,
            DAY,
            replace(ENGLISH, states={}),
        )
        for state in State
    }
    assert len(pictures) == len(State)


def test_text_that_looks_like_markup_is_drawn_as_it_is() -> None:
    draw_every(Market().add(some_facts(50)), replace(ENGLISH, title="a < b & $c$ _d_ $", source="100 % $x"))


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_no_glyph_is_missing_and_matplotlib_has_nothing_to_complain_about(
    words: Words, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    if not charts.can_draw(words.text()):
        pytest.skip("no font with Chinese letters on this system")
    with caplog.at_level(logging.WARNING):
        draw_every(Market().add(some_facts()), words)
        draw_every(Market(), words)
    assert not caplog.records
    assert not recwarn.list


def test_it_is_known_beforehand_which_letters_can_be_drawn() -> None:
    assert charts.can_draw("Premium −0.026 % ✓◔✗? ■▨▲▼⋯±")
    assert not charts.can_draw("premium \U000131e9")  # a hieroglyph


def test_texts_that_a_chart_may_draw_are_all_asked_for() -> None:
    words = replace(ENGLISH, zones=(Zone(1, 2, "支撑位"),))
    assert "支撑位" in words.text()
    assert all(
        name in words.text() for name in (*words.states.values(), *words.names.values(), words.waiting)
    )


def test_charts_may_be_drawn_from_several_threads_at_once() -> None:
    market, pictures = Market().add(some_facts()), []

    def draw() -> None:
        pictures.append(charts.draw("premium", market, CHANGES, NOW, DAY, ENGLISH))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pictures) == 4
    assert len(set(pictures)) == 1


def test_matplotlib_comes_with_the_first_chart_not_with_the_import() -> None:
    code = "import sys, bot.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    code = (
        "from datetime import *; from bot import charts; from signals.market import Market;"
        "w = charts.Words(title='t', no_data='n', states={});"
        "assert charts.draw('btc', Market(), (), datetime.now(UTC), timedelta(days=1), w)"
    )
    nowhere = tmp_path / "a-file-not-a-folder"
    nowhere.write_text("")
    env = {"HOME": str(nowhere), "PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=env).returncode == 0


MEMORY = """
import sys
from datetime import timedelta
sys.path.insert(0, {root!r})
from tests.bot.test_charts import CHANGES, DAY, ENGLISH, NOW, SUBJECTS, some_facts
from bot import charts
from signals.market import Market

def rss_mb():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

market = Market().add(some_facts(5_000))
for count in range(1, 31):
    charts.draw(SUBJECTS[count % 4], market, CHANGES, NOW, 7 * DAY, ENGLISH, dark=bool(count % 2))
    if count == 10:
        settled = rss_mb()
print(settled, rss_mb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
def test_memory_does_not_grow_with_the_number_of_charts() -> None:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", MEMORY.format(root=root)], check=True, capture_output=True, text=True
    )
    settled_mb, last_mb = map(float, done.stdout.split())
    assert last_mb - settled_mb < 6
