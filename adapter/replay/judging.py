"""What would today's specs make of a stored request? Who has proved himself on arrival is believed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from adapter.engine.flow import process
from adapter.model import Outcome, Request, Secrets
from adapter.replay.selection import Stored
from adapter.spec.language import Registry, Spec

Address: TypeAlias = Callable[[str], str]
"""What the vendor of a channel posts to, token and all; empty where nobody knows it any more."""


def nowhere(_: str) -> str:
    """No address is known."""
    return ""


@dataclass(frozen=True)
class Judge:
    """Asks the engine. A request that was proved once is not verified again: its token and its time are gone."""

    registry: Registry
    secrets: Secrets
    address: Address = nowhere
    trusting: dict[str, Registry] = field(default_factory=dict)

    def __call__(self, stored: Stored) -> Outcome:
        if stored.proved:
            return _answered(process(self._trusting(stored.vendor), stored.request, self.secrets))
        return process(self.registry, self._addressed(stored.request), self.secrets)

    def _trusting(self, vendor: str) -> Registry:
        """A registry that believes one vendor, and asks all others for their proofs."""
        if vendor not in self.trusting:
            specs = self.registry.specs
            known = {**specs, vendor: believed(specs[vendor])} if vendor in specs else specs
            self.trusting[vendor] = replace(self.registry, specs=known)
        return self.trusting[vendor]

    def _addressed(self, request: Request) -> Request:
        address = self.address(request.channel)
        query = f"?{request.query.decode('latin-1')}" if request.query else ""
        return replace(request, url=f"{address}{request.path}{query}") if address else request


def believed(spec: Spec) -> Spec:
    """The same spec, hash and all, asking for no proof."""
    challenges = tuple(replace(one, rules=()) for one in spec.challenges)
    return replace(spec, verify=(), challenges=challenges)


def _answered(outcome: Outcome) -> Outcome:
    """A handshake that was stored before its spec knew it: it says nothing."""
    return replace(outcome, keep=True) if outcome.code == "challenge" else outcome


def objection(registry: Registry, stored: Stored, outcome: Outcome) -> str:
    """Why a stored request is left as it is, and empty where it is not: only who can read it may change it."""
    if stored.vendor and stored.vendor not in registry.specs:
        return f"the file of {stored.vendor} is gone or has mistakes"
    if outcome.keep and outcome.name not in ("refused", "unmatched"):
        return ""
    if outcome.name == stored.outcome and outcome.code == stored.code:
        return "" if outcome.keep else f"still not proved: {outcome.code}"
    if outcome.code == "unknown_channel":
        return f"there is no channel {stored.request.channel}"
    if not stored.vendor and outcome.keep and outcome.name == "unmatched":
        return ""
    return f"{outcome.vendor or 'nobody'} would take it: {outcome.code or outcome.name}"
