"""History files as text: a file to lines, lines to rows of cells, with the line that each stands on."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.history.cells import is_heading

LARGEST_BYTES = 50_000_000
"""A year of one-minute candles is about 38 MB. More is a mistake, or is better imported year by year."""

LONGEST_LINE, MOST_LINES = 10_000, 600_000
"""A row of every fund has some hundred characters, a year of minutes 527,040 rows. Who sends a single
endless line, or nothing but commas or line ends, would have us hold or count it all."""

Advance = Callable[[int], None]
"""Told how many more characters have been read."""

_SAY_EVERY = 100_000  # characters; a progress bar at every line costs more than the reading
_BYTE_ORDER_MARK = "\ufeff"


class HistoryError(Exception):
    """A history file cannot be taken in; one sentence, with the number of the line where it is about one."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence if line is None else f"line {line}: {sentence}")
        self.sentence = sentence
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, its cells, and the file's headings, which may be fewer, more or none."""

    line: int
    cells: list[str]
    headings: list[str]


def read_lines(path: Path, advance: Advance | None) -> Iterator[str]:
    """The lines of a file of text, as they are.

    Raises:
        HistoryError: it is no file, or cannot be read, or is too large, or no text in UTF-8, or a line is too
            long, or there are too many.
    """
    try:
        if path.exists() and not path.is_file():
            raise HistoryError("this is not a file")
        if path.stat().st_size > LARGEST_BYTES:
            raise HistoryError(f"the file is larger than {LARGEST_BYTES // 1_000_000} MB, split it")
        with path.open(encoding="utf-8", newline="") as lines:
            unsaid = 0
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE + 1), ""), start=1):
                _check_size(line, number)
                yield line
                unsaid += len(line)
                if advance and unsaid > _SAY_EVERY:
                    advance(unsaid)
                    unsaid = 0
    except UnicodeDecodeError:
        raise HistoryError("this is not text in UTF-8") from None
    except OSError as error:
        raise HistoryError(f"the file cannot be read: {error.strerror}") from error


def _check_size(line: str, number: int) -> None:
    if len(line) > LONGEST_LINE:
        raise HistoryError(f"this line is longer than {LONGEST_LINE:,} characters", number)
    if number > MOST_LINES:
        raise HistoryError(f"the file has more than {MOST_LINES:,} lines, split it")


def read_rows(lines: Iterable[str], columns: Sequence[str]) -> Iterator[Row]:
    """The rows below the headings, if there are any; empty lines are passed over.

    Raises:
        HistoryError: a line is no CSV, or has fewer cells than there are columns that must be there.
    """
    headings: list[str] | None = None
    for line, cells in _cells(lines):
        if headings is None:
            headings = cells if is_heading(cells) else []
            if headings:
                continue
        if len(cells) < len(columns):
            needed = f"{len(columns)} needed ({', '.join(columns)})"
            raise HistoryError(f"too few columns: {needed}, {len(cells)} found", line)
        yield Row(line, cells, headings)


def _cells(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_text(lines), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise HistoryError(f"this is not CSV: {error}", reader.line_num) from error


def _text(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise HistoryError("this is not text", number)
        yield line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
