"""Files that the bot uploaded, kept in memory, and what Telegram says about them."""

import hashlib
import struct
from dataclasses import dataclass

from bot.playground.json_types import Json
from bot.playground.refusals import bad_request

MAX_PHOTO_BYTES = 10 * 1024 * 1024
_MAX_SIDES_SUM_PX = 10_000
_MAX_SIDES_RATIO = 20


@dataclass(frozen=True)
class StoredFile:
    """`id` is the `file_id` by which the bot can send it again."""

    id: str
    name: str
    mime_type: str
    content: bytes

    @property
    def unique_id(self) -> str:
        """The same for the same content, as Telegram promises of `file_unique_id`."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    def as_json(self) -> Json:
        """Telegram's `File`."""
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
            "file_path": f"files/{self.id}",
        }

    def as_photo_json(self) -> Json:
        """One `PhotoSize`. Raises: RefusedError, 400, where it is no picture that Telegram takes."""
        width_px, height_px = image_size_px(self.content)
        longer, shorter = max(width_px, height_px), max(min(width_px, height_px), 1)
        if width_px + height_px > _MAX_SIDES_SUM_PX or longer > _MAX_SIDES_RATIO * shorter:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        if len(self.content) > MAX_PHOTO_BYTES:
            raise bad_request("file is too big for a photo")
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
            "width": width_px,
            "height": height_px,
        }

    def as_document_json(self) -> Json:
        """Telegram's `Document`."""
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
            "file_name": self.name,
            "mime_type": self.mime_type,
        }


class Files:
    """Everything that was uploaded since the start."""

    def __init__(self) -> None:
        self._stored: dict[str, StoredFile] = {}

    def keep(self, name: str, mime_type: str, content: bytes) -> StoredFile:
        """Raises: RefusedError, 400, for an empty file."""
        if not content:
            raise bad_request("file must be non-empty")
        stored = StoredFile(f"playground-file-{len(self._stored) + 1}", name, mime_type, content)
        self._stored[stored.id] = stored
        return stored

    def kept(self) -> list[StoredFile]:
        """All of them, the oldest first."""
        return list(self._stored.values())

    def find(self, file_id: str) -> StoredFile:
        """Raises: RefusedError, 400, for an id that was never given out."""
        try:
            return self._stored[file_id]
        except KeyError:
            raise bad_request("wrong file identifier/HTTP URL specified") from None


_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = 24
_JPEG = b"\xff\xd8"
# The markers of JPEG frame headers, which hold the size; C4, C8 and CC mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size_px(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG. Raises: RefusedError, 400, for anything else."""
    if content.startswith(_PNG) and len(content) >= _PNG_HEADER_BYTES:
        width, height = struct.unpack(">II", content[16:_PNG_HEADER_BYTES])
        return int(width), int(height)
    if content.startswith(_JPEG):
        return _jpeg_size_px(content)
    raise bad_request("IMAGE_PROCESS_FAILED")


def _jpeg_size_px(content: bytes) -> tuple[int, int]:
    """The size stands in the frame header, behind segments of any length."""
    at = len(_JPEG)
    while at + 9 <= len(content):
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    raise bad_request("IMAGE_PROCESS_FAILED")
