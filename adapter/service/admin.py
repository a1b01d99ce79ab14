"""Who may see how the adapter does? On this machine alone in open mode, elsewhere whoever has the admin token."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from adapter.model import Secrets
from adapter.service.gate import same_token
from adapter.service.open_mode import objection
from adapter.spec.diagnostics import Path as KeyPath

Door: TypeAlias = Callable[[Mapping[bytes, bytes]], int]
"""Takes the headers, with lower-case names; 200 lets in, anything else is the answer's status."""

Complain: TypeAlias = Callable[[str, KeyPath, str, str], None]

BEARER = b"bearer "


def local(headers: Mapping[bytes, bytes]) -> int:
    """Open mode, where the whole server listens to this machine only."""
    return 403 if objection(headers) else 200


def door(token: str, secrets: Callable[[], Secrets]) -> Door:
    """A deployment's, whoever asks and from where: a proxy on the same machine makes everybody local."""

    def guarded(headers: Mapping[bytes, bytes]) -> int:
        said = headers.get(b"authorization", b"")
        given = said[len(BEARER) :].strip() if said[: len(BEARER)].lower() == BEARER else b""
        return 200 if same_token(given, secrets().get(token, ())) else 401

    return guarded


def check_admin(data: Mapping[str, Any], complain: Complain) -> str:
    """The name of the admin token, or "". CHAN011: a vendor that knows its URL would know the admin token too."""
    name: str = data.get("admin", {}).get("token", "")
    users = [channel for channel, one in data["channels"].items() if name and one.get("token") == name]
    for channel in users:
        complain("CHAN011", ("admin", "token"), f"'{name}' is also the token of {channel}, so its vendor knows it",
                 "give it a name of its own")  # fmt: skip
    return name
