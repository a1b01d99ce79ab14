"""What is learned of a request besides its events? Codes nobody knows, channels' rhythms, keys of bodies."""

import logging
from asyncio import Future, get_running_loop, to_thread
from collections.abc import Collection
from dataclasses import dataclass, field

from adapter.model import Outcome, Request
from adapter.service.keys import Changes, Keys
from adapter.service.metrics import Counts
from adapter.service.rhythm import Rhythms
from adapter.spec.language import Registry, Spec
from adapter.store.heard import heard
from adapter.store.store import Store
from adapter.store.transaction import StoreFailed

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watching:
    """Told of each request that was stored, or answered without: genuine or not, `new` or known."""

    counts: Counts = field(default_factory=Counts)
    keys: Keys = field(default_factory=Keys)
    rhythms: Rhythms = field(default_factory=Rhythms)
    _looking: Future[Changes] | None = None

    def __call__(self, registry: Registry, request: Request, outcome: Outcome, new: bool) -> None:
        if new:
            self.counts.look(outcome)
        if outcome.name == "refused":
            return
        self.rhythms.hear(request.channel, request.received_at.timestamp())
        spec = registry.specs.get(outcome.vendor)
        if spec is not None and outcome.keep and self.keys.due(spec.vendor, request.channel):
            self._look(spec, request)

    async def remember(self, store: Store, channels: Collection[str]) -> None:
        """When channels were heard before this process began; `channels` are those that must be known."""
        try:
            past = await to_thread(heard, store.location, channels)
        except StoreFailed as failure:
            log.warning("channels.unknown_past", extra={"reason": str(failure)})
        else:
            self.rhythms.remember(past)

    def _look(self, spec: Spec, request: Request) -> None:
        """On another thread, one at a time: while it is busy a sample is left out."""
        if self._looking is None:
            self._looking = get_running_loop().run_in_executor(None, self.keys.take, spec, request)
            self._looking.add_done_callback(lambda done: self._seen(spec.vendor, done))

    def _seen(self, vendor: str, done: "Future[Changes]") -> None:
        self._looking = None
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("keys.failed", extra={"vendor": vendor, "error": type(error).__name__})
            return
        for event, names in (("keys.new", done.result().new), ("keys.missing", done.result().gone)):
            if names:
                log.warning(event, extra={"vendor": vendor, "keys": names})
