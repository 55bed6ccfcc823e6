"""The calls of Telegram by which messages are kept current. Each raises TelegramError where it fails."""

from collections.abc import Awaitable, Callable, Sequence

from telegram import Bot
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.delivery.errors import Trouble, classify
from bot.delivery.send import NO_PREVIEW, keyboard
from bot.delivery.split import cut
from storage.letters import Buttons

Call = Callable[[Bot], Awaitable[int | None]]

_AS_GOOD_AS_DONE = {Trouble.UNCHANGED, Trouble.MESSAGE_GONE}
_NO_CAPTION = "no caption in the message"


def send_silently(chat_id: int, thread_id: int, text: str, buttons: Buttons) -> Call:
    """A new message that makes no sound; it gives its id."""

    async def call(bot: Bot) -> int:
        message = await bot.send_message(
            chat_id,
            text,
            message_thread_id=thread_id or None,
            parse_mode=ParseMode.HTML,
            disable_notification=True,
            reply_markup=keyboard(buttons),
            link_preview_options=NO_PREVIEW,
        )
        return message.message_id

    return call


def edit_text(chat_id: int, message_id: int, text: str, buttons: Buttons) -> Call:
    """Another text and other buttons in place of those of a message."""

    async def call(bot: Bot) -> None:
        await bot.edit_message_text(
            text,
            chat_id,
            message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(buttons),
            link_preview_options=NO_PREVIEW,
        )

    return call


def edit_caption(chat_id: int, message_id: int, text: str, buttons: Buttons) -> Call:
    """Another text below a picture that stays. A text whose picture could not be drawn is edited as one."""

    async def call(bot: Bot) -> None:
        try:
            await bot.edit_message_caption(
                chat_id,
                message_id,
                caption=cut(text, MessageLimit.CAPTION_LENGTH)[0],
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(buttons),
            )
        except BadRequest as error:
            if _NO_CAPTION not in error.message:
                raise
            await edit_text(chat_id, message_id, text, buttons)(bot)

    return call


def pin(chat_id: int, message_id: int) -> Call:
    """Pin a message; nobody is notified of it."""

    async def call(bot: Bot) -> None:
        await bot.pin_chat_message(chat_id, message_id, disable_notification=True)

    return call


def unpin(chat_id: int, message_id: int) -> Call:
    """Pin a message no longer."""

    async def call(bot: Bot) -> None:
        await bot.unpin_chat_message(chat_id, message_id=message_id)

    return call


def all_of(calls: Sequence[Call]) -> Call:
    """One call after the other. What fails first is raised at the end, unless it is as good as done."""

    async def call(bot: Bot) -> None:
        failed: TelegramError | None = None
        for each in calls:
            try:
                await each(bot)
            except TelegramError as error:
                if classify(error).trouble not in _AS_GOOD_AS_DONE:
                    failed = failed or error
        if failed is not None:
            raise failed

    return call
