"""Refusing an update that asks for one thing too many, in one short sentence."""

from datetime import timedelta

from telegram import Update

from bot.desk import Desk
from bot.talk.asking import ask_of
from bot.talk.last_resort import safely
from bot.talk.requests import Refusal, Requests
from bot.words.answer import Answer
from bot.words.texts import Html


def refusal_of(requests: Requests, update: Update, *, draws: bool) -> Refusal | None:
    """Why the request of an update is one too many; None where it is granted."""
    chat, person = update.effective_chat, update.effective_sender
    if chat is None:
        return None
    return requests.refuse(person.id if person else chat.id, chat.id, draws=draws)


async def refusal_note(update: Update, desk: Desk, refusal: Refusal) -> str:
    """The sentence that says so, without markup."""

    async def sentence() -> Answer:
        words = ask_of(update, desk).words
        wait = words.duration(max(refusal.wait, timedelta(seconds=1)))
        return Answer(Html(), note=words.plain(refusal.text, wait=wait))

    said = await safely(update, sentence)
    return said.note if said else ""
