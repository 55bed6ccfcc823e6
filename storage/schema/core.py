"""Migrations of what the bot thinks with and sends: facts, alerts, chats, outbox, health, levels, briefs."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import APPLICATION_ID, MIGRATIONS


@MIGRATIONS(name="0001_facts")
def _facts(db: Tables) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("""
        CREATE TABLE instruments (
            id INTEGER PRIMARY KEY,
            venue TEXT NOT NULL,            -- ccxt id of the exchange: binance
            symbol TEXT NOT NULL,           -- ccxt unified symbol: BTC/USDT, BTC/USDT:USDT for a perpetual
            UNIQUE (venue, symbol)
        ) STRICT""")
    db.execute("""
        CREATE TABLE candles (
            instrument INTEGER NOT NULL REFERENCES instruments,
            timeframe_ms INTEGER NOT NULL,  -- length of the bar; it is known at its close
            opened_at INTEGER NOT NULL,
            open REAL NOT NULL,             -- prices in the quote currency of the symbol
            high REAL NOT NULL,
            low REAL NOT NULL,
            close REAL NOT NULL,
            volume REAL NOT NULL,           -- in the base currency of the symbol
            PRIMARY KEY (instrument, timeframe_ms, opened_at)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE quotes (
            instrument INTEGER NOT NULL REFERENCES instruments,
            at INTEGER NOT NULL,            -- the moment of the book
            bid REAL NOT NULL,              -- prices in the quote currency of the symbol
            ask REAL NOT NULL,
            known_at INTEGER NOT NULL,      -- when it reached us
            PRIMARY KEY (instrument, at)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE funding (
            instrument INTEGER NOT NULL REFERENCES instruments,
            at INTEGER NOT NULL,            -- the settlement
            rate REAL NOT NULL,             -- fraction per interval, not percent
            interval_ms INTEGER NOT NULL,
            PRIMARY KEY (instrument, at)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE etf_flows (            -- one row a number; a changed number is a new row, a revision
            asset TEXT NOT NULL,            -- BTC or ETH
            session TEXT NOT NULL,          -- New York date, YYYY-MM-DD
            source TEXT NOT NULL,           -- feed name, or import
            known_at INTEGER NOT NULL,      -- the first time this number was seen
            last_seen_at INTEGER NOT NULL,  -- the last time this number was seen
            final_at INTEGER,               -- when it became final; null: preliminary
            complete INTEGER NOT NULL CHECK (complete IN (0, 1)),  -- every expected fund has reported
            total_usd REAL NOT NULL,
            funds_usd TEXT NOT NULL,        -- JSON: ticker -> dollars
            PRIMARY KEY (asset, session, source, known_at)
        ) STRICT, WITHOUT ROWID""")


@MIGRATIONS(name="0002_alerts")
def _alerts(db: Tables) -> None:
    db.execute("""
        CREATE TABLE standings (
            id TEXT PRIMARY KEY,            -- premium, etf_flow, eth_btc, verdict
            state TEXT NOT NULL,
            settled TEXT NOT NULL,          -- the state beneath holding and no_data
            since_ms INTEGER,               -- when `state` began
            reason TEXT NOT NULL,           -- reason code of the last change
            evidence TEXT NOT NULL,         -- JSON
            judged_ms INTEGER NOT NULL,     -- every moment up to this one has been judged
            seen_ms INTEGER                 -- when the newest judged fact became known
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- shown as A-<id>, hence never given twice
            at INTEGER NOT NULL,            -- the moment it is about
            raised_at INTEGER NOT NULL      -- when the bot noticed
        ) STRICT""")
    db.execute("""
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            alert_id INTEGER REFERENCES alerts,    -- null: recorded, but not worth telling
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,             -- condition, verdict
            subject TEXT NOT NULL,          -- what changed: premium, etf_flow, eth_btc, verdict
            from_state TEXT NOT NULL,
            to_state TEXT NOT NULL,
            reason TEXT NOT NULL,
            evidence TEXT NOT NULL          -- JSON
        ) STRICT""")
    db.execute("CREATE INDEX changes_by_subject ON changes (subject)")
    db.execute("CREATE INDEX changes_by_alert ON changes (alert_id)")


@MIGRATIONS(name="0003_chats")
def _chats(db: Tables) -> None:
    db.execute("""
        CREATE TABLE chats (
            id INTEGER PRIMARY KEY,         -- Telegram's, negative for groups and channels
            kind TEXT NOT NULL CHECK (kind IN ('private', 'group', 'supergroup', 'channel')),
            title TEXT NOT NULL,
            language TEXT,                  -- en, zh; null: not chosen
            timezone TEXT NOT NULL,         -- IANA name
            state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'blocked')),
            muted_until INTEGER,
            not_before INTEGER,             -- Telegram asked us to wait until then
            created_at INTEGER NOT NULL,
            reason TEXT                     -- why it is paused or blocked
        ) STRICT""")
    db.execute("""
        CREATE TABLE subscriptions (
            chat_id INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            topic TEXT NOT NULL,            -- verdict, premium, etf_flow, eth_btc
            mode TEXT NOT NULL CHECK (mode IN ('sound', 'silent')),
            PRIMARY KEY (chat_id, topic)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX subscriptions_by_topic ON subscriptions (topic)")


@MIGRATIONS(name="0004_outbox")
def _outbox(db: Tables) -> None:
    db.execute("""
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of sending within a chat
            chat_id INTEGER NOT NULL REFERENCES chats,
            alert_id INTEGER REFERENCES alerts,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,             -- Telegram HTML
            buttons TEXT NOT NULL,          -- JSON: rows of {text, data}
            silent INTEGER NOT NULL CHECK (silent IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'expired')),
            attempts INTEGER NOT NULL,      -- how often it was claimed
            created_at INTEGER NOT NULL,
            not_before INTEGER,
            expires_at INTEGER,             -- not worth sending from then on; null: always
            unsure INTEGER NOT NULL CHECK (unsure IN (0, 1)),  -- an earlier attempt may have arrived
            message_id INTEGER,             -- Telegram's, valid in this chat
            sent_at INTEGER,
            error TEXT                      -- what went wrong last
        ) STRICT""")
    # Claiming walks these; they hold only what is open, so they stay small as the history grows.
    db.execute("CREATE INDEX outbox_open ON outbox (chat_id) WHERE state IN ('queued', 'sending')")
    db.execute("CREATE INDEX outbox_queued ON outbox (id) WHERE state = 'queued'")
    db.execute("CREATE INDEX outbox_expiring ON outbox (expires_at) WHERE state = 'queued'")
    db.execute("CREATE INDEX outbox_by_alert ON outbox (alert_id)")


@MIGRATIONS(name="0005_health")
def _health(db: Tables) -> None:
    db.execute("""
        CREATE TABLE feeds (
            feed TEXT PRIMARY KEY,
            last_ok_at INTEGER,
            last_try_at INTEGER,
            failures_in_a_row INTEGER NOT NULL DEFAULT 0,
            error TEXT,                     -- of the last try; null: it went well
            blocked_until INTEGER,          -- the source asked us to stay away until then
            rejected_count INTEGER NOT NULL DEFAULT 0,  -- facts that were not believed, ever
            last_rejected TEXT              -- why the last one was not
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE jobs (
            job TEXT PRIMARY KEY,
            last_started_at INTEGER,
            last_done_at INTEGER,           -- of the last run that went well
            last_error TEXT,                -- of the last run; null: it went well
            runs INTEGER NOT NULL DEFAULT 0,     -- started
            failed INTEGER NOT NULL DEFAULT 0,
            missed INTEGER NOT NULL DEFAULT 0,   -- not started: its time had passed too long ago
            skipped INTEGER NOT NULL DEFAULT 0   -- not started: the run before had not ended
        ) STRICT, WITHOUT ROWID""")


@MIGRATIONS(name="0006_app_language")
def _app_language(db: Tables) -> None:
    # What the app of whoever speaks there says, such as zh-hans: alerts follow it until a language is chosen.
    db.execute("ALTER TABLE chats ADD COLUMN app_language TEXT")


@MIGRATIONS(name="0007_levels")
def _levels(db: Tables) -> None:
    db.execute("""
        CREATE TABLE levels (               -- BTC's, in dollars; all null: the last ones were taken back
            origin TEXT NOT NULL,           -- operator, shock
            known_at INTEGER NOT NULL,      -- they count from then on
            set_by INTEGER,                 -- Telegram id of the operator; null: nobody set them by hand
            support_low_usd REAL,
            support_high_usd REAL,
            break_usd REAL,
            rally_low_usd REAL,
            rally_high_usd REAL,
            PRIMARY KEY (origin, known_at)
        ) STRICT, WITHOUT ROWID""")


@MIGRATIONS(name="0008_gauges_and_notices")
def _gauges_and_notices(db: Tables) -> None:
    db.execute("""
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,           -- ccxt id of an exchange, or a feed's source
            subject TEXT NOT NULL,          -- what the numbers are about: BTC, a protocol
            measure TEXT NOT NULL,          -- names its unit: open_interest_usd
            UNIQUE (source, subject, measure)
        ) STRICT""")
    db.execute("""
        CREATE TABLE gauges (
            series INTEGER NOT NULL REFERENCES series,
            at INTEGER NOT NULL,
            value REAL NOT NULL,            -- in the unit of the measure
            known_at INTEGER NOT NULL,
            PRIMARY KEY (series, at)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE notices (              -- one row a saying; a revision is a new row
            kind TEXT NOT NULL,             -- announcement, exploit
            source TEXT NOT NULL,
            key TEXT NOT NULL,              -- names the notice within its kind and source
            known_at INTEGER NOT NULL,
            at INTEGER NOT NULL,
            title TEXT NOT NULL,
            url TEXT NOT NULL,              -- empty: none
            amount_usd REAL,                -- what was lost; null: not known
            PRIMARY KEY (kind, source, key, known_at)
        ) STRICT, WITHOUT ROWID""")


@MIGRATIONS(name="0009_briefs")
def _briefs(db: Tables) -> None:
    db.execute("""
        CREATE TABLE briefs (
            chat_id INTEGER PRIMARY KEY REFERENCES chats ON DELETE CASCADE,
            at TEXT NOT NULL,               -- time of day in the chat's zone, HH:MM
            last_day TEXT                   -- the day there that the last one was made for, YYYY-MM-DD
        ) STRICT""")
    # A picture that goes with the text, drawn when it is sent: premium, etf, eth, btc. Null: none.
    db.execute("ALTER TABLE outbox ADD COLUMN chart TEXT")
