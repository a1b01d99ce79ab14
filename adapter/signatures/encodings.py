"""How are signatures and keys written? Reading is strict: what is not well-formed is nothing."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoding:
    """Signature bytes as text. `read` gives None for what is not well-formed."""

    read: Callable[[bytes], bytes | None]
    write: Callable[[bytes], bytes]


_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+={0,2}")


def _from_hex(text: bytes) -> bytes | None:
    return bytes.fromhex(text.decode()) if _HEX.fullmatch(text) else None


def _from_base64(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except binascii.Error:
        return None


def _from_base64url(text: bytes) -> bytes | None:
    if not _BASE64URL.fullmatch(text) or (text.endswith(b"=") and len(text) % 4):
        return None
    plain = text.rstrip(b"=")
    return _from_base64(plain.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(plain) % 4))


ENCODINGS: dict[str, Encoding] = {
    "hex": Encoding(_from_hex, lambda raw: raw.hex().encode()),
    "base64": Encoding(_from_base64, base64.b64encode),
    "base64url": Encoding(_from_base64url, base64.urlsafe_b64encode),
    "text": Encoding(lambda text: text or None, lambda raw: raw),
}
