"""How is a compressed body inflated without becoming a bomb?"""

import zlib

MAX_INFLATED = 8 << 20
"""Bytes: eight times what a request may have by default."""

_FORMATS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
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
    machine = zlib.decompressobj(bits)
    content = machine.decompress(body, MAX_INFLATED)
    if machine.unconsumed_tail:
        raise ValueError(f"inflates to more than {MAX_INFLATED} bytes")
    if not machine.eof:
        raise ValueError("compressed data that does not end")
    if machine.unused_data:
        raise ValueError("something stands behind the compressed data")
    return content
