"""Migrations of what people and groups choose and do: threads, own alerts, boards, admissions, the inbox."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0010_threads")
def _threads(db: Tables) -> None:
    # A forum's topics each hear for themselves. thread_id: Telegram's message_thread_id; 0: the chat itself.
    db.execute("""
        CREATE TABLE subscriptions_by_thread (
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            thread_id INTEGER NOT NULL,
            topic TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('sound', 'silent')),
            PRIMARY KEY (chat_id, thread_id, topic)
        ) STRICT, WITHOUT ROWID""")
    db.execute("INSERT INTO subscriptions_by_thread SELECT chat_id, 0, topic, mode FROM subscriptions")
    db.execute("DROP TABLE subscriptions")
    db.execute("ALTER TABLE subscriptions_by_thread RENAME TO subscriptions")
    db.execute("CREATE INDEX subscriptions_by_topic ON subscriptions (topic)")
    db.execute("ALTER TABLE briefs ADD COLUMN thread_id INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE outbox ADD COLUMN thread_id INTEGER NOT NULL DEFAULT 0")
    # The alert that this one takes back; it is sent as an answer to the message that told of it.
    db.execute("ALTER TABLE outbox ADD COLUMN answers_alert INTEGER REFERENCES alerts")


@MIGRATIONS(name="0011_held")
def _held(db: Tables) -> None:
    # Quiet hours are times of day in the chat's zone, HH:MM; both null: none.
    db.execute("ALTER TABLE chats ADD COLUMN quiet_from TEXT")
    db.execute("ALTER TABLE chats ADD COLUMN quiet_until TEXT")
    # Alerts a day; null: as many as the bot's setting says, 0: no cap.
    db.execute("ALTER TABLE chats ADD COLUMN daily_cap INTEGER CHECK (daily_cap >= 0)")
    # 1: an alert about the verdict is told whatever else would hold it.
    db.execute(
        """ALTER TABLE chats ADD COLUMN verdict_always INTEGER NOT NULL DEFAULT 0
           CHECK (verdict_always IN (0, 1))"""
    )
    db.execute("ALTER TABLE briefs ADD COLUMN silent INTEGER NOT NULL DEFAULT 0 CHECK (silent IN (0, 1))")
    db.execute("""
        CREATE TABLE told (                 -- which alerts a delivery tells of: several may share a message
            alert_id INTEGER NOT NULL REFERENCES alerts,
            delivery_id INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
            PRIMARY KEY (alert_id, delivery_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("INSERT INTO told SELECT alert_id, id FROM outbox WHERE alert_id IS NOT NULL")
    db.execute("CREATE INDEX told_by_delivery ON told (delivery_id)")
    # What chats were told of late is looked through for what is held, for the cooldown and for the cap.
    db.execute("CREATE INDEX outbox_alerts_of_chat ON outbox (chat_id) WHERE alert_id IS NOT NULL")
    db.execute("CREATE INDEX outbox_told ON outbox (created_at) WHERE kind IN ('alert', 'digest')")
    db.execute("""
        CREATE TABLE held (                 -- alerts that a thread of a chat is not told of yet, or never
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            thread_id INTEGER NOT NULL,
            alert_id INTEGER NOT NULL REFERENCES alerts,
            reason TEXT NOT NULL,           -- muted, quiet_hours, cooldown, cap, or why never
            held_at INTEGER NOT NULL,
            until INTEGER NOT NULL,         -- then it is decided anew
            outcome TEXT,                   -- null: still held; told, superseded, flapped, not_subscribed
            PRIMARY KEY (chat_id, thread_id, alert_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX held_open ON held (until) WHERE outcome IS NULL")


@MIGRATIONS(name="0012_own_alerts")
def _own_alerts(db: Tables) -> None:
    db.execute("""
        CREATE TABLE own_alerts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- shown as R-<id>, hence never given twice
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            thread_id INTEGER NOT NULL,     -- 0: the chat itself
            text TEXT NOT NULL,             -- the rule, in its own grammar
            made_by INTEGER,                -- Telegram id; null: nobody was named
            state TEXT NOT NULL CHECK (state IN ('draft', 'armed', 'paused', 'done')),
            progress TEXT,                  -- JSON: how far it has got; null: not looked at yet
            created_at INTEGER NOT NULL,
            expires_at INTEGER,             -- null: never
            last_fired_at INTEGER,
            fired INTEGER NOT NULL,         -- how often, ever
            blind_at INTEGER,               -- its chat was told that it cannot be judged; null: it can be
            held TEXT                       -- JSON: a firing that waits for the end of a mute or quiet hours
        ) STRICT""")
    db.execute("CREATE INDEX own_alerts_by_chat ON own_alerts (chat_id, thread_id)")
    db.execute("CREATE INDEX own_alerts_held ON own_alerts (id) WHERE held IS NOT NULL")
    db.execute("CREATE INDEX own_alerts_armed ON own_alerts (id) WHERE state = 'armed'")
    db.execute("""
        CREATE TABLE coins (                -- whose price is meant where a rule names a coin
            coin TEXT PRIMARY KEY,          -- as a rule names it: SOL, SOL/USDT@okx
            venue TEXT NOT NULL,            -- ccxt id of the exchange
            symbol TEXT NOT NULL,           -- ccxt unified symbol
            market_id TEXT NOT NULL         -- the venue's own name of it
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE own_looks (            -- one row
            id INTEGER PRIMARY KEY CHECK (id = 1),
            looked_at INTEGER NOT NULL      -- every rule has been judged by what was known until then
        ) STRICT""")


@MIGRATIONS(name="0013_boards")
def _boards(db: Tables) -> None:
    db.execute("""
        CREATE TABLE boards (               -- the one message of a chat or thread that is kept current
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            thread_id INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('kept', 'ending')),
            message_id INTEGER,             -- Telegram's, valid in this chat; null: to be sent
            sent_in INTEGER,                -- the thread of that message; another one: the board has moved
            pin TEXT NOT NULL CHECK (pin IN ('wanted', 'done', 'refused')),
            text_hash TEXT,                 -- of what it shows; null: not known, to be looked at
            sent_at INTEGER,                -- the message that it is now
            edited_at INTEGER,
            not_before INTEGER,             -- nothing is tried before then
            losses INTEGER NOT NULL DEFAULT 0,   -- how often it was found deleted
            error TEXT,                     -- what went wrong last
            PRIMARY KEY (chat_id, thread_id)
        ) STRICT, WITHOUT ROWID""")


@MIGRATIONS(name="0014_acknowledgements")
def _acknowledgements(db: Tables) -> None:
    db.execute("""
        CREATE TABLE acknowledgements (     -- who of a group has taken an alert
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            alert_id INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
            user_id INTEGER,                -- Telegram's, 0: someone without a name; null: it was given back
            name TEXT NOT NULL,             -- as they showed it then; empty: an anonymous administrator
            at INTEGER NOT NULL,
            shown INTEGER NOT NULL CHECK (shown IN (0, 1)),  -- the alert's messages say so
            not_before INTEGER,             -- the messages are not edited before then
            PRIMARY KEY (chat_id, alert_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX acknowledgements_to_show ON acknowledgements (chat_id) WHERE shown = 0")


@MIGRATIONS(name="0014_topic_mutes")
def _topic_mutes(db: Tables) -> None:
    db.execute("""
        CREATE TABLE topic_mutes (          -- what a thread of a chat does not want to hear for a while
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            thread_id INTEGER NOT NULL,
            topic TEXT NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (chat_id, thread_id, topic)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX topic_mutes_by_topic ON topic_mutes (topic)")


@MIGRATIONS(name="0015_admissions")
def _admissions(db: Tables) -> None:
    db.execute("ALTER TABLE chats ADD COLUMN blocked_at INTEGER")  # since when it cannot be written to
    db.execute("ALTER TABLE chats ADD COLUMN welcomed_at INTEGER")  # when the bot introduced itself there
    db.execute("ALTER TABLE chats ADD COLUMN rights_told_at INTEGER")  # its keepers heard that it is mute
    db.execute("""
        CREATE TABLE moved_chats (          -- a group that became a supergroup: late updates name the old id
            old_id INTEGER PRIMARY KEY,
            new_id INTEGER NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE keepers (              -- who brought the bot into a group or channel; they may have left
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            PRIMARY KEY (chat_id, user_id)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX keepers_by_user ON keepers (user_id)")
    db.execute("""
        CREATE TABLE admissions (           -- groups and channels in which operators decide about the bot
            chat_id INTEGER PRIMARY KEY REFERENCES chats ON DELETE CASCADE,
            state TEXT NOT NULL CHECK (state IN ('asked', 'admitted', 'refused')),
            asked_at INTEGER NOT NULL,
            asked_by INTEGER,               -- Telegram id of whoever added the bot; null: not known
            asked_by_name TEXT NOT NULL,    -- empty: not known
            told_at INTEGER,                -- when the chat was last told that it has to wait
            decided_at INTEGER,
            decided_by INTEGER,             -- Telegram id of the operator
            decided_by_name TEXT
        ) STRICT""")


@MIGRATIONS(name="0016_operator")
def _operator(db: Tables) -> None:
    db.execute("""
        CREATE TABLE broadcasts (           -- what an operator says to many chats at once
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            made_by INTEGER,                -- Telegram id of the operator; null: forgotten
            text TEXT NOT NULL,             -- Telegram HTML
            kinds TEXT NOT NULL,            -- JSON: which of private, groups, channels it goes to
            language TEXT,                  -- only to chats that speak it; null: to all
            silent INTEGER NOT NULL CHECK (silent IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('draft', 'dropped', 'sent', 'cancelled')),
            created_at INTEGER NOT NULL,
            sent_at INTEGER                 -- when its deliveries were queued
        ) STRICT""")
    db.execute("ALTER TABLE outbox ADD COLUMN broadcast_id INTEGER REFERENCES broadcasts")
    db.execute("CREATE INDEX outbox_by_broadcast ON outbox (broadcast_id) WHERE broadcast_id IS NOT NULL")
    db.execute("CREATE INDEX outbox_first ON outbox (id) WHERE state = 'queued' AND broadcast_id IS NULL")
    db.execute("""
        CREATE TABLE maintenance (          -- the note that /status and /start show; one row, or none
            id INTEGER PRIMARY KEY CHECK (id = 1),
            text TEXT NOT NULL,             -- as the operator wrote it, not HTML
            since_at INTEGER NOT NULL
        ) STRICT""")
    db.execute("ALTER TABLE jobs ADD COLUMN last_late_ms INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS(name="0017_inbox")
def _inbox(db: Tables) -> None:
    db.execute("""
        CREATE TABLE inbox (
            update_id INTEGER PRIMARY KEY,  -- Telegram's: the order of handling within a chat
            body TEXT NOT NULL,             -- JSON as it came; empty once it is handled
            state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'set_aside')),
            received_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,      -- how often handling began
            error TEXT                      -- why it was set aside
        ) STRICT""")
    db.execute("CREATE INDEX inbox_waiting ON inbox (update_id) WHERE state = 'waiting'")


@MIGRATIONS(name="0018_heartbeat")
def _heartbeat(db: Tables) -> None:
    db.execute("""
        CREATE TABLE heartbeat (            -- when the market was looked at last; one row, or none
            id INTEGER PRIMARY KEY CHECK (id = 1),
            at INTEGER NOT NULL
        ) STRICT""")
