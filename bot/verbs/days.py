"""Days on the command line: from when until when something is played or judged."""

import contextlib
from datetime import UTC, date, datetime, time
from typing import Any

import click


class Day(click.ParamType[datetime]):
    """A date, or a moment in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        """See `click.ParamType`."""
        if isinstance(value, datetime):
            return value
        with contextlib.suppress(ValueError):
            return datetime.combine(date.fromisoformat(value), time(), UTC)
        with contextlib.suppress(ValueError):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        return self.fail(
            f"{value!r} is neither a date like 2025-10-01 nor a moment like 2025-10-01T14:30Z", param, context
        )


SINCE = click.option("--since", type=Day(), help="First day, such as 2025-10-01 (UTC).")
UNTIL = click.option("--until", type=Day(), help="The end, such as 2025-11-15 (UTC, not included as a day).")


def check_span(since: datetime, until: datetime) -> None:
    """Raises: click.BadParameter, where nothing lies between the two."""
    if since >= until:
        raise click.BadParameter("has to be before --until.", param_hint="--since")
