"""How does a receiver know that an event is ours? Headers after https://www.standardwebhooks.com."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable

FORM = re.compile(rb"whsec_([A-Za-z0-9+/]+={0,2})")
SIZES = range(24, 65)
"""Bytes of a key, after the standard."""


class BadSecret(Exception):
    """No key in the standard's form; the message has no part of it."""


def signing_key(value: bytes) -> bytes:
    """The key's bytes. Raises BadSecret."""
    found = FORM.fullmatch(value)
    try:
        plain = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        plain = b""
    if len(plain) not in SIZES:
        raise BadSecret("is not written whsec_ and base64 of 24 to 64 bytes")
    return plain


def usable(values: Iterable[bytes]) -> list[bytes]:
    """The keys among the values: one that is no key hinders none of the others."""
    found = []
    for value in values:
        try:
            found.append(signing_key(value))
        except BadSecret:
            continue
    return found


def headers(id: str, seconds: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:  # noqa: A002
    """With every live key, so that a receiver may change its own at any time; without keys only id and time."""
    signed = f"{id}.{seconds}.".encode() + body
    each = [base64.b64encode(hmac.digest(one, signed, "sha256")).decode() for one in keys]
    signature = {"webhook-signature": " ".join(f"v1,{one}" for one in each)} if each else {}
    return {"webhook-id": id, "webhook-timestamp": str(seconds), **signature}
