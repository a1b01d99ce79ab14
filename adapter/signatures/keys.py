"""What key does a live secret give?"""

import base64
import binascii
from collections.abc import Callable

from adapter.expressions.templates import render
from adapter.signatures.algorithms import BadKey
from adapter.spec.language import Key, Reference

DECODES: dict[str, Callable[[bytes], bytes]] = {
    "": lambda raw: raw,
    "text": lambda raw: raw,
    "base64": lambda raw: base64.b64decode(raw, validate=True),
    "hex": binascii.unhexlify,
}
"""How a key may be written. Public keys need none: PEM, base64 and DER are told apart."""


def key_bytes(key: Key, value: bytes, resolve: Callable[[Reference], bytes]) -> bytes | None:
    """The key of one live value; None for one that belongs to another id. Raises BadKey for what is none."""
    if key.id is not None:
        owner, _, value = value.partition(b":")
        if owner != render(key.id, resolve):
            return None
    plain = decoded(key, value)
    if key.derive is None:
        return plain
    return render(key.derive, lambda one: plain if one.source == "key" else resolve(one))


def decoded(key: Key, value: bytes) -> bytes:
    """A value without its prefix, decoded. Raises BadKey, also for one that is empty then."""
    try:
        raw = DECODES[key.decode](value.removeprefix(key.strip.encode()))
    except (binascii.Error, ValueError) as error:
        raise BadKey(f"secret {key.secret} is not {key.decode}") from error
    if not raw:
        raise BadKey(f"secret {key.secret} is empty")
    return raw
