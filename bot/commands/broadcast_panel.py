"""The buttons of a broadcast: whom it reaches, whether it sounds, send, cancel, how far it is.

Their data is `/admin broadcast` with the broadcast's number: what a press may do is checked there.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.commands.admin_lines import mark, short
from bot.commands.mistakes import Misunderstood
from bot.delivery.split import plain
from bot.telling.broadcasts import KINDS, audience, queue, reached
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html, every_language
from bot.words.wording import Wording
from storage import broadcasts
from storage.audience import count_crowds
from storage.broadcasts import Broadcast
from storage.database import Database

_ALL = "all"
_SHOWN_LETTERS = 40


def manage(ask: Ask) -> Answer:
    """What a press, or a line such as `/admin broadcast 7 cancel`, does. Raises Misunderstood."""
    found = _named(ask)
    match [word.lower() for word in ask.args[1:]]:
        case []:
            pass
        case [kind] if kind in KINDS:
            return _choose(ask, replace(found, kinds=found.kinds ^ {kind}))
        case ["silent"]:
            return _choose(ask, replace(found, silent=not found.silent))
        case ["to", language] if language in {_ALL, *every_language()}:
            return _choose(ask, replace(found, language=None if language == _ALL else language))
        case ["send"]:
            return _send(ask, found)
        case ["drop"]:
            broadcasts.drop(ask.desk.db, found.id)
        case ["cancel"]:
            return _cancel(ask, found)
        case _:
            raise Misunderstood(ask.args[-1])
    return _shown(ask, _named(ask))


def _named(ask: Ask) -> Broadcast:
    word = ask.args[0] if ask.args else ""
    if word.isdecimal() and len(word) < 10:  # noqa: PLR2004  # digits
        found = broadcasts.read_broadcast(ask.desk.db, int(word))
        if found is not None:
            return found
    raise Misunderstood(word or "broadcast")


def draft_answer(ask: Ask, broadcast_id: int) -> Answer:
    """A draft exactly as it will look; all that is not part of it is on the buttons."""
    return _shown(ask, _named(ask.with_args((str(broadcast_id),))))


def _shown(ask: Ask, found: Broadcast) -> Answer:
    if found.state == "draft":
        return Answer(Html(found.text), tuple(_controls(ask, found)))
    return Answer(progress_line(ask.words, ask.desk.db, found), _running(ask, found))


def _choose(ask: Ask, chosen: Broadcast) -> Answer:
    broadcasts.choose(
        ask.desk.db, chosen.id, kinds=chosen.kinds, language=chosen.language, silent=chosen.silent
    )
    # As it is stored: of what is sent already nothing was changed.
    return draft_answer(ask, chosen.id)


def _send(ask: Ask, found: Broadcast) -> Answer:
    """Queue it, once: a second press, or a second operator, finds no draft any more."""
    db, now, words = ask.desk.db, ask.desk.now, ask.words
    crowds = count_crowds(db)
    if not reached(crowds, found):
        return replace(_shown(ask, found), note=words.plain("note.broadcast_nobody"))
    queued = broadcasts.send(db, found.id, now, lambda: queue(db, crowds, found, now))
    if queued is None:
        return replace(_shown(ask, _named(ask)), note=words.plain("note.outdated"))
    ask.desk.wake()
    note = words.plain("note.broadcast_sent", n=queued, count=words.number(queued, 0))
    return replace(_shown(ask, _named(ask)), note=note)


def _cancel(ask: Ask, found: Broadcast) -> Answer:
    taken_back = broadcasts.cancel(ask.desk.db, found.id)
    count = taken_back or 0
    note = ask.words.plain("note.broadcast_cancelled", n=count, count=ask.words.number(count, 0))
    return replace(_shown(ask, _named(ask)), note=note if taken_back is not None else "")


def _controls(ask: Ask, found: Broadcast) -> Iterator[tuple[Button, ...]]:
    words, here = ask.words, f"here:admin:broadcast:{found.id}"
    by_kind = audience(count_crowds(ask.desk.db), found)
    yield tuple(_kind_button(words, here, found, kind, by_kind[kind]) for kind in KINDS)
    names = {_ALL: words.plain("broadcast.all_languages")}
    names |= {code: texts.plain("language.own_name") for code, texts in every_language().items()}
    chosen = found.language or _ALL
    yield tuple(
        Button(_chosen(words, name, code == chosen), f"{here}:to:{code}") for code, name in names.items()
    )
    sound = words.plain("broadcast.silent" if found.silent else "broadcast.sound")
    yield (Button(sound, f"{here}:silent"),)
    reaches = sum(by_kind[kind] for kind in found.kinds)
    send = words.plain("button.broadcast_send", n=reaches, count=words.number(reaches, 0))
    yield Button(send, f"{here}:send"), Button(words.plain("button.cancel_draft"), f"{here}:drop")


def _kind_button(words: Wording, here: str, found: Broadcast, kind: str, count: int) -> Button:
    label = words.plain(
        f"broadcast.to_{kind}", mark=mark(well=kind in found.kinds), count=words.number(count, 0)
    )
    return Button(label, f"{here}:{kind}")


def _chosen(words: Wording, name: str, is_chosen: bool) -> str:  # noqa: FBT001  # one of two labels
    return words.plain("button.chosen", name=name) if is_chosen else name


def _running(ask: Ask, found: Broadcast) -> Buttons:
    here = f"here:admin:broadcast:{found.id}"
    refresh = Button(ask.words.plain("button.refresh"), here)
    if not broadcasts.progress(ask.desk.db, found.id).get("queued"):
        return ((refresh,),) if found.state == "sent" else ()
    return ((refresh, Button(ask.words.plain("button.broadcast_cancel"), f"{here}:cancel")),)


def progress_line(words: Wording, db: Database, found: Broadcast) -> Html:
    """What became of a broadcast, in numbers, with its beginning, by which it is recognised."""
    if found.sent_at is None:
        return words("broadcast.dropped", id=found.id)
    states = broadcasts.progress(db, found.id)
    counts = [words(f"admin.outbox_{state}", count=words.number(n, 0)) for state, n in states.items()]
    sent_at, begins = words.moment(found.sent_at), short(plain(found.text), _SHOWN_LETTERS)
    line = words(f"broadcast.{found.state}", id=found.id, moment=sent_at, begins=begins)
    return words.joined([line, *counts])
