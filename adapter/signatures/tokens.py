"""Is a JSON Web Token genuine, live, and about this request?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from adapter.model import Json
from adapter.signatures.algorithms import BadKey
from adapter.spec.language import Token

FAMILIES: dict[str, Any] = {"HS": OctKey, "RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}
ALLOWED = (*(f"{family}{size}" for family in ("HS", "RS", "PS", "ES") for size in (256, 384, 512)), "EdDSA")
"""The words of `allow`. `none` is not among them."""


def jwk(key: bytes, allow: Iterable[str]) -> Key:
    """The key for the algorithms of one family. Raises BadKey; a public key is never taken for an HMAC secret."""
    family = next(iter(allow))[:2]
    if family == "HS" and b"-----BEGIN" in key:
        raise BadKey("a PEM key where an HMAC secret is wanted")
    try:
        found: Key = FAMILIES[family].import_key(key)
    except (ValueError, TypeError, JoseError) as error:
        raise BadKey(f"not a key for {family}…") from error
    return found


def claims(token: bytes, key: bytes, expected: Token) -> dict[str, Json] | None:
    """The claims of a token that this key has signed and that has those it must have; None for any other.

    Raises BadKey.
    """
    own = jwk(key, expected.allow)
    try:
        decoded = jwt.decode(token, own, algorithms=list(expected.allow))
    except (JoseError, ValueError, TypeError, UnicodeError):
        return None
    found: dict[str, Json] = decoded.claims
    if any(found.get(name) in (None, "") for name in expected.require):
        return None
    times = _times(found).values()
    return None if any(isinstance(value, bool) or not isinstance(value, int | float) for value in times) else found


def _times(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("exp", "nbf", "iat") if name in found}


def live(found: dict[str, Any], expected: Token, now: datetime) -> bool:
    """Is a genuine token valid at this moment, give or take what clocks may differ?"""
    times, moment = _times(found), now.timestamp()
    late = moment - expected.leeway >= times["exp"] if "exp" in times else False
    return not late and all(times[name] <= moment + expected.leeway for name in ("nbf", "iat") if name in times)


def issue(content: dict[str, Json], private: bytes, allow: tuple[str, ...]) -> bytes:
    """A token with these claims, for examples and tests."""
    header = {"alg": allow[0], "typ": "JWT"}
    return jwt.encode(header, content, jwk(private, allow), algorithms=list(allow)).encode()
