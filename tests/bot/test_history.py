import math
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.history.files import (
    ImportResult,
    import_candles,
    import_etf_flows,
    import_funding,
    parse_candles,
    parse_etf_flows,
    parse_funding,
)
from bot.history.rows import LARGEST_BYTES, MOST_LINES, HistoryError
from signals.calendar import session_on
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, Candle, EtfFlow, Funding, Instrument
from storage.database import Database, open_database
from storage.market import load_market, read_candles, read_funding, span
from tests.history import FOLDER, needs_history

FIVE = timedelta(minutes=5)
EIGHT_HOURS = timedelta(hours=8)
PERPETUAL = Instrument("binance", "BTC/USDT:USDT")
NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)

T = TypeVar("T")

HEADINGS = "time_utc,open,high,low,close,volume_btc"
ROW = "2025-11-03T12:00:00Z,100,110,90,105,12.5"
CANDLE = Candle(COINBASE_BTC, FIVE, NOON, 100.0, 110.0, 90.0, 105.0, 12.5)


@pytest.fixture
def db() -> Iterator[Database]:
    with closing(open_database(":memory:")) as db:
        yield db


def candles(*lines: str) -> list[Candle]:
    return parse_candles([f"{line}\n" for line in lines], COINBASE_BTC, FIVE)


def flows(*lines: str) -> list[EtfFlow]:
    return parse_etf_flows([f"{line}\n" for line in lines], "BTC")


def rates(*lines: str) -> list[Funding]:
    return parse_funding([f"{line}\n" for line in lines], PERPETUAL, EIGHT_HOURS)


@pytest.mark.parametrize(
    "lines",
    [
        [ROW],
        [HEADINGS, ROW],
        ["Open time,24h,Info,Low,Close,NaN share", ROW],
        [f"\ufeff{HEADINGS}", ROW],
        [f"\ufeff{ROW}"],
        [HEADINGS, "", ROW, "  ", ",,,,,"],
        [ROW, ROW],
        [f"{ROW}\r"],
        [f"{ROW},ignored,NaN,"],
        ["1762171200000,100,110,90,105,12.5"],
        ["2025-11-03 12:00:00+00:00, 1e2 ,+110.0,90.,105,1.25E1"],
        ['"2025-11-03T12:00:00.000Z","100","110","90","105","12.5"'],
    ],
    ids=[
        "plain",
        "with headings",
        "with odd headings",
        "headings behind a byte order mark",
        "row behind a byte order mark",
        "empty lines",
        "the same row again",
        "CRLF",
        "more columns",
        "milliseconds",
        "numbers and moments of other shapes",
        "quoted cells",
    ],
)
def test_a_candle_is_read(lines: list[str]) -> None:
    assert candles(*lines) == [CANDLE]


def test_rows_may_come_in_any_order() -> None:
    later = "2025-11-03T12:05:00Z,105,110,90,100,1"
    assert [candle.opened_at for candle in candles(later, ROW)] == [NOON + FIVE, NOON]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2025-11-03T12:00:00Z,100,110,90,x,1", 'close is not a number: "x"'),
        ("2025-11-03T12:00:00Z,100,110,90,,1", 'close is not a number: ""'),
        ("2025-11-03T12:00:00Z,nan,110,90,105,1", 'open is not a number: "nan"'),
        ("2025-11-03T12:00:00Z,100,inf,90,105,1", 'high is not a number: "inf"'),
        ("2025-11-03T12:00:00Z,100,1e999,90,105,1", 'high is not a number: "1e999"'),
        ("2025-11-03T12:00:00Z,1_00,110,90,105,1", 'open is not a number: "1_00"'),
        ("2025-11-03T12:00:00Z,١٠٠,110,90,105,1", 'open is not a number: "١٠٠"'),
        ('2025-11-03T12:00:00Z,"1,000",1100,90,105,1', 'open is not a number: "1,000"'),
        ("2025-11-03T12:00:00Z,100,90,110,105,1", "low 110 is above high 90"),
        ("2025-11-03T12:00:00Z,100,110,90,111,1", "close 111 is above high 110"),
        ("2025-11-03T12:00:00Z,89.5,110,90,105,1", "open 89.5 is below low 90"),
        ("2025-11-03T12:00:00Z,100,110,0,105,1", "low is not above zero: 0"),
        ("2025-11-03T12:00:00Z,-5,110,90,105,1", "open -5 is below low 90"),
        ("2025-11-03T12:00:00Z,-5,-1,-9,-5,1", "low is not above zero: -9"),
        ("2025-11-03T12:00:00Z,1,1,1e-200,1,1", "prices from 1e-200 to 1 are of no market"),
        ("2025-11-03T12:00:00Z,100,110,90,105,-1", "volume is negative: -1"),
        (
            "2025-11-03T12:00:00,100,110,90,105,1",
            'the time has no time zone, write a Z for UTC: "2025-11-03T12:00:00"',
        ),
        ("2025-11-03T12:00:00+08:00,100,110,90,105,1", 'the time is not in UTC: "2025-11-03T12:00:00+08:00"'),
        (
            "2025-11-03T12:03:00Z,100,110,90,105,1",
            "the time 2025-11-03 12:03:00 is not a multiple of the timeframe",
        ),
        (
            "1762171200,100,110,90,105,1",
            'the time is in seconds, write milliseconds or ISO-8601 in UTC: "1762171200"',
        ),
        (
            "1762171200000000,100,110,90,105,1",
            'the time is in microseconds, write milliseconds or ISO-8601 in UTC: "1762171200000000"',
        ),
        ("17,100,110,90,105,1", 'the time is not in milliseconds since 1970, nor ISO-8601 in UTC: "17"'),
        (
            "3 Nov 2025,100,110,90,105,1",
            'the time is not ISO-8601 such as 2025-11-03T14:30:00Z, nor milliseconds: "3 Nov 2025"',
        ),
        (
            "1999-11-03T12:00:00Z,100,110,90,105,1",
            'the time is before 2009 or after 2099: "1999-11-03T12:00:00Z"',
        ),
        (
            "2025-11-03T12:00:00Z,100,110",
            "too few columns: 6 needed (time, open, high, low, close, volume), 3 found",
        ),
        (
            "2025-11-03T12:00:00Z;100;110;90;105;1",
            "too few columns: 6 needed (time, open, high, low, close, volume), 1 found",
        ),
        (
            "2025-11-03T12:00:00Z,100,110,90,106,12.5",
            "line 2 says something else about the same time",
        ),
        ("2025-11-03T12:05:00Z,100,110,90,105,\0", "this is not text"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_what_is_wrong(row: str, sentence: str) -> None:
    with pytest.raises(HistoryError) as caught:
        candles(HEADINGS, ROW, row)
    assert str(caught.value) == f"line 3: {sentence}"
    assert (caught.value.line, caught.value.sentence) == (3, sentence)


def test_a_bad_first_row_is_not_taken_for_headings() -> None:
    with pytest.raises(HistoryError, match=r'^line 1: the time is not ISO-8601 .*: "x"$'):
        candles("x,100,110,90,105,1")


def test_a_quote_that_never_ends_is_no_csv() -> None:
    with pytest.raises(HistoryError, match=r"^line 2: this is not CSV: "):
        candles(ROW, '2025-11-03T12:05:00Z,"100,110,90,105,1')


def test_what_is_shown_of_a_cell_is_short_and_printable() -> None:
    with pytest.raises(HistoryError) as caught:
        candles(f'2025-11-03T12:00:00Z,"\x1b[31m\n{"9" * 9999}z",110,90,105,1')
    assert str(caught.value).startswith('line 1: open is not a number: "�[31m�999')
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("lines", [[], [HEADINGS], ["", " "]], ids=["nothing", "only headings", "only space"])
def test_a_file_without_rows(lines: list[str]) -> None:
    with pytest.raises(HistoryError, match=r"^there are no rows in the file$"):
        candles(*lines)


def test_a_flow_is_final_on_the_day_after_its_session() -> None:
    [friday] = flows("2025-10-31,-191.6")
    known_at = datetime(2025, 11, 1, 13, 30, tzinfo=UTC)
    assert friday == EtfFlow("BTC", date(2025, 10, 31), "import", -191.6e6, known_at, final_at=known_at)


def test_funds_are_the_columns_named_like_one() -> None:
    [flow] = flows(
        "date,total_musd,IBIT_musd,FBTC,GBTC_musd,BTC_musd,total_sosovalue_musd,sum_of_funds_minus_total,Total,",
        "2025-11-03,259.9,-186.5,3.3,,-,259.9,0,259.9,7",
    )
    assert flow.total_usd == 259.9e6
    assert flow.funds_usd == {"IBIT": -186.5e6, "FBTC": 3.3e6}


def test_funds_without_headings_have_no_names() -> None:
    [flow] = flows("2025-11-03,-186.5,-186.5")
    assert flow.funds_usd == {}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2025-11-02,1", "2025-11-02 is no US session: the exchange was closed"),
        ("2025-12-25,1", "2025-12-25 is no US session: the exchange was closed"),
        ("2025-11-31,1", 'the session is not a date such as 2025-11-03: "2025-11-31"'),
        ("20251103,1", 'the session is not a date such as 2025-11-03: "20251103"'),
        ("2025-11-04,-", 'total is not a number: "-"'),
        ("2025-11-04,(12.5)", 'total is not a number: "(12.5)"'),
        ("2025-11-04,-566400000", "total is not in millions of dollars: -566400000"),
        ("2025-11-04", "too few columns: 2 needed (session, total), 1 found"),
        ("2025-11-03,-186.6", "line 1 says something else about the same time"),
    ],
)
def test_a_bad_flow_is_named_by_its_line_and_what_is_wrong(row: str, sentence: str) -> None:
    with pytest.raises(HistoryError) as caught:
        flows("2025-11-03,-186.5", row)
    assert str(caught.value) == f"line 2: {sentence}"


def test_funding_is_read() -> None:
    assert rates("funding_time_utc,rate,premium", "2025-11-03T12:00:00Z,6.207e-05,x") == [
        Funding(PERPETUAL, NOON, 6.207e-05, EIGHT_HOURS)
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2025-11-03T12:00:00Z,x", 'rate is not a number: "x"'),
        (
            "2025-11-03T12:00:00Z,0.5",
            "rate is not a fraction per interval, such as 0.0001 for 0.01 %: 0.5",
        ),
        ("2025-11-03T12:00:00Z", "too few columns: 2 needed (time, rate), 1 found"),
    ],
)
def test_bad_funding_is_named_by_its_line_and_what_is_wrong(row: str, sentence: str) -> None:
    with pytest.raises(HistoryError) as caught:
        rates(row)
    assert str(caught.value) == f"line 1: {sentence}"


def test_a_file_is_taken_in_once(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "candles.csv"
    path.write_bytes(f"\ufeff{HEADINGS}\r\n{ROW}\r\n".encode())
    assert import_candles(db, path, COINBASE_BTC, FIVE) == ImportResult(rows=1, new=1)
    assert import_candles(db, path, COINBASE_BTC, FIVE) == ImportResult(rows=1, new=0)
    assert read_candles(db, COINBASE_BTC, FIVE) == [CANDLE]


def test_nothing_of_a_file_with_a_bad_row_is_stored(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "candles.csv"
    path.write_text(f"{ROW}\nx\n")
    with pytest.raises(HistoryError):
        import_candles(db, path, COINBASE_BTC, FIVE)
    assert span(db) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "there are no rows in the file"),
        (bytes(range(256)), "this is not text in UTF-8"),
        (b"\x00\x01\x02", "line 1: this is not text"),
        (f"{HEADINGS}\n{ROW}\n".encode("utf-16"), "this is not text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "this is not text in UTF-8"),
        (b"x" * 200_000 + b",1", "line 1: this line is longer than 10,000 characters"),
    ],
    ids=["empty", "bytes", "zeros", "UTF-16", "picture", "one endless cell"],
)
def test_a_file_that_is_no_csv(db: Database, tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "candles.csv"
    path.write_bytes(content)
    with pytest.raises(HistoryError) as caught:
        import_candles(db, path, COINBASE_BTC, FIVE)
    assert str(caught.value) == sentence


def test_a_file_that_is_not_there(db: Database, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"^the file cannot be read: No such file or directory$"):
        import_funding(db, tmp_path / "nowhere.csv", PERPETUAL, EIGHT_HOURS)


@pytest.mark.parametrize("path", [Path("/"), Path("/dev/zero")])
def test_what_is_no_file(db: Database, path: Path) -> None:
    with pytest.raises(HistoryError, match=r"^this is not a file$"):
        import_etf_flows(db, path, "BTC")


def test_a_file_that_is_too_large_is_not_read(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as huge:
        huge.truncate(LARGEST_BYTES + 1)
    with pytest.raises(HistoryError, match=r"^the file is larger than 50 MB, split it$"):
        import_candles(db, path, COINBASE_BTC, FIVE)


def test_progress_adds_up_to_about_the_whole_file(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "candles.csv"
    path.write_text(f"{ROW}\n" * 20_000)
    steps: list[int] = []
    import_candles(db, path, COINBASE_BTC, FIVE, steps.append)
    assert len(steps) > 5
    assert 0.8 < sum(steps) / path.stat().st_size <= 1


@needs_history
@pytest.mark.parametrize(
    ("name", "instrument", "minutes", "rows"),
    [
        ("coinbase_BTC-USD_5m", COINBASE_BTC, 5, 17_498),
        ("binance_spot_BTCUSDT_15m", BINANCE_BTC, 15, 5_856),
        ("binance_spot_ETHUSDT_15m", BINANCE_ETH, 15, 5_856),
        ("gemini_BTCUSD_1m_2025-10-10", Instrument("gemini", "BTC/USD"), 1, 1_351),
    ],
)
def test_real_candles(db: Database, name: str, instrument: Instrument, minutes: int, rows: int) -> None:
    path, timeframe = FOLDER / f"{name}.csv", timedelta(minutes=minutes)
    assert import_candles(db, path, instrument, timeframe) == ImportResult(rows, rows)
    assert import_candles(db, path, instrument, timeframe) == ImportResult(rows, 0)
    assert len(load_market(db).track(instrument, timeframe)) == rows


@needs_history
@pytest.mark.parametrize(("asset", "funds"), [("BTC", 11), ("ETH", 9)])
def test_real_flows(db: Database, asset: str, funds: int) -> None:
    path = FOLDER / f"{asset.lower()}_etf_flows_daily_usd_millions.csv"
    assert import_etf_flows(db, path, asset) == ImportResult(45, 45)
    assert import_etf_flows(db, path, asset) == ImportResult(45, 0)
    stored = load_market(db).flows[asset]
    assert {len(flow.funds_usd) for flow in stored} == {funds}
    for flow in stored:
        assert flow.total_usd == pytest.approx(sum(flow.funds_usd.values()), abs=0.15e6)


@needs_history
def test_real_funding(db: Database) -> None:
    path = FOLDER / "binance_perp_BTCUSDT_funding_8h.csv"
    assert import_funding(db, path, PERPETUAL, EIGHT_HOURS) == ImportResult(183, 183)
    assert import_funding(db, path, PERPETUAL, EIGHT_HOURS) == ImportResult(183, 0)
    assert len(read_funding(db, PERPETUAL)) == 183


cells = st.sampled_from(
    [
        "2025-11-03T12:00:00Z",
        "2025-11-03",
        "1762171200000",
        "100",
        "110",
        "90",
        "105",
        "-1",
        "1e400",
        "NaN",
        "",
        '"',
    ]
)
rows = st.lists(cells | st.text(max_size=8), max_size=8).map(",".join)
hostile_text = st.lists(rows | st.text(max_size=30), max_size=6).map("\n".join)


def outcome(read: Callable[[], T]) -> T | HistoryError:
    try:
        return read()
    except HistoryError as error:
        return error


def is_one_line(error: HistoryError) -> bool:
    return str(error).isprintable() and 0 < len(str(error)) < 200


@given(hostile_text)
@example("9999-12-31T23:59:59Z,1,1,1,1,1")
@example("0001-01-01T00:00:00+14:00,1,1,1,1,1")
@example("1" * 5000 + ",1,1,1,1,1")
@settings(max_examples=300, deadline=None)
def test_hostile_text_gives_sound_candles_or_one_sentence(text: str) -> None:
    found = outcome(lambda: parse_candles(text.splitlines(keepends=True), COINBASE_BTC, FIVE))
    if isinstance(found, HistoryError):
        assert is_one_line(found)
        return
    assert found
    for candle in found:
        assert 0 < candle.low <= min(candle.open, candle.close)
        assert max(candle.open, candle.close) <= candle.high < math.inf
        assert 0 <= candle.volume < math.inf
        assert candle.opened_at.tzinfo == UTC
        assert candle.opened_at.timestamp() % 300 == 0


@given(hostile_text)
@settings(max_examples=200, deadline=None)
def test_hostile_text_gives_sound_flows_or_one_sentence(text: str) -> None:
    found = outcome(lambda: parse_etf_flows(text.splitlines(keepends=True), "BTC"))
    if isinstance(found, HistoryError):
        assert is_one_line(found)
        return
    assert found
    assert all(session_on(flow.session) and math.isfinite(flow.total_usd) for flow in found)


@given(st.binary(max_size=200) | hostile_text.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b",0\x1c")  # a space to str.strip, none to float
@settings(max_examples=100, deadline=None)
def test_hostile_files_are_stored_whole_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.csv"
    path.write_bytes(content)
    with closing(open_database(":memory:")) as db:
        result = outcome(lambda: import_funding(db, path, PERPETUAL, EIGHT_HOURS))
        stored = len(read_funding(db, PERPETUAL))
    if isinstance(result, HistoryError):
        assert is_one_line(result)
        assert stored == 0
    else:
        assert stored == result.rows == result.new


BOMBS = {
    "one endless line": (b"1" * 1_000_000, "line 1: this line is longer than 10,000 characters"),
    "nothing but commas": (b"," * 1_000_000, "line 1: this line is longer than 10,000 characters"),
    "columns without end": (
        b"2025-11-03T12:00:00Z,100,110,90,105,12.5" + b",1" * 500_000,
        "line 1: this line is longer than 10,000 characters",
    ),
    "nothing but line ends": (b"\n" * 2_000_000, "the file has more than 10,000 lines, split it"),
    "a packed file": (b"PK\x03\x04" + bytes(range(256)) * 4_000, "this is not text in UTF-8"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_made_to_be_too_much_is_refused_in_a_sentence_and_little_memory(
    db: Database, tmp_path: Path, bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_LINES > 366 * 24 * 60, "a year of minutes"
    # To count as many as are allowed takes seconds.
    monkeypatch.setattr("bot.history.rows.MOST_LINES", 10_000)
    content, sentence = BOMBS[bomb]
    path = tmp_path / "bomb.csv"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(HistoryError) as raised:
            import_candles(db, path, COINBASE_BTC, FIVE)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(raised.value) == sentence
    assert most_bytes < 1_000_000
