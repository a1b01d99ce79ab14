"""What is a sink, what is it given, and what may it answer? The contract that every type of sink keeps.

A type of sink is one function and one row of the table SINKS. The function is an asynchronous context manager: it
takes the `Sink` and the `Means`, holds open what it needs (a client, a file), and gives a `Send`. A `Send` takes one
or more parcels and gives one answer for each, in the same order; it is called by several tasks at once, as the row
says. It never raises for what the other side does: whatever goes wrong is an `Answer`. It may be cancelled at any
moment; what it was sending is then sent again, by somebody, later.
"""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, TypeAlias

from adapter.delivery.addresses import Resolve, resolve
from adapter.model import Secrets
from adapter.spec.diagnostics import Span

Network: TypeAlias = IPv4Network | IPv6Network

ATTEMPTS = 24
"""With the pauses of backoff.py: about three days."""


@dataclass(frozen=True, slots=True)
class Sink:
    """Where events go: `type` is a key of SINKS, `target` a URL or a path. An empty filter lets everything through.

    `secret` is the name of a secret, empty where the sink is `unsigned` for a reason. `timeout` is in seconds.
    """

    name: str
    type: str
    target: str
    kinds: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    secret: str = ""
    unsigned: str = ""
    networks: tuple[Network, ...] = ()
    timeout: float = 10.0
    concurrency: int = 8
    attempts: int = ATTEMPTS
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way: `body` is the stored envelope's bytes, `attempts` how often it was tried before."""

    seq: int
    id: str
    message: bytes
    attempts: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a parcel. `reason` is in our words, short, and of few kinds: never what was answered, no secret.

    `failed` is tried again later, `dead` never; `held` was not tried at all, for a reason of our own, and counts as no
    attempt. `wait` is how many seconds the sink asks to be left alone.
    """

    verdict: Literal["delivered", "failed", "dead", "held"]
    reason: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a sink needs of the world: the secrets of now, the time, names' addresses, whose certificates to trust."""

    secrets: Callable[[], Secrets]
    clock: Callable[[], datetime]
    resolve: Resolve = resolve
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)


Send: TypeAlias = Callable[[Sequence[Parcel]], Awaitable[Sequence[Answer]]]
Open: TypeAlias = Callable[[Sink, Means], AbstractAsyncContextManager[Send]]


@dataclass(frozen=True, slots=True)
class SinkType:
    """`together` is how many parcels one call takes at most; where order matters calls are made one by one: `alone`."""

    open: Open
    together: int = 1
    alone: bool = False
