"""Migrations of letters: what many chats are told stands once, and the outbox says who gets it."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0026_letters")
def _letters(db: Tables) -> None:
    _make_letters(db)
    _note_what_they_tell(db)
    _make_outbox(db)
    _make_held(db)
    db.execute("""
        CREATE VIEW deliveries AS           -- a delivery as it is sent: what stands in both
        SELECT outbox.*, letters.alert_id, letters.broadcast_id, letters.kind,
               coalesce(outbox.own_text, letters.text) AS text, letters.buttons, letters.chart,
               letters.created_at, letters.expires_at
        FROM outbox JOIN letters ON letters.id = outbox.letter_id""")


def _make_letters(db: Tables) -> None:
    db.execute("""
        CREATE TABLE letters (              -- what is said, once for all who are told the same
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            alert_id INTEGER REFERENCES alerts,    -- the most urgent that it tells of; all are in `told`
            broadcast_id INTEGER REFERENCES broadcasts,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,             -- Telegram HTML
            buttons TEXT NOT NULL,          -- JSON: rows of {text, data}
            chart TEXT,                     -- a picture that goes with the text; null: none
            created_at INTEGER NOT NULL,
            expires_at INTEGER,             -- not worth sending from then on; null: always
            is_over INTEGER NOT NULL CHECK (is_over IN (0, 1)),  -- that time has come: nobody waits for it
            first_id INTEGER NOT NULL,      -- its deliveries are numbered from here on,
            last_id INTEGER NOT NULL        -- up to here, among those of letters that were made with it
        ) STRICT""")
    # Every delivery that there is becomes a letter of its own, with the same number. For most nobody waits.
    db.execute("""
        INSERT INTO letters (id, alert_id, broadcast_id, kind, text, buttons, chart, created_at, expires_at,
                             is_over, first_id, last_id)
        SELECT id, alert_id, broadcast_id, kind, text, buttons, chart, created_at, expires_at,
               CASE WHEN state IN ('queued', 'sending') THEN 0 ELSE 1 END, id, id
        FROM outbox ORDER BY id""")
    db.execute("CREATE INDEX letters_by_alert ON letters (alert_id) WHERE alert_id IS NOT NULL")
    db.execute("CREATE INDEX letters_by_broadcast ON letters (broadcast_id) WHERE broadcast_id IS NOT NULL")
    db.execute("CREATE INDEX letters_by_moment ON letters (created_at)")
    db.execute("CREATE INDEX letters_expiring ON letters (expires_at) WHERE is_over = 0")


def _note_what_they_tell(db: Tables) -> None:
    db.execute("ALTER TABLE told RENAME TO told_by_delivery_before")
    db.execute("DROP INDEX told_by_delivery")
    db.execute("""
        CREATE TABLE told (                 -- which alerts a letter tells of
            alert_id INTEGER NOT NULL REFERENCES alerts,
            letter_id INTEGER NOT NULL REFERENCES letters ON DELETE CASCADE,
            PRIMARY KEY (alert_id, letter_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("INSERT INTO told SELECT alert_id, delivery_id FROM told_by_delivery_before")
    db.execute("DROP TABLE told_by_delivery_before")
    db.execute("CREATE INDEX told_by_letter ON told (letter_id)")


def _make_outbox(db: Tables) -> None:
    # No column is declared to refer to another table: PostgreSQL would look that up row by row, which takes
    # longer than to write a hundred thousand. Whoever writes rows reads the chats in the same transaction.
    db.execute("""
        CREATE TABLE outbox_of_letters (    -- who gets a letter, and what became of it
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of sending within a chat
            chat_id INTEGER NOT NULL,
            thread_id INTEGER NOT NULL,     -- Telegram's message_thread_id; 0: the chat itself
            letter_id INTEGER NOT NULL,
            own_text TEXT,                  -- in place of the letter's: the rest of it, or with a note
            answers_alert INTEGER,          -- the earlier alert that this one takes back there
            turn INTEGER NOT NULL,          -- within the chat: 0 overtakes, 1 in order of id, 2 gives way
            rank INTEGER NOT NULL,          -- over all chats: ten times the lane, and the urgency in it
            active_at INTEGER NOT NULL,     -- of the chat, when it was queued; of equal rank the latest first
            silent INTEGER NOT NULL CHECK (silent IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'expired')),
            attempts INTEGER NOT NULL,      -- how often it was claimed
            not_before INTEGER,
            unsure INTEGER NOT NULL CHECK (unsure IN (0, 1)),  -- an earlier attempt may have arrived
            message_id INTEGER,             -- Telegram's, valid in this chat
            sent_at INTEGER,
            error TEXT                      -- what went wrong last
        ) STRICT""")
    db.execute("""
        INSERT INTO outbox_of_letters (
            id, chat_id, thread_id, letter_id, answers_alert, turn, rank, active_at,
            silent, state, attempts, not_before, unsure, message_id, sent_at, error)
        SELECT id, chat_id, thread_id, id, answers_alert, turn, rank, active_at,
               silent, state, attempts, not_before, unsure, message_id, sent_at, error
        FROM outbox ORDER BY id""")
    db.execute("DROP TABLE outbox")
    db.execute("ALTER TABLE outbox_of_letters RENAME TO outbox")
    # An alert is a row in the first three for each chat: whatever else is asked goes by the letters.
    db.execute("CREATE INDEX outbox_next ON outbox (rank, active_at DESC, id) WHERE state = 'queued'")
    db.execute("CREATE INDEX outbox_open ON outbox (chat_id, turn, id) WHERE state IN ('queued', 'sending')")
    db.execute("CREATE INDEX outbox_of_chat ON outbox (chat_id, id)")
    db.execute("CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL")
    db.execute("CREATE INDEX outbox_given_up ON outbox (state) WHERE state IN ('failed', 'expired')")


def _make_held(db: Tables) -> None:
    # For the same reason: an alert may be held back from everybody.
    db.execute("""
        CREATE TABLE held_of_places (       -- alerts that a thread of a chat is not told of yet, or never
            chat_id INTEGER NOT NULL,
            thread_id INTEGER NOT NULL,
            alert_id INTEGER NOT NULL,
            reason TEXT NOT NULL,           -- muted, quiet_hours, cooldown, cap, or why never
            held_at INTEGER NOT NULL,
            until INTEGER NOT NULL,         -- then it is decided anew
            outcome TEXT,                   -- null: still held; told, superseded, flapped, not_subscribed
            PRIMARY KEY (chat_id, thread_id, alert_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        INSERT INTO held_of_places (chat_id, thread_id, alert_id, reason, held_at, until, outcome)
        SELECT chat_id, thread_id, alert_id, reason, held_at, until, outcome FROM held""")
    db.execute("DROP TABLE held")
    db.execute("ALTER TABLE held_of_places RENAME TO held")
    db.execute("CREATE INDEX held_open ON held (until) WHERE outcome IS NULL")
    db.execute(
        """CREATE INDEX held_of_place ON held (chat_id, thread_id, alert_id, until, reason, outcome)
           WHERE outcome IS NULL"""
    )
