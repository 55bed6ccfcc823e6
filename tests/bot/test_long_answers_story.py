"""Stories over HTTP of answers that are too long for one message."""

import pytest

from bot.commands import table
from bot.playground.refusals import too_many_requests
from bot.words.answer import Answer, Ask, Button
from bot.words.texts import Html
from storage import outbox
from tests.bot.answered import Stage, stage
from tests.playground.stage import picture

__all__ = ["stage"]

BUTTONS = ((Button("Again", "here:about"),),)
LONG = Html(
    "<b>Title &lt;b&gt; 📉</b>\n<blockquote expandable>"
    + "a line of evidence\n" * 500
    + "</blockquote>the end"
)


def let_about_say(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> None:
    """Let /about give these answers, one after the other, and the last one from then on."""
    left = list(answers)

    async def reply(_: Ask) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setitem(table.BY_NAME, "about", replace_reply(reply))


def replace_reply(reply: table.Reply) -> table.Command:
    return table.Command("about", reply)


async def test_parts_come_in_order_with_the_buttons_under_the_last(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    let_about_say(monkeypatch, Answer(LONG, BUTTONS))
    stage.say("/about")
    await stage.hears("the end")
    sent = stage.server.sent(stage.cast.alice)
    assert len(sent) == 3
    assert sent[0].text.startswith("Title <b> 📉\n")
    assert [bool(message.markup) for message in sent] == [False, False, True]
    stage.say("/status")
    await stage.hears("Fragile")
    # The groups of the cast are welcomed meanwhile.
    in_private = [chat_id for chat_id in stage.sender.replied_in if chat_id == stage.cast.alice.id]
    assert in_private[:3] == [stage.cast.alice.id] * 3


async def test_a_picture_has_a_short_caption_and_the_text_after_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    let_about_say(
        monkeypatch, Answer(Html(LONG[:3000] + "</blockquote>the end"), BUTTONS, photo=picture(9, 9))
    )
    stage.say("/about")
    await stage.hears("the end")
    photo, text = stage.server.sent(stage.cast.alice)
    assert photo.text == "Title <b> 📉"
    assert not photo.markup
    assert text.markup


async def test_an_edit_that_outgrew_its_message_goes_on_below(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    let_about_say(monkeypatch, Answer(Html("short"), BUTTONS), Answer(LONG, BUTTONS))
    stage.say("/about")
    short = await stage.hears("short")
    stage.server.people.press(stage.cast.alice, short, "Again")
    await stage.hears("the end")
    sent = stage.server.sent(stage.cast.alice)
    assert short.text.startswith("Title <b>")
    assert [bool(message.markup) for message in sent] == [False, False, True]


async def test_the_parts_that_meet_a_limit_go_by_way_of_the_outbox_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    let_about_say(monkeypatch, Answer(LONG, BUTTONS))
    stage.server.faults.add(too_many_requests(7), chat_id=stage.cast.alice.id)
    stage.say("/about")
    stage.say("/status")
    await stage.hears("Fragile")
    assert outbox.count_by_state(stage.desk.db) == {"queued": 1}
    assert len(stage.server.sent(stage.cast.alice)) == 1
