"""How is a request written down? Raw HTTP text, as pasted from a page, a log or a capture."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from adapter.formats.charsets import charset
from adapter.model import Request

NOTIFY = re.compile(r"/notify/([A-Za-z0-9._-]{1,64})/([A-Za-z0-9._-]{1,64})/([A-Za-z0-9._-]{1,64})(/.*)?")
"""`/notify/{family}/{channel}/{token}` and a tail."""

_LINE = re.compile(r"([A-Z]{1,20}) +(\S+)(?: +HTTP/[0-9.]+)?\s*")


class BadRequestText(ValueError):
    """A text that is no HTTP request; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Written:
    """A request as written: `target` is path and query; header names are lower case."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def with_header(self, name: bytes, value: bytes | None) -> "Written":
        """One header of that name with this value, or none."""
        others = tuple(header for header in self.headers if header[0] != name)
        return replace(self, headers=others if value is None else (*others, (name, value)))


def parse(text: str) -> Written:
    """Read a request. HTTP version and Host may be missing, Content-Length is ignored, and one final line
    break is not part of the body, which is encoded as its Content-Type says. Raises BadRequestText."""
    head, _, body = text.lstrip("\r\n").replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    found = _LINE.fullmatch(first)
    if not found:
        raise BadRequestText(f"'{first[:60]}' is no request line: write one such as POST /notify/sms/1/111")
    headers = tuple(_header(line) for line in lines if line.strip())
    kept = tuple(header for header in headers if header[0] != b"content-length")
    if dict(kept).get(b"content-type", b"").lower().startswith(b"multipart/"):
        body = body.replace("\n", "\r\n")  # RFC 2046, 4.1.1
        return Written(found[1], found[2], kept, body.encode())
    try:
        content = body.removesuffix("\n").encode(_charset(kept))
    except UnicodeEncodeError as error:
        raise BadRequestText(f"the body has characters that {error.encoding}, its charset, cannot write") from error
    return Written(found[1], found[2], kept, content)


def _header(line: str) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(":")
    if not colon or not name or " " in name.strip():
        raise BadRequestText(f"'{line[:60]}' is no header: write Name: value, and a blank line before the body")
    return name.strip().lower().encode(), value.strip().encode()


def _charset(headers: tuple[tuple[bytes, bytes], ...]) -> str:
    said = re.search(r"charset=\"?([\w-]+)", dict(headers).get(b"content-type", b"").decode("latin-1"), re.I)
    return (charset(said[1]) if said else None) or "utf-8"


def request(written: Written, received_at: datetime, request_id: str = "") -> Request:
    """The request as the adapter would see it: its token is stripped; outside `/notify/` the path is the tail."""
    path, _, query = written.target.partition("?")
    if "://" in path:  # the absolute form, RFC 9112, 3.2.2
        path = "/" + path.partition("://")[2].partition("/")[2]
    found = NOTIFY.fullmatch(path)
    channel, tail = (f"{found[1]}/{found[2]}", found[4] or "") if found else ("sms/1", path.rstrip("/"))
    host = dict(written.headers).get(b"host", b"callbacks.example").decode("latin-1")
    url = written.target if "://" in written.target else f"https://{host}{written.target}"
    return Request(
        method=written.method,
        channel=channel,
        path=tail,
        query=query.encode(),
        headers=written.headers,
        body=written.body,
        received_at=received_at,
        id=request_id,
        url=url,
    )
