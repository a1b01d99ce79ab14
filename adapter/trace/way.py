"""The whole way of one callback, in the order in which it goes: claim, signature, events, answer."""

from dataclasses import dataclass, replace

from adapter.engine.challenge import challenged
from adapter.engine.decode import decode
from adapter.model import Json, Outcome, Request, Secrets
from adapter.observed import Observed, observe
from adapter.rehearsal import bound
from adapter.spec.language import Channel, Registry, Rule, Spec
from adapter.trace.claims import Claim, claim
from adapter.trace.fields import Entry, entries
from adapter.trace.masking import Mask, mask
from adapter.trace.names import unused
from adapter.trace.signature import Step, steps


@dataclass(frozen=True, slots=True)
class Way:
    """`would` is the outcome if the signature held. Without a spec there are only claims."""

    spec: Spec | None
    claims: tuple[Claim, ...]
    steps: tuple[Step, ...] = ()
    handshake: bool = False
    entries: tuple[Entry, ...] = ()
    unused: tuple[str, ...] = ()
    would: Outcome | None = None


def way(everybody: Registry, spec: Spec | None, request: Request, secrets: Secrets) -> Way:
    """Ask every spec of a request's channel, and follow it as `spec`'s. Nothing of a secret is in what it gives."""
    channel = everybody.channel(request.channel) or Channel(request.channel, None)
    hidden = mask(_of_channel(secrets, channel))
    asked = list(everybody.of(channel))
    if spec and spec.vendor not in [one.vendor for one in asked]:
        asked.append(spec)
    claims = tuple(_masked(claim(one, request), hidden) for one in asked)
    return _followed(everybody, channel, spec, request, secrets, claims) if spec else Way(None, claims)


def _masked(found: Claim, hidden: Mask) -> Claim:
    return replace(found, why=hidden.hide(found.why))


def _of_channel(secrets: Secrets, channel: Channel) -> Secrets:
    return {**secrets, **{name: secrets.get(other, ()) for name, other in channel.secrets.items()}}


def _followed(
    everybody: Registry, channel: Channel, spec: Spec, request: Request, secrets: Secrets, claims: tuple[Claim, ...]
) -> Way:
    secrets = _of_channel(secrets, channel)
    hidden = mask(secrets)
    rules, handshake = _rules(spec, request)
    told = steps(spec, rules, request, secrets, hidden)
    open_one = replace(spec, verify=(), settings={**spec.settings, **channel.settings})
    observed: Observed = observe(bound(open_one, everybody.kinds, request.channel), open_one, request, secrets)
    left = () if handshake else tuple(map(hidden.hide, unused(_with_rules(observed, spec))))
    return Way(spec, claims, told, handshake, entries(observed, hidden), left, observed.outcome)


def _with_rules(observed: Observed, spec: Spec) -> Observed:
    """The same, with the rules that were left out: they read some of the payload too."""
    return replace(observed, spec=spec)


def _rules(spec: Spec, request: Request) -> tuple[tuple[Rule, ...], bool]:
    """The rules that this request must satisfy, and whether it is a handshake."""

    def tree(reader: Spec) -> Json:
        return decode(request, reader.manner).tree

    found = challenged([(spec, entry) for entry in spec.challenges], request, tree)
    return (found[1].rules, True) if found else (spec.verify, False)
