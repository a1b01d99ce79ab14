"""How is a compressed body inflated without becoming a bomb?"""

import zlib

MAX_INFLATED = 8 << 20
"""Bytes: eight times what a request may have by default."""

MAX_MEMBERS = 100
"""Members of one gzip body (RFC 1952, 2.2): nobody writes more into a callback, but to hurt."""

_GZIP = 31
_FORMATS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (15, -15)}
"""zlib's window bits: what calls itself deflate comes with and without its wrapper."""


def inflate(body: bytes, encoding: str) -> bytes:
    """A body as it was before its Content-Encoding. Raises ValueError for an unknown encoding, a broken or
    truncated body, or one that inflates to more than 8 MiB."""
    if encoding in ("", "identity"):
        return body
    if encoding not in _FORMATS:
        raise ValueError(f"the encoding {encoding[:40]} is not known")
    for bits in _FORMATS[encoding]:
        try:
            return _inflated(body, bits)
        except zlib.error as error:
            problem = error
    raise ValueError(f"not {encoding}: {problem}")


def _inflated(body: bytes, bits: int) -> bytes:
    """Of gzip all members, one after another."""
    pieces: list[bytes] = []
    room = MAX_INFLATED
    for _ in range(MAX_MEMBERS):
        piece, body = _member(body, bits, room)
        pieces.append(piece)
        room -= len(piece)
        if not body:
            return b"".join(pieces)
        if bits != _GZIP or not body.startswith(b"\x1f\x8b"):
            raise ValueError("something stands behind the compressed data")
    raise ValueError(f"more than {MAX_MEMBERS} gzip members")


def _member(body: bytes, bits: int, room: int) -> tuple[bytes, bytes]:
    """One compressed piece inflated, and what stands behind it."""
    machine = zlib.decompressobj(bits)
    content = machine.decompress(body, room + 1)  # 0 would be no limit
    if len(content) > room:
        raise ValueError(f"inflates to more than {MAX_INFLATED} bytes")
    if not machine.eof:
        raise ValueError("compressed data that does not end")
    return content, machine.unused_data
