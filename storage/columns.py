"""How values stand in columns: moments as integer milliseconds UTC, structures as JSON text."""

import json
from datetime import datetime
from typing import Any

from signals.moments import from_ms, to_ms


def ms_or_null(moment: datetime | None) -> int | None:
    """The column value of a moment that may be absent."""
    return None if moment is None else to_ms(moment)


def moment_or_none(column: int | None) -> datetime | None:
    """The moment of a column that may be null."""
    return None if column is None else from_ms(column)


def json_text(value: Any) -> str:
    """The column value of a structure of JSON values.

    Raises:
        ValueError: a number in it is not finite; JSON has no word for that.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(column: str) -> Any:
    """The structure of a JSON column."""
    return json.loads(column)
