"""A real PostgreSQL for the stories that need one."""

from tests.storage.conftest import server

__all__ = ["server"]
