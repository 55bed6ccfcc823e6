"""Migrations of the order in which deliveries are sent."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0019_lanes")
def _lanes(db: Tables) -> None:
    # When somebody last spoke to the bot there, to within some minutes.
    db.execute("ALTER TABLE chats ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE chats SET active_at = created_at")
    # Within a chat: 0 overtakes, 1 in order of id, 2 gives way.
    db.execute("ALTER TABLE outbox ADD COLUMN turn INTEGER NOT NULL DEFAULT 1")
    # Over all chats, the lowest first: ten times the lane (0 reply, 1 alert, 2 edit, 3 digest, 4 broadcast)
    # and the urgency in it (0 to 9). Raised to that of what waits behind it in its chat.
    db.execute("ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 15")
    # Of the chat, when it was queued; far in the future where several people read: those chats go first.
    db.execute("ALTER TABLE outbox ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0")
    for kinds, turn, rank in (
        ("'answer', 'test', 'back', 'channel'", 0, 5),
        ("'digest', 'brief'", 1, 35),
        ("'broadcast'", 2, 45),
    ):
        db.execute(
            f"""UPDATE outbox SET turn = {turn}, rank = {rank}
                WHERE state IN ('queued', 'sending') AND kind IN ({kinds})"""  # noqa: S608  the names above
        )
    # Claiming walks the first, and asks the second what is ahead in the chat; both hold only what is open.
    db.execute("CREATE INDEX outbox_next ON outbox (rank, active_at DESC, id) WHERE state = 'queued'")
    db.execute("DROP INDEX outbox_open")
    db.execute("CREATE INDEX outbox_open ON outbox (chat_id, turn, id) WHERE state IN ('queued', 'sending')")
    db.execute("DROP INDEX outbox_queued")
    db.execute("DROP INDEX outbox_first")
