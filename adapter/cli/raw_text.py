"""How is a stored request shown as text that a person may pass on? Raw HTTP, its passwords masked."""

from adapter.cli.stored import TOKEN
from adapter.model import Request

MASKED = b"masked"
SECRET = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"})
SECRET_WORDS = (b"token", b"password", b"passwd", b"secret", b"api-key", b"apikey", b"auth-key")


def written(request: Request) -> bytes:
    """As `adapter try -` reads it, the body byte for byte; where the token was stands a word of no worth."""
    query = b"?" + request.query if request.query else b""
    target = f"/notify/{request.channel}/{TOKEN}{request.path}".encode() + query
    lines = [b"%s %s" % (request.method.encode(), target)]
    lines += [b"%s: %s" % (name, MASKED if secret(name) else value) for name, value in request.headers]
    return b"\n".join(lines) + b"\n\n" + (request.body + b"\n" if request.body else b"")


def secret(name: bytes) -> bool:
    """May a header of that lower-case name hold a password?"""
    return name in SECRET or any(word in name for word in SECRET_WORDS)
