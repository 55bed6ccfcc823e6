"""What PostgreSQL's errors mean for whoever runs the bot, in one line that holds nothing of the address."""

import re

import psycopg

_BY_STATE = {
    "28P01": "the password is wrong",
    "28000": "this user may not log in",
    "3D000": "the database does not exist",
    "42501": "the user has no right to do this",
    "25006": "the database may not be written",
    "53100": "the disk is full",
    "53200": "the server is out of memory",
    "53300": "the server has too many connections",
    "55P03": "another process keeps the database locked",
    "40P01": "another process keeps the database locked",
    "40001": "another process keeps the database locked",
    "57014": "a statement took too long and was ended",
    "57P03": "the server is starting or stopping",
    "58030": "the disk cannot be read or written",
    "XX001": "the database is damaged",
    "XX002": "the database is damaged",
}
_LOST = "the connection was lost"
_LOST_CLASSES = ("08", "57P", "25P03")
"""The connection failed; an operator or a crash ended it; it was idle in a transaction for too long."""

_AT_CONNECTING = [
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        ("password authentication failed|no password supplied", _BY_STATE["28P01"]),
        (r'database "[^"]*" does not exist', _BY_STATE["3D000"]),
        (r'role "[^"]*" does not exist|no pg_hba.conf entry|not permitted to log in', _BY_STATE["28000"]),
        ("permission denied for database", _BY_STATE["42501"]),
        ("too many connections|too many clients|connection slots", _BY_STATE["53300"]),
        ("starting up|shutting down|recovery mode", _BY_STATE["57P03"]),
        ("translate host name|resolve host|name or service|nodename", "there is no such host"),
        ("refused", "no server answers there: the connection was refused"),
        ("timeout|timed out", "no server answers there in time"),
        ("no such file", "no server listens on that socket"),
        ("ssl|certificate|tls", "the encrypted connection cannot be made"),
    )
]
"""While connecting the state is not always told, but words are, perhaps in the server's own language."""

_BUGS = (
    psycopg.ProgrammingError,
    psycopg.InterfaceError,
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.NotSupportedError,
    psycopg.InternalError,
)


def is_bug(error: psycopg.Error) -> bool:
    """Wrong SQL or values that break a rule of the schema are ours to mend, so they stay what they are."""
    return isinstance(error, _BUGS) and error.sqlstate not in _BY_STATE


def sentence(error: psycopg.Error) -> str:
    """What went wrong with a statement."""
    state = error.sqlstate or ""
    if known := _BY_STATE.get(state):
        return known
    if not state or state.startswith(_LOST_CLASSES):
        return _LOST
    return f"the server cannot do its work (its error {state})"


def sentence_at_connecting(error: psycopg.Error) -> str:
    """Why there is no connection."""
    if known := _BY_STATE.get(error.sqlstate or ""):
        return known
    told = str(error)
    return next(
        (sentence for pattern, sentence in _AT_CONNECTING if pattern.search(told)),
        "the server cannot be reached",
    )
