"""`import`: history files into the database, from the command line."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from bot.history.files import ImportResult, import_candles, import_etf_flows, import_funding
from bot.history.rows import Advance, HistoryError
from bot.verbs.program import Program
from signals.facts import Instrument
from storage.database import Database, StorageError

TIMEFRAMES = {
    **{f"{minutes}m": timedelta(minutes=minutes) for minutes in (1, 3, 5, 15, 30)},
    **{f"{hours}h": timedelta(hours=hours) for hours in (1, 2, 4, 6, 12)},
    "1d": timedelta(days=1),
}


_FILE = click.argument("path", metavar="FILE.csv", type=click.Path(path_type=Path))
_VENUE = click.option("--venue", required=True, help="ccxt id of the exchange, such as coinbaseexchange.")
_SYMBOL = click.option("--symbol", required=True, help="ccxt symbol, such as BTC/USD or BTC/USDT:USDT.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")


@click.group("import")
def import_group() -> None:
    """Take in history from CSV files.

    A file with a bad row is refused whole; importing a file twice changes nothing.
    """


@import_group.command("candles")
@_VENUE
@_SYMBOL
@click.option("--timeframe", required=True, type=click.Choice(list(TIMEFRAMES)), help="Length of a bar.")
@_JSON
@_FILE
@click.pass_obj
def _candles(program: Program, venue: str, symbol: str, timeframe: str, path: Path, *, as_json: bool) -> None:
    """Candles: opening time (ISO-8601 UTC or milliseconds), open, high, low, close, volume."""
    instrument = Instrument(venue, symbol)
    _run(
        program,
        path,
        lambda db, advance: import_candles(db, path, instrument, TIMEFRAMES[timeframe], advance),
        as_json=as_json,
    )


@import_group.command("etf-flows")
@click.option("--asset", required=True, type=click.Choice(["BTC", "ETH"]), help="What the funds hold.")
@_JSON
@_FILE
@click.pass_obj
def _etf_flows(program: Program, asset: str, path: Path, *, as_json: bool) -> None:
    """ETF flows: session date, total in US$ millions, and a column for each fund if you have them."""
    _run(program, path, lambda db, advance: import_etf_flows(db, path, asset, advance), as_json=as_json)


@import_group.command("funding")
@_VENUE
@_SYMBOL
@click.option(
    "--interval-hours", required=True, type=click.IntRange(1, 24), help="Hours between settlements."
)
@_JSON
@_FILE
@click.pass_obj
def _funding(
    program: Program, venue: str, symbol: str, interval_hours: int, path: Path, *, as_json: bool
) -> None:
    """Funding: settlement time (ISO-8601 UTC or milliseconds), rate as a fraction per interval."""
    instrument, interval = Instrument(venue, symbol), timedelta(hours=interval_hours)
    _run(
        program,
        path,
        lambda db, advance: import_funding(db, path, instrument, interval, advance),
        as_json=as_json,
    )


def _run(
    program: Program, path: Path, take_in: Callable[[Database, Advance], ImportResult], *, as_json: bool
) -> None:
    """Import one file with its progress on a terminal, and say what came of it."""
    try:
        with closing(program.open_database()) as db, _progress(path) as advance:
            result = take_in(db, advance)
    except HistoryError as error:
        raise click.ClickException(f"{click.format_filename(path)}: {error}") from error
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_said(path, result, as_json=as_json))


def _said(path: Path, result: ImportResult, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"file": str(path), "rows": result.rows, "new": result.new})
    return f"{click.format_filename(path)}: {result.rows:,} rows, {result.new:,} of them new"


@contextmanager
def _progress(path: Path) -> Iterator[Advance]:
    """A bar on standard error while a file is read, and none where nobody looks."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(escape(path.name), total=path.stat().st_size if path.is_file() else None)
        yield lambda characters: progress.advance(task, characters)
