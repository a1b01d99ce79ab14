"""How is something done that may take for ever? On a thread that nobody waits for when the process ends."""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """What `work` gives or raises. The threads of asyncio.to_thread are waited for at the end, however long it takes:
    a name server that is silent or a pipe that nobody reads would keep the process alive."""
    loop = get_running_loop()
    errand: Errand[T] = Errand(loop, loop.create_future())
    Thread(target=_run, args=(errand, work), name="delivery", daemon=True).start()
    return await errand.future


@dataclass(slots=True)
class Errand(Generic[T]):
    """Carries what a thread found, or what it raised, to the loop that waits for it."""

    loop: AbstractEventLoop
    future: "Future[T]"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> bool:
        if error is not None:
            self.carry(error=error)
        return True

    def carry(self, *found: T, error: BaseException | None = None) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._settle, found, error)

    def _settle(self, found: tuple[T, ...], error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(found[0])


def _run(errand: Errand[T], work: Callable[[], T]) -> None:
    with errand:
        errand.carry(work())
