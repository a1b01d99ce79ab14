"""Does this caller sit at this machine? The only guard where no channel has a token."""

import re
from collections.abc import Mapping

from starlette.types import Scope

from adapter.model import Refused
from adapter.service.gate import Visitor, target

LOOPBACK = re.compile(rb"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})


def objection(headers: Mapping[bytes, bytes]) -> str | None:
    """Why a request is not from here, or None: a name that was made to lead here, a proxy, another site's page."""
    host = headers.get(b"host", b"")
    if LOOPBACK.fullmatch(host) is None:
        return "its Host is not localhost, 127.0.0.1 or [::1]"
    if not FORWARDED.isdisjoint(headers):
        return "it was forwarded by a proxy"
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != host:
        return "it comes from another site's page"
    return None


def admit(_: str, __: str, scope: Scope) -> Visitor:
    """Whoever sits here, with any token. Raises Refused."""
    headers = dict(scope["headers"])
    reason = objection(headers)
    if reason is not None:
        raise Refused("forbidden", f"open mode serves this machine only: {reason}", 403)
    peer = scope["client"]
    return Visitor(peer[0] if peer else "", f"http://{headers[b'host'].decode('latin-1')}{target(scope)}")
