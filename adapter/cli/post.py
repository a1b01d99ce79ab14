"""How is a request sent as it is written, and its answer heard?"""

from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from adapter.http_text import Written
from adapter.model import Ack

TRANSPORT = frozenset({b"connection", b"content-length", b"date", b"host", b"transfer-encoding"})
"""Headers that one of the two ends adds by itself."""


def connect(base: str, seconds: float) -> HTTPConnection:
    """A connection to the host of a URL, made when the first request is sent."""
    parts = urlsplit(base)
    made = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return made(parts.hostname or "", parts.port, timeout=seconds)


def hear(connection: HTTPConnection, target: str, written: Written) -> Ack:
    """Send a request byte for byte to a path, and hear the answer. Raises OSError and HTTPException."""
    connection.putrequest(written.method, target, skip_accept_encoding=True)
    for name, value in written.headers:
        if name not in TRANSPORT:
            connection.putheader(name.decode(), value)
    connection.putheader("content-length", str(len(written.body)))
    connection.endheaders(written.body)
    return _answer(connection.getresponse())


def _answer(response: HTTPResponse) -> Ack:
    headers = ((name.lower().encode(), value.encode("latin-1")) for name, value in response.getheaders())
    return Ack(response.status, tuple(one for one in headers if one[0] not in TRANSPORT), response.read())
