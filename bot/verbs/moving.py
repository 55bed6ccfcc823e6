"""`move --to WHERE`: everything into another database, with its progress on a terminal, and compared."""

import sys
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from storage.copying import count, move
from storage.database import IN_MEMORY, Database, StorageError, is_postgres, open_database


def move_all(source: str, target: str) -> str:
    """Copy one database into another, and compare; what came of it.

    Raises:
        click.BadParameter: both are the same, or one of them keeps nothing.
        StorageError: the copy is not made, or not whole; then no bot starts on it.
    """
    _check_places(source, target)
    with closing(open_database(source)) as here, closing(open_database(target, unfinished=True)) as there:
        if here.name == there.name:
            raise click.BadParameter(f"{there.name} is the database that is to be moved.", param_hint="--to")
        rows = _moved(here, there)
        return (
            f"moved {sum(rows.values()):,} rows in {len(rows)} tables to {there.name}; every count and "
            "checksum agrees. Set AFTERSHOCK_DATABASE to it before the next start; "
            f"{here.name} is left as it was."
        )


def _check_places(source: str, target: str) -> None:
    if IN_MEMORY in {source, target}:
        raise click.BadParameter("a database in memory is gone with its process.", param_hint="--to")
    if is_postgres(source):
        return
    if not Path(source).is_file():
        raise StorageError(f"{source}: there is no database")
    if not is_postgres(target) and Path(target).exists() and Path(target).samefile(source):
        raise click.BadParameter(f"{target} is the database that is to be moved.", param_hint="--to")


def _moved(source: Database, target: Database) -> dict[str, int]:
    """Every row counts twice: copied, and compared."""
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bars:
        total = 2 * sum(count(source).values())
        task = bars.add_task("", total=total)
        return move(source, target, lambda table, rows: bars.update(task, advance=rows, description=table))
