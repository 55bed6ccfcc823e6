"""What the page may ask for: one row a deed. Each takes the page's JSON and changes the stage."""

from bot.playground.deeds import directing, forums, inline, keyboards, membership, talking
from bot.playground.deeds.stage import Deed, Stage

__all__ = ["DEEDS", "Stage"]

DEEDS: dict[str, Deed] = {
    "say": talking.say,
    "press": talking.press,
    "delete": talking.delete,
    "pin": talking.pin,
    "unpin": talking.unpin,
    "forward": talking.forward,
    "follow": talking.follow,
    "language": talking.set_language,
    "block": membership.block,
    "unblock": membership.unblock,
    "add-bot": membership.add_bot,
    "remove-bot": membership.remove_bot,
    "set-part": membership.set_part,
    "quieten": membership.quieten,
    "new-chat": membership.new_chat,
    "migrate": membership.migrate,
    "discuss": membership.discuss,
    "make-forum": forums.make_forum,
    "new-topic": forums.new_topic,
    "rename-topic": forums.rename_topic,
    "close-topic": forums.close_topic,
    "reopen-topic": forums.reopen_topic,
    "delete-topic": forums.delete_topic,
    "ask-inline": inline.ask_inline,
    "choose-inline": inline.choose_inline,
    "press-key": keyboards.press_key,
    "fitting-chats": keyboards.fitting_chats,
    "share-chat": keyboards.share_chat,
    "fault": directing.add_fault,
    "clear-faults": directing.clear_faults,
    "pause": directing.pause,
    "resume": directing.resume,
    "speed": directing.set_speed,
    "jump": directing.jump,
}
