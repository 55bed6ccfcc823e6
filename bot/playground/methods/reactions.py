"""The method by which the bot reacts to a message with an emoji."""

from bot.playground.call import Call
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram


def set_message_reaction(telegram: Telegram, call: Call) -> bool:
    """Put the bot's reaction under a message in place of its former one; an empty list takes it away."""
    chat = telegram.find_joined_chat(call.chat_id())
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    reactions = call.array("reaction")
    # A bot without a subscription has one, and an emoji of Telegram's own choice.
    if len(reactions) > 1 or any(reaction.get("type") != "emoji" for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message.reactions = [str(reaction.get("emoji", "")) for reaction in reactions]
    telegram.show_edit(chat, message)
    return True
