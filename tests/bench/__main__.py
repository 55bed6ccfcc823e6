"""The measured figures: `python -m tests.bench`, or some of them: `python -m tests.bench rules`."""

import os
import platform
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from tests.bench import (
    bulk,
    crowd,
    delivery,
    drawing,
    fanout,
    killed,
    latency,
    outbox,
    own_rules,
    paid,
    polling,
    process,
    questions,
    reply,
    rules,
    year,
)
from tests.bench.row import Row

PARTS: Mapping[str, Callable[[], list[Row]]] = {
    "rules": rules.run,
    "own": own_rules.run,
    "latency": latency.run,
    "process": process.run,
    "delivery": delivery.run,
    "bulk": bulk.run,
    "reply": reply.run,
    "killed": killed.run,
    "outbox": outbox.run,
    "paid": paid.run,
    "fanout": fanout.run,
    "crowd": crowd.run,
    "questions": questions.run,
    "polling": polling.run,
    "drawing": drawing.run,
    "year": year.run,
}

SIZED: Mapping[str, Callable[[int], list[Row]]] = {
    "delivery": delivery.run,
    "bulk": bulk.run,
    "reply": reply.run,
    "killed": killed.run,
}
"""Those that can be tried with fewer chats, in seconds instead of minutes."""

_HEAD = ("name", "figure", "unit", "note")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice([*PARTS]))
@click.option("--chats", type=click.IntRange(min=1), help=f"Fewer chats, for {', '.join(SIZED)}.")
def main(parts: tuple[str, ...], chats: int | None) -> None:
    """Measure PARTS, or everything (about forty minutes), and print one table in Markdown."""
    click.echo(f"Measured on {machine()}.\n")
    rows = [row for part in parts or PARTS for row in _measured(part, chats)]
    click.echo("\n".join(table(rows)))


def _measured(part: str, chats: int | None) -> list[Row]:
    click.echo(f"measuring {part} ...", err=True)
    return PARTS[part]() if chats is None or part not in SIZED else SIZED[part](chats)


def machine() -> str:
    """What the figures were measured on, and how busy it was when that began."""
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    """The processor's name where the system tells it, else its kind."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def table(rows: Iterable[Row]) -> list[str]:
    """The rows as a Markdown table that can be read as it is."""
    cells = [_HEAD, *((row.name, _figure(row), row.unit, row.note) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    head, *lines = [
        f"| {name:<{widths[0]}} | {figure:>{widths[1]}} | {unit:<{widths[2]}} | {note:<{widths[3]}} |"
        for name, figure, unit, note in cells
    ]
    ruler = "-" * widths[0], "-" * (widths[1] - 1) + ":", "-" * widths[2], "-" * widths[3]
    return [head, f"| {' | '.join(ruler)} |", *lines]


def _figure(row: Row) -> str:
    return "-" if row.figure is None else f"{row.figure:,}"


if __name__ == "__main__":
    main()
