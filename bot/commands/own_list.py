"""The list of a thread's own alerts, a page at a time, with buttons for each."""

from bot.own.kept import rule_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.own import how_text, rule_text
from bot.words.own_news import number_text
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.own_alerts import OwnAlert, list_own

PER_PAGE = 6
"""So many of the longest rules fit into a message."""


def listed(ask: Ask, page: int = 1) -> Answer:
    """One page; where there is nothing, how to begin."""
    words = ask.words
    owned = list_own(ask.desk.db, ask.chat.id, thread_id=ask.thread_id)
    if not owned:
        example = words("own.example_line", text="btc < 105000")
        return Answer(Html(f"{words('own.list_empty')}\n{example}"))
    pages = -(-len(owned) // PER_PAGE)
    page = min(max(page, 1), pages)
    shown = owned[(page - 1) * PER_PAGE : page * PER_PAGE]
    title = (
        words("own.list", n=len(owned))
        if pages == 1
        else words("own.list_page", n=len(owned), page=page, pages=pages)
    )
    text = Html("\n".join((title, *(_line(words, own) for own in shown))))
    return Answer(text, (*(_row(words, own) for own in shown), *_leaf(words, page, pages)))


def page_of(ask: Ask, id_: int) -> int:
    """The page that a rule is on."""
    owned = list_own(ask.desk.db, ask.chat.id, thread_id=ask.thread_id)
    place = next((place for place, own in enumerate(owned) if own.id >= id_), 0)
    return place // PER_PAGE + 1


def _line(words: Wording, own: OwnAlert) -> Html:
    rule = rule_of(own)
    line = words(
        "own.line",
        number=number_text(words, own.id),
        state=words(f"own.state.{own.state}"),
        rule=rule_text(words, rule),
        how=how_text(words, rule),
    )
    return words.joined([line, _fired(words, own), _blind(words, own)])


def _fired(words: Wording, own: OwnAlert) -> Html:
    if own.last_fired_at is None:
        return Html()
    moment = words.moment(own.last_fired_at)
    if own.fired > 1:
        return words("own.line_fired_times", n=own.fired, moment=moment)
    return words("own.line_fired", moment=moment)


def _blind(words: Wording, own: OwnAlert) -> Html:
    if own.state != "armed" or own.blind_at is None:
        return Html()
    return words("own.line_blind", moment=words.moment(own.blind_at))


def _row(words: Wording, own: OwnAlert) -> tuple[Button, ...]:
    number = number_text(words, own.id)
    turn = (
        Button(words.plain("button.own_pause_this", number=number), f"here:alerts:off:{own.id}:list")
        if own.state == "armed"
        else Button(words.plain("button.own_resume_this", number=number), f"here:alerts:on:{own.id}:list")
    )
    return (
        turn,
        Button(words.plain("button.own_edit"), f"alerts:edit:{own.id}"),
        Button(words.plain("button.own_delete"), f"here:alerts:delete:{own.id}:list"),
    )


def _leaf(words: Wording, page: int, pages: int) -> Buttons:
    """To the page before and the one after."""
    leaves = []
    if page > 1:
        leaves.append(Button(words.plain("button.own_earlier"), f"here:alerts:page:{page - 1}"))
    if page < pages:
        leaves.append(Button(words.plain("button.own_later"), f"here:alerts:page:{page + 1}"))
    return (tuple(leaves),) if leaves else ()
