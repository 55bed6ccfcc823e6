"""Deeds about the topics of a forum."""

from bot.playground.deeds.stage import Stage, number
from bot.playground.json_types import Json


def make_forum(stage: Stage, asked: Json) -> Json:
    """A group gets topics; a small one becomes a supergroup thereby."""
    return {"chat": stage.people.make_forum(stage.administered(asked)).id}


def new_topic(stage: Stage, asked: Json) -> Json:
    """Open a topic."""
    topic = stage.people.create_topic(stage.user(asked), stage.chat(asked), str(asked.get("name", "")))
    return {"thread": topic.id}


def rename_topic(stage: Stage, asked: Json) -> None:
    """Another name for a topic."""
    name = str(asked.get("name", ""))
    stage.people.rename_topic(stage.user(asked), stage.chat(asked), number(asked, "thread"), name)


def close_topic(stage: Stage, asked: Json) -> None:
    """Only administrators write there."""
    stage.people.close_topic(stage.user(asked), stage.chat(asked), number(asked, "thread"))


def reopen_topic(stage: Stage, asked: Json) -> None:
    """Everybody writes there again."""
    stage.people.reopen_topic(stage.user(asked), stage.chat(asked), number(asked, "thread"))


def delete_topic(stage: Stage, asked: Json) -> None:
    """The topic goes with all that is in it."""
    stage.people.delete_topic(stage.user(asked), stage.chat(asked), number(asked, "thread"))
