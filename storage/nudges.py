"""Nudges: one process lets the others know that something they hold in memory has changed.

What has changed is in its own table; a nudge only says to look there now. Counted, not queued: whoever missed
some sees by one look that there were any.
"""

from typing import Literal

from storage.database import Database

NudgeSubject = Literal["work", "levels", "roles"]
"""`work`: something is to be sent or edited; `levels`: an operator set them; `roles`: somebody's part in a
chat has changed."""


def nudge(db: Database, subject: NudgeSubject) -> None:
    """Let the others look."""
    db.execute(
        """INSERT INTO nudges (subject, count) VALUES (?, 1)
           ON CONFLICT (subject) DO UPDATE SET count = nudges.count + 1""",
        (subject,),
    )


def count_nudges(db: Database) -> dict[NudgeSubject, int]:
    """How often each was nudged; what never was is left out."""
    return dict(db.rows("SELECT subject, count FROM nudges"))
