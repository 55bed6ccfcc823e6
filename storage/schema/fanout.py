"""Migrations of what makes one alert for very many chats fast: indexes that answer without the rows."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0020_fanout")
def _fanout(db: Tables) -> None:
    db.execute("DROP INDEX subscriptions_by_topic")
    db.execute("CREATE INDEX subscriptions_by_topic ON subscriptions (topic, chat_id, thread_id, mode)")
    # What a chat was told of late, and how often today: a row of the outbox is as long as its text.
    db.execute("DROP INDEX outbox_alerts_of_chat")
    db.execute(
        """CREATE INDEX outbox_alerts_of_chat ON outbox (chat_id, created_at, kind, thread_id)
           WHERE kind IN ('alert', 'digest')"""
    )
    db.execute(
        """CREATE INDEX held_of_place ON held (chat_id, thread_id, alert_id, until, reason, outcome)
           WHERE outcome IS NULL"""
    )
    # How far an alert, or a broadcast, has got.
    db.execute("DROP INDEX outbox_by_alert")
    db.execute("CREATE INDEX outbox_by_alert ON outbox (alert_id, state) WHERE alert_id IS NOT NULL")
    db.execute("DROP INDEX outbox_by_broadcast")
    db.execute(
        """CREATE INDEX outbox_by_broadcast ON outbox (broadcast_id, state)
           WHERE broadcast_id IS NOT NULL"""
    )
