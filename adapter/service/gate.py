"""May this caller post here? Its network and its token decide; a stranger hears the same, whatever is wrong."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from starlette.types import Scope

from adapter.model import Refused, Secrets
from adapter.spec.diagnostics import Span
from adapter.spec.language import Channel, Registry

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

TOKEN_FORM = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What may stand as the last part of a URL."""

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([0-9]+(?:\.[0-9]+){3}):[0-9]+")
RETRY_STATUS = 503


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may post to a channel: `token` is the name of a secret, None where the channel is `open` for a reason.

    `public_url` is what the vendor sees before `/notify`; `span` is where the deployment file says all this.
    """

    channel: Channel
    token: str | None
    open: str
    networks: tuple[Network, ...]
    public_url: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who was let in: the address that it posts from, and the URL as its vendor was given it (token and all)."""

    peer: str
    url: str


Admit: TypeAlias = Callable[[str, str, Scope], Visitor]
"""Takes a channel's name, a token and the ASGI scope. Raises Refused."""


def admission(
    gates: Mapping[str, Gate], proxies: Sequence[Network], registry: Registry, secrets: Callable[[], Secrets]
) -> Admit:
    """What a deployment asks of a caller. The secrets are asked for at each request: they change."""

    def admit(name: str, token: str, scope: Scope) -> Visitor:
        gate = gates.get(name)
        if gate is None:
            raise _not_found("unknown_channel", "no such channel")
        peer = scope["client"][0] if scope["client"] else ""
        found = caller(peer, scope["headers"], proxies)
        if gate.networks and not _within(found, gate.networks):
            raise _not_found("network", f"not from a network of {name}")
        if gate.token is not None:
            _check_token(gate, token, secrets().get(gate.token, ()), registry)
        return Visitor(str(found or peer), gate.public_url and gate.public_url + target(scope))

    return admit


def _not_found(code: str, message: str) -> Refused:
    return Refused(code, message, 404)


def _check_token(gate: Gate, token: str, live: Sequence[bytes], registry: Registry) -> None:
    if not any(live):
        message = f"the token of {gate.channel.name} is not set"
        raise Refused("token_unset", message, retry_status(registry, gate.channel))
    if not same_token(token.encode(), live):
        raise _not_found("token", f"not the token of {gate.channel.name}")


def same_token(token: bytes, live: Iterable[bytes]) -> bool:
    """Is it one of the live values? By hashes of one length, and none ends the search early."""
    digest = sha256(token).digest()
    found = [hmac.compare_digest(digest, sha256(value).digest()) for value in live if value]
    return any(found)


def retry_status(registry: Registry, channel: Channel) -> int:
    """The status that a channel's vendor takes to mean "come again"."""
    specs = registry.of(channel)
    answer = specs[0].answers.get("retry") if len(specs) == 1 else None
    return answer.status if answer else RETRY_STATUS


def target(scope: Scope) -> str:
    """Path and query as they were sent, nothing decoded: what vendors sign."""
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


def caller(peer: str, headers: Headers, proxies: Sequence[Network]) -> Address | None:
    """Who posts: the peer; behind trusted proxies the last one that such a proxy has seen and that is none itself.

    What a caller writes into X-Forwarded-For stands left of what a proxy adds, and is never reached. None for what
    is no address.
    """
    found = address(peer)
    written = b",".join(value for name, value in headers if name == b"x-forwarded-for") if proxies else b""
    entries = written.decode("latin-1").split(",") if written else []
    while entries and _within(found, proxies):
        found = address(entries.pop())
    return found


def address(text: str) -> Address | None:
    """An IP address, also with a port; one of IPv4 that is wrapped in IPv6 is unwrapped."""
    plain = text.strip()
    with_port = _WITH_PORT.fullmatch(plain)
    try:
        found = ip_address(with_port[1] or with_port[2] if with_port else plain)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _within(found: Address | None, networks: Iterable[Network]) -> bool:
    return found is not None and any(found in network for network in networks)
