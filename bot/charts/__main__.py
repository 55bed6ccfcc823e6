"""The process that draws: pictures come in on standard input, PNGs go out on standard output.

Each is a message: its length in eight bytes, then its bytes. It ends with its input: when the bot is killed
its end of the pipe closes too.
"""

import pickle
import sys
from typing import BinaryIO

from bot.charts.picture import LENGTH_BYTES, Drawable


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Draw whatever comes, one after the other."""
    while length := requests.read(LENGTH_BYTES):
        picture: Drawable = pickle.loads(requests.read(int.from_bytes(length)))  # noqa: S301  # our own process wrote it
        png = picture.drawn()
        answers.write(len(png).to_bytes(LENGTH_BYTES) + png)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
