"""Which secrets are live at this moment? Files are looked at again and again, and swapped all at once."""

import logging
from asyncio import sleep, to_thread
from collections.abc import Callable

from adapter.model import Secrets

SECONDS = 1.0

log = logging.getLogger(__name__)


class Live:
    """Holds the secrets of now. A request keeps those that it began with."""

    def __init__(self, secrets: Secrets, reread: Callable[[], Secrets] | None, seconds: float = SECONDS) -> None:
        self._secrets = secrets
        self._reread = reread
        self._seconds = seconds
        self._failure = ""

    def __call__(self) -> Secrets:
        return self._secrets

    def change(self, secrets: Secrets, reread: Callable[[], Secrets] | None) -> None:
        """Other secrets are wanted from now on."""
        self._secrets, self._reread = secrets, reread

    async def watch(self) -> None:
        """Never ends. What is found twice in a row is taken: a file that is being written may be seen half done."""
        seen = self._secrets
        while True:
            await sleep(self._seconds)
            reread = self._reread
            if reread is None:
                continue
            found = await to_thread(self._look, reread)
            if found == seen and found != self._secrets and reread is self._reread:
                self._swap(found)
            seen = found

    def _look(self, reread: Callable[[], Secrets]) -> Secrets:
        """What cannot be read changes nothing, and is told once."""
        failure = ""
        try:
            return reread()
        except OSError as error:
            failure = f"{error.filename}: {error.strerror}"
            return self._secrets
        finally:
            if failure and failure != self._failure:
                log.error("secrets.unreadable", extra={"reason": failure, "still": "the last ones"})
            self._failure = failure

    def _swap(self, found: Secrets) -> None:
        names = sorted({*found, *self._secrets})
        changed = [name for name in names if found.get(name) != self._secrets.get(name)]
        self._secrets = found
        log.warning("secrets.changed", extra={"secrets": changed})
