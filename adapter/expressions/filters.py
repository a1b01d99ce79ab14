"""What may stand behind `|` in a template? Functions from bytes to bytes."""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes
from xml.sax.saxutils import escape

import orjson

from adapter.formats.compressed import inflate


@dataclass(frozen=True, slots=True)
class BytesFilter:
    """A filter by its name; `arguments` counts the references it takes."""

    doc: str
    call: Callable[..., bytes]
    arguments: int = 0


def _digest(name: str) -> BytesFilter:
    digest = getattr(hashlib, name)
    return BytesFilter(f"the {name} digest, as bytes", lambda raw: digest(raw, usedforsecurity=False).digest())


def _hmac(name: str) -> BytesFilter:
    return BytesFilter(f"the HMAC-{name} with a secret, as bytes", lambda raw, key: hmac.digest(key, raw, name), 1)


_PORTS = {b"http": b"80", b"https": b"443"}


def _split(url: bytes) -> tuple[bytes, bytes, bytes]:
    """Scheme, host with port, and the rest from the first slash on."""
    scheme, _, rest = url.partition(b"://")
    host, slash, tail = rest.partition(b"/")
    return scheme, host, slash + tail


def _no_port(url: bytes) -> bytes:
    scheme, host, rest = _split(url)
    name, colon, port = host.rpartition(b":")
    return scheme + b"://" + (name if colon and port.isdigit() else host) + rest


def _with_port(url: bytes) -> bytes:
    scheme, host, rest = _split(url)
    _, colon, port = host.rpartition(b":")
    known = _PORTS.get(scheme, b"")
    return scheme + b"://" + (host if (colon and port.isdigit()) or not known else host + b":" + known) + rest


def _swap(raw: bytes, old: bytes, new: bytes) -> bytes:
    if raw.count(old) != 1:
        raise ValueError("the text to swap is not there exactly once")
    return raw.replace(old, new)


def _inflate(raw: bytes, encoding: bytes) -> bytes:
    return inflate(raw, encoding.decode("latin-1").strip().lower())


_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")

FILTERS: dict[str, BytesFilter] = {
    **{name: _digest(name) for name in _HASHES},
    **{f"hmac-{name}": _hmac(name) for name in _HASHES},
    "hex": BytesFilter("bytes as lower-case hex", lambda raw: raw.hex().encode()),
    "base64": BytesFilter("bytes as base64", base64.b64encode),
    "base64url": BytesFilter("bytes as base64url with padding", base64.urlsafe_b64encode),
    "crc32": BytesFilter("the CRC-32 as a decimal number", lambda raw: str(zlib.crc32(raw)).encode()),
    "lower": BytesFilter("ASCII letters in lower case", bytes.lower),
    "upper": BytesFilter("ASCII letters in upper case", bytes.upper),
    "strip": BytesFilter("without blanks at both ends", bytes.strip),
    "urlencode": BytesFilter("percent-encoded (RFC 3986)", lambda raw: quote_from_bytes(raw, safe="-._~").encode()),
    "urldecode": BytesFilter("%XX decoded once", unquote_to_bytes),
    "slash": BytesFilter("with one slash at the end", lambda raw: raw if raw.endswith(b"/") else raw + b"/"),
    "no-query": BytesFilter("a URL without its query", lambda raw: raw.partition(b"?")[0]),
    "no-port": BytesFilter("a URL without its port", _no_port),
    "with-port": BytesFilter("a URL with the port of its scheme", _with_port),
    "swap": BytesFilter("swap(a, b): the one place that says a says b instead", _swap, 2),
    "inflate": BytesFilter("inflate(header.Content-Encoding): a compressed body, inflated", _inflate, 1),
    "json": BytesFilter("the JSON in a text, whose members {let.name.path} gives", lambda raw: raw),
    # Not for authors: what is filled into an answer is escaped as its form demands.
    "\0json": BytesFilter("", lambda raw: orjson.dumps(raw.decode(errors="replace"))[1:-1]),
    "\0xml": BytesFilter("", lambda raw: escape(raw.decode(errors="replace"), {'"': "&quot;"}).encode()),
}
