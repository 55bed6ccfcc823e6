"""Deeds of talking: write, press, forward, delete, pin, follow a link."""

from bot.playground.deeds.stage import Stage, thread
from bot.playground.deeplinks import Kind, parse_link
from bot.playground.json_types import Json
from bot.playground.people import DeedError


def say(stage: Stage, asked: Json) -> None:
    """Write in a chat; in a channel that is a post."""
    user, chat, text = stage.user(asked), stage.chat(asked), str(asked.get("text", ""))
    if chat.is_channel:
        if not chat.role(user).administers:
            raise DeedError("only administrators post in a channel")
        stage.people.post(chat, text, by=user)
        return
    reply_to = stage.message(asked, "reply_to") if asked.get("reply_to") else None
    stage.people.say(user, chat, text, thread(asked), reply_to)


def press(stage: Stage, asked: Json) -> Json:
    """Press an inline button; the query that the bot has to answer."""
    query = stage.people.press(stage.user(asked), stage.message(asked), str(asked.get("data", "")))
    return {"query": query}


def delete(stage: Stage, asked: Json) -> None:
    """Delete a message for all."""
    stage.people.delete(stage.message(asked), by=stage.user(asked))


def pin(stage: Stage, asked: Json) -> None:
    """Pin a message."""
    stage.people.pin(stage.user(asked), stage.message(asked))


def unpin(stage: Stage, asked: Json) -> None:
    """Take a pinned message down."""
    stage.people.unpin(stage.user(asked), stage.message(asked))


def forward(stage: Stage, asked: Json) -> None:
    """Forward a message to another chat."""
    stage.people.forward(stage.user(asked), stage.message(asked), stage.chat(asked, "to"))


def follow(stage: Stage, asked: Json) -> Json:
    """Open a link to the bot; where an app would ask for a chat, the chats to pick from."""
    telegram, user, url = stage.people.telegram, stage.user(asked), str(asked.get("url", "")).strip()
    link = parse_link(url, telegram.bot.username)
    if link is None or link.kind is Kind.START or asked.get("chat"):
        chat = stage.chat(asked) if asked.get("chat") else None
        stage.people.follow(user, url, chat)
        return {"opened": chat.id if chat else user.id}
    wants_channel = link.kind is Kind.CHANNEL
    return {
        "pick": [
            chat.id
            for chat in telegram.chats.values()
            if chat.user is None and chat.is_channel is wants_channel and chat.role(user).present
        ]
    }


def set_language(stage: Stage, asked: Json) -> None:
    """The language of this person's app."""
    stage.people.set_language(stage.user(asked), str(asked.get("language", "en")))
