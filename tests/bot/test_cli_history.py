import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.verbs.importing import TIMEFRAMES, import_group
from signals.facts import COINBASE_BTC, Instrument
from storage.database import Database, open_database
from storage.market import load_market, read_candles, read_funding

CANDLES = ["candles", "--venue", "coinbaseexchange", "--symbol", "BTC/USD", "--timeframe", "5m"]
FUNDING = ["funding", "--venue", "binance", "--symbol", "BTC/USDT:USDT", "--interval-hours", "8"]
FLOWS = ["etf-flows", "--asset", "BTC"]

ROWS = "2025-11-03T12:00:00Z,100,110,90,105,12.5\n2025-11-03T12:05:00Z,100,110,90,105,12.5\n"


class Desk:
    def __init__(self, path: Path) -> None:
        self.path = path

    def open_database(self) -> Database:
        return open_database(self.path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "a.db")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "[red]history.csv"
    path.write_text(ROWS)
    return path


def run(desk: Desk, *words: str | Path) -> Result:
    return CliRunner().invoke(import_group, [str(word) for word in words], obj=desk)


def test_candles_are_imported_and_the_second_time_none_is_new(desk: Desk, file: Path) -> None:
    first, second = run(desk, *CANDLES, file), run(desk, *CANDLES, file)
    assert (first.exit_code, first.stdout) == (0, f"{file}: 2 rows, 2 of them new\n")
    assert (second.exit_code, second.stdout) == (0, f"{file}: 2 rows, 0 of them new\n")
    assert first.stderr == ""
    with closing(desk.open_database()) as db:
        assert len(read_candles(db, COINBASE_BTC, TIMEFRAMES["5m"])) == 2


def test_the_result_can_be_json(desk: Desk, file: Path) -> None:
    result = run(desk, *CANDLES, "--json", file)
    assert json.loads(result.stdout) == {"file": str(file), "rows": 2, "new": 2}


def test_flows_are_imported(desk: Desk, file: Path) -> None:
    file.write_text("day,total_musd,IBIT_musd\n2025-11-03,-186.5,-186.5\n")
    assert run(desk, *FLOWS, file).exit_code == 0
    with closing(desk.open_database()) as db:
        [flow] = load_market(db).flows["BTC"]
    assert flow.funds_usd == {"IBIT": -186.5e6}


def test_funding_is_imported(desk: Desk, file: Path) -> None:
    file.write_text("2025-11-03T16:00:00Z,0.0001\n")
    assert run(desk, *FUNDING, file).exit_code == 0
    with closing(desk.open_database()) as db:
        assert len(read_funding(db, Instrument("binance", "BTC/USDT:USDT"))) == 1


@pytest.mark.parametrize("words", [CANDLES, FUNDING, FLOWS], ids=lambda words: words[0])
def test_a_bad_file_ends_with_status_1_and_one_line(desk: Desk, file: Path, words: list[str]) -> None:
    file.write_text("x,1\n")
    result = run(desk, *words, file)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {file}: line 1: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_missing_file_ends_with_status_1(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    result = run(desk, *CANDLES, path)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {path}: the file cannot be read: No such file or directory\n"


def test_a_database_that_cannot_be_used_ends_with_status_1(file: Path) -> None:
    result = run(Desk(file), *CANDLES, file)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {file}: it is not an SQLite database\n"
    assert file.read_text() == ROWS


@pytest.mark.parametrize(
    "words",
    [
        [*CANDLES[:-1], "7m"],
        ["candles"],
        [*FLOWS[:-1], "DOGE"],
        [*FUNDING[:-1], "0"],
        [],
    ],
    ids=["unknown timeframe", "no options", "unknown asset", "no interval", "nothing"],
)
def test_wrong_use_ends_with_status_2(desk: Desk, file: Path, words: list[str]) -> None:
    assert run(desk, *words, *([file] if words else [])).exit_code == 2
    assert not desk.path.exists()


def test_every_timeframe_is_the_length_that_it_says() -> None:
    seconds = {"m": 60, "h": 3600, "d": 86400}
    for name, length in TIMEFRAMES.items():
        assert length.total_seconds() == int(name[:-1]) * seconds[name[-1]]
