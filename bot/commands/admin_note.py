"""`/admin note ...`: what the operator tells everybody who looks, until `/admin note off`."""

from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.database import Database
from storage.maintenance import clear_note, read_note, set_note

MOST_LETTERS = 200
"""It stands below a board that is read at a glance."""


def note(ask: Ask) -> Answer:
    """Set the note, take it back, or show it."""
    db, words, text = ask.desk.db, ask.words, " ".join(ask.args)
    if text.lower() == "off":
        clear_note(db)
        return Answer(words("maintenance.off"))
    if len(text) > MOST_LETTERS:
        raise Misunderstood(text)
    if text:
        set_note(db, text, ask.desk.now)
    return Answer(note_line(words, db) or words("maintenance.none"))


def note_line(words: Wording, db: Database) -> Html:
    """The note and since when it stands; empty where there is none."""
    found = read_note(db)
    if found is None:
        return Html()
    return words.joined([words("maintenance.note", text=found.text), words.since(found.since)])
