"""One measured figure."""

from typing import NamedTuple


class Row(NamedTuple):
    """A figure with its unit, None where it was not measured; the note says how it was, or why it was not."""

    name: str
    figure: float | None
    unit: str
    note: str
