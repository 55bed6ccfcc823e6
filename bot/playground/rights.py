"""What administrators and members may do: the names of the rights, and which a chat of a kind knows."""

from collections.abc import Iterable

EVERY_ADMINISTRATOR = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
IN_CHANNELS = ("can_post_messages", "can_edit_messages")
IN_GROUPS = ("can_pin_messages",)
IN_FORUMS = ("can_manage_topics",)

OF_MEMBERS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
"""`ChatPermissions`: what a group allows its members, or a restricted one of them."""

USUALLY_FORBIDDEN = frozenset({"can_edit_tag", "can_change_info", "can_pin_messages", "can_manage_topics"})
"""What a new group keeps for its administrators."""


def withheld(given: Iterable[str]) -> frozenset[str]:
    """The rights of administrators that are not among those given."""
    every = {*EVERY_ADMINISTRATOR, *IN_CHANNELS, *IN_GROUPS, *IN_FORUMS}
    # To administer at all is to have this one.
    return frozenset(every - {"can_manage_chat", *given})
