"""The bench of the outbox works."""

from contextlib import closing

from storage.database import open_database
from tests.bench import outbox


def test_every_figure_is_there() -> None:
    with closing(open_database(":memory:")) as db:
        rows = outbox.measure(db, 400, 80)
    assert len(rows) == 5
    assert all(row.figure is not None and row.figure > 0 for row in rows)
