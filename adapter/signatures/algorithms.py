"""Which algorithms are there? A signature is made with a key and tried with one; comparing takes constant time."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import load_pem_x509_certificate


class BadKey(ValueError):
    """A secret that is no key for its algorithm. The message never has a part of it."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """`keyed` ones need `key:`. `make` takes the key that signs, `matches` the one that checks; for all but the
    asymmetric ones that is the same; `pair` gives them a private and a public key, by a number, for tests."""

    keyed: bool
    make: Callable[[bytes, bytes], bytes]
    matches: Callable[[bytes, bytes, bytes], bool]
    pair: Callable[[int], tuple[bytes, bytes]] | None = None


def _symmetric(keyed: bool, make: Callable[[bytes, bytes], bytes]) -> Algorithm:
    return Algorithm(keyed, make, lambda key, message, signature: hmac.compare_digest(make(key, message), signature))


def _digest(name: str) -> Algorithm:
    return _symmetric(False, lambda _, message: hashlib.new(name, message, usedforsecurity=False).digest())


def _hmac(name: str) -> Algorithm:
    return _symmetric(True, lambda key, message: hmac.digest(key, message, name))


@lru_cache(maxsize=1024)
def public_key(written: bytes) -> Any:
    """A public key as PEM (key or certificate), base64 or bytes of DER (SPKI), or the 32 bytes of Ed25519.

    Raises BadKey.
    """
    try:
        if written.lstrip().startswith(b"-----BEGIN CERTIFICATE"):
            return load_pem_x509_certificate(written).public_key()
        if written.lstrip().startswith(b"-----BEGIN"):
            return serialization.load_pem_public_key(written)
        raw = _unwrapped(written)
        return (
            ed25519.Ed25519PublicKey.from_public_bytes(raw)
            if len(raw) == 32
            else serialization.load_der_public_key(raw)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not a public key in PEM, base64 or DER") from error


def _unwrapped(written: bytes) -> bytes:
    if len(written) == 32 or written[:1] == b"\x30":
        return written
    try:
        return base64.b64decode(b"".join(written.split()), validate=True)
    except binascii.Error as error:
        raise BadKey("not a public key in PEM, base64 or DER") from error


def _private(written: bytes) -> Any:
    return serialization.load_pem_private_key(written, None)


def _asymmetric(
    kind: type,
    check: Callable[[Any, bytes, bytes], None],
    make: Callable[[Any, bytes], bytes],
    new: Callable[[], Any],
) -> Algorithm:
    def matches(key: bytes, message: bytes, signature: bytes) -> bool:
        public = public_key(key)
        if not isinstance(public, kind) or getattr(public, "curve", P256).name != P256.name:
            raise BadKey("a key for another algorithm")
        try:
            check(public, signature, message)
        except InvalidSignature:
            return False
        return True

    return Algorithm(
        True, lambda key, message: make(_private(key), message), matches, lambda number: _pair(new, number)
    )


@cache
def _pair(new: Callable[[], Any], _: int) -> tuple[bytes, bytes]:
    private = new()
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return secret, public


def _rsa(digest: hashes.HashAlgorithm) -> Algorithm:
    return _asymmetric(
        rsa.RSAPublicKey,
        lambda key, signature, message: key.verify(signature, message, padding.PKCS1v15(), digest),
        lambda key, message: bytes(key.sign(message, padding.PKCS1v15(), digest)),
        _new_rsa,
    )


def _new_rsa() -> Any:
    return rsa.generate_private_key(65537, 2048)


def _new_p256() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
P256 = ec.SECP256R1()
_ECDSA = ec.ECDSA(hashes.SHA256())

ALGORITHMS: dict[str, Algorithm] = {
    **{name: _digest(name) for name in _HASHES},
    **{f"hmac-{name}": _hmac(name) for name in _HASHES},
    "rsa-sha1": _rsa(hashes.SHA1()),  # noqa: S303  (vendors still sign with it: RFC 8017, 8.2)
    "rsa-sha256": _rsa(hashes.SHA256()),
    "ecdsa-sha256": _asymmetric(
        ec.EllipticCurvePublicKey,
        lambda key, signature, message: key.verify(signature, message, _ECDSA),
        lambda key, message: bytes(key.sign(message, _ECDSA)),
        _new_p256,
    ),
    "ed25519": _asymmetric(
        ed25519.Ed25519PublicKey,
        lambda key, signature, message: key.verify(signature, message),
        lambda key, message: bytes(key.sign(message)),
        ed25519.Ed25519PrivateKey.generate,
    ),
    "equal": _symmetric(False, lambda _, message: message),
}
"""By the word under `is`. `jwt` stands beside them: it carries its own message (tokens.py)."""
