"""Our tables in a PostgreSQL: how they are found, and brought up to date by the migrations of SQLite's."""

from typing import TYPE_CHECKING, cast

from storage.engines.interface import Database, Dialect, StorageError
from storage.engines.translation import definition
from storage.engines.versions import missing_migrations
from storage.schema import all_migrations

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_OLDEST = 140_000
"""As the server numbers its versions; 14 was the first to say when it has ended another connection."""

DIALECT = Dialect(
    tables="""SELECT tablename FROM pg_tables
              WHERE schemaname = current_schema() AND tablename <> '_aftershock_migrations'
              ORDER BY tablename""",
    columns="""SELECT attname, attnotnull, EXISTS (
                   SELECT 1 FROM pg_index
                   WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
               FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
               WHERE relname = ? AND relnamespace = current_schema()::regnamespace
                 AND attnum > 0 AND NOT attisdropped
               ORDER BY attnum""",
    references="""SELECT here.attname, parent.relname, there.attname
                  FROM pg_constraint
                       JOIN pg_class AS child ON child.oid = conrelid
                       JOIN pg_class AS parent ON parent.oid = confrelid
                       JOIN pg_attribute AS here ON here.attrelid = conrelid AND here.attnum = conkey[1]
                       JOIN pg_attribute AS there ON there.attrelid = confrelid AND there.attnum = confkey[1]
                  WHERE contype = 'f' AND child.relname = ?
                    AND child.relnamespace = current_schema()::regnamespace
                  ORDER BY here.attnum""",
    size="""SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace""",
    let_references_wait="SET CONSTRAINTS ALL DEFERRED",
    now_ms="SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    numbers="""SELECT pg_class.relname, last_value
               FROM pg_sequences
                    JOIN pg_depend ON objid = format('%I.%I', schemaname, sequencename)::regclass
                                      AND deptype = 'i'
                    JOIN pg_class ON pg_class.oid = refobjid
               WHERE schemaname = current_schema() AND last_value IS NOT NULL""",
    number_after=("SELECT setval(pg_get_serial_sequence(:table, :column), :number)",),
)


class _Definitions:
    """What a migration sees of a database: it says in SQLite's words what is to be there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def execute(self, sql: str) -> None:
        if translated := definition(sql):
            self._db.execute(translated)


def bring_up_to_date(db: Database) -> None:
    """Apply what is missing, all or none. Of two processes that start together one waits for the other.

    Raises:
        StorageError: another program's tables are there, or a newer version's; nothing was written.
    """
    if not missing_migrations(db.name, _applied(db)):
        return
    with db.unhurried(), db.transaction():
        missing = missing_migrations(db.name, _applied(db))
        db.execute(
            """CREATE TABLE IF NOT EXISTS _aftershock_migrations
                   (name text PRIMARY KEY, applied_at timestamptz NOT NULL)"""
        )
        for name, migrate in all_migrations().items():
            if name in missing:
                migrate(cast("Tables", _Definitions(db)))
                db.execute("INSERT INTO _aftershock_migrations (name, applied_at) VALUES (?, now())", (name,))
        _number_after_what_is_there(db)


def _number_after_what_is_there(db: Database) -> None:
    """A migration that copies rows with their numbers does not take these from the sequence."""
    for table, column in db.rows(_NUMBERED):
        db.rows(
            f"""SELECT setval(pg_get_serial_sequence(:table, :column), max("{column}")) FROM "{table}"
                HAVING max("{column}") > (SELECT coalesce(max(last_value), 0) FROM pg_sequences
                                          WHERE schemaname = current_schema()
                                            AND format('%I.%I', schemaname, sequencename)
                                                = pg_get_serial_sequence(:table, :column))""",  # noqa: S608  # the schema's names
            {"table": table, "column": column},
        )


_NUMBERED = """
    SELECT pg_class.relname, attname
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE attidentity <> '' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace"""


def _applied(db: Database) -> list[str]:
    """The names of the migrations that were applied. The table of them says that the schema is ours."""
    [(tables, is_ours, encoding, version)] = db.rows(
        """SELECT count(*), count(*) FILTER (WHERE tablename = '_aftershock_migrations'),
                  current_setting('server_encoding'), current_setting('server_version_num')
           FROM pg_tables WHERE schemaname = current_schema()"""
    )
    if int(version) < _OLDEST:
        raise StorageError(f"{db.name}: PostgreSQL {_OLDEST // 10_000} or newer is needed")
    if encoding != "UTF8":
        raise StorageError(f"{db.name}: its encoding is {encoding}, and it has to be UTF8")
    if tables and not is_ours:
        raise StorageError(f"{db.name}: this is the database of another program")
    if not is_ours:
        return []
    return [name for (name,) in db.rows("SELECT name FROM _aftershock_migrations ORDER BY name")]
