"""Tasks beside a block: begun with it, ended with it, and what fails in one of them fails the block."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


async def cancel(task: asyncio.Task[None]) -> None:
    """End a task, whatever it was at."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def doing(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do these beside the block; one that fails ends the block with its error."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        async with ends_with(*tasks):
            yield
    finally:
        for task in tasks:
            await cancel(task)


@asynccontextmanager
async def ends_with(*tasks: asyncio.Task[None]) -> AsyncIterator[None]:
    """End the block with the error of the first task that fails; a task that is merely done ends nothing."""
    block = asyncio.current_task()
    assert block is not None
    failed: list[BaseException] = []

    def note(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            failed.append(error)
            block.cancel()

    for task in tasks:
        task.add_done_callback(note)
    try:
        yield
    except asyncio.CancelledError:
        if not failed:
            raise
        block.uncancel()
        raise failed[0] from None
    finally:
        for task in tasks:
            task.remove_done_callback(note)
