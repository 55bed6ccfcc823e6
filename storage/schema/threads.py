"""Migrations of threads: few chats have any, so those that do are found by an index of their own."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0029_threads")
def _threads(db: Tables) -> None:
    # A person who hears in several threads is told several times a look, which counts for the daily cap.
    db.execute(
        """CREATE INDEX subscriptions_of_threads ON subscriptions (chat_id, thread_id)
           WHERE thread_id <> 0"""
    )
