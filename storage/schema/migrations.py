"""The list of migrations, which `storage.schema` fills."""

from sqlite_utils import Migrations

APPLICATION_ID = 0x41465453
"""Marks a file as ours (`AFTS`), so that another program's database is never written into."""

MIGRATIONS = Migrations("aftershock")
