"""Which address may be connected to? Not this machine and not its neighbours, unless somebody has said so."""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""The addresses of a host's name, as texts. May block. Raises OSError."""

NAT64 = ip_network("64:ff9b::/96")
METADATA = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Where clouds tell a machine's secrets, besides the link-local 169.254.169.254."""


class Forbidden(Exception):
    """A host may not be connected to; the message says why."""


def resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def allowed(texts: Iterable[str], networks: Sequence[Network]) -> list[str]:
    """Those that may be connected to. Raises Forbidden where none may."""
    good: list[str] = []
    reasons: list[str] = []
    for text in texts:
        why = objection(ip_address(text), networks)
        (reasons if why else good).append(f"{text} {why}" if why else text)
    if not good:
        raise Forbidden(reasons[0] if reasons else "the name has no address")
    return good


def objection(address: Address, networks: Sequence[Network]) -> str:
    """Why not; empty where nothing speaks against it. `networks` are the only ones, where there are some."""
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    if any(_never(one) for one in (plain, *_inside(plain))):
        return "is never connected to"
    if networks:
        return "" if any(plain in network for network in networks) else "is in none of its networks"
    if all(one.is_global for one in (plain, *_inside(plain))):
        return ""
    return "is not a public address, and no networks are named"


def _never(address: Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA


def _inside(address: Address) -> Iterator[Address]:
    """Addresses of IPv4 that a gateway would take out of one of IPv6."""
    if isinstance(address, IPv4Address):
        return
    yield from filter(None, (address.sixtofour, *(address.teredo or ())))
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
