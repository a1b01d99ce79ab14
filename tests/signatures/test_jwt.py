"""Is a JSON Web Token believed only when the right key, the right algorithm and the right claims meet in time?"""

import base64
import hashlib
import hmac
import json
import re
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from adapter.signatures.algorithms import ALGORITHMS
from tests.signatures.schemes import callback, signing, verdict
from tests.specs import ARRIVAL

NOW = int(ARRIVAL.timestamp())
SECRET = b"a secret of some length"
BODY = b'{"id": 1}'
DIGEST = hashlib.sha256(BODY).hexdigest()
GOOD = {"iss": "vendor", "iat": NOW, "exp": NOW + 300, "payload_hash": DIGEST}
RULE = (
    'header: Authorization, prefix: "Bearer ", is: jwt, key: k, allow: [HS256], leeway: 10s,'
    ' claims: {iss: vendor, payload_hash: "{body|sha256|hex}"}'
)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: Any, key: bytes = SECRET, alg: str = "HS256", **header: Any) -> str:
    """A token by hand: header and claims as they are given."""
    signed = f"{b64(json.dumps({'alg': alg, 'typ': 'JWT', **header}).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(hmac.new(key, signed.encode(), 'sha256').digest())}"


def said(written: str, body: bytes = BODY, rule: str = RULE, key: bytes = SECRET, scheme: str = "Bearer ") -> str:
    return verdict(signing(rule), callback(body, {"Authorization": scheme + written}), {"acme.k": (key,)})


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"exp": NOW}, True),                                   # within the leeway
        ({"exp": NOW - 9}, True),
        ({"exp": NOW - 10}, "stale"),
        ({"exp": NOW - 3600}, "stale"),
        ({"exp": None}, False),
        ({"exp": ""}, False),
        ({"exp": str(NOW + 300)}, False),
        ({"exp": True}, False),
        ({"exp": [NOW + 300]}, False),
        ({"exp": NOW + 0.5}, True),
        ({"nbf": NOW}, True),
        ({"nbf": NOW + 10}, True),
        ({"nbf": NOW + 11}, "stale"),
        ({"nbf": "soon"}, False),
        ({"iat": NOW + 10}, True),
        ({"iat": NOW + 11}, "stale"),
        ({"iat": NOW - 86400}, True),
        ({"iss": "somebody"}, False),
        ({"iss": None}, False),
        ({"iss": ["vendor"]}, False),
        ({"iss": {"vendor": 1}}, False),
        ({"payload_hash": hashlib.sha256(b"{}").hexdigest()}, False),
        ({"payload_hash": None}, False),
        ({"payload_hash": DIGEST.upper()}, False),
        ({"payload_hash": ""}, False),
        ({"more": {"of": ["anything"]}}, True),
    ],
)  # fmt: skip
def test_every_claim_must_be_right(change: dict[str, Any], good: bool | str) -> None:
    assert said(token({**GOOD, **change})) == ("" if good is True else good or "bad_signature")


@pytest.mark.parametrize("missing", ["exp", "iss", "payload_hash"])
def test_a_claim_that_is_wanted_may_not_be_absent(missing: str) -> None:
    assert said(token({name: value for name, value in GOOD.items() if name != missing})) == "bad_signature"


def test_more_claims_can_be_wanted() -> None:
    rule = RULE.replace("claims:", "require: [exp, nbf, jti], claims:")
    assert said(token(GOOD), rule=rule) == "bad_signature"
    assert said(token({**GOOD, "nbf": NOW, "jti": ""}), rule=rule) == "bad_signature"
    assert said(token({**GOOD, "nbf": NOW, "jti": "1"}), rule=rule) == ""


NONE = f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(GOOD).encode())}."


@pytest.mark.parametrize(
    "written",
    [
        "", ".", "..", "a.b.c", NONE, NONE.replace(".", "..", 1), token(GOOD)[:-1], token(GOOD) + "A",
        token(GOOD)[:-2] + "AA", token(GOOD) + " " + token(GOOD), token(GOOD, alg="none"), token(GOOD, alg="None"),
        token(GOOD, alg="HS512"), token(GOOD, alg="RS256"), token(GOOD, alg="ES256"), token(GOOD, alg=""),
        token(GOOD, key=b"another secret of some length"), token(GOOD, key=b""), token([GOOD]), token("text"),
        token(GOOD, crit=["exp"]), token(GOOD, b64=False), "é" + token(GOOD), token(GOOD).replace(".", "\x00.", 1),
        re.sub(r"\.(.*)\.", f".{b64(json.dumps({**GOOD, 'iss': 'x'}).encode())}.", token(GOOD)),
    ],
)  # fmt: skip
def test_whatever_is_no_token_of_ours_is_refused(written: str) -> None:
    assert said(written) == "bad_signature"


def test_a_key_in_the_header_of_a_token_is_never_used() -> None:
    own = b"a key that the sender brings along"
    for header in (
        {"jwk": {"kty": "oct", "k": b64(own)}},
        {"jku": "https://evil.example/keys"},
        {"kid": "../../dev/null"},
    ):
        assert said(token(GOOD, key=own, **header)) == "bad_signature"
        assert said(token(GOOD, **header)) == ""


@pytest.mark.parametrize(
    ("scheme", "good"), [("Bearer ", True), ("bearer ", True), ("", False), ("Basic ", False), ("Bearer", False)]
)
def test_the_scheme_of_the_header_counts_in_any_case(scheme: str, good: bool) -> None:
    assert said(token(GOOD), scheme=scheme) == ("" if good else "bad_signature")


KINDS: dict[str, tuple[str, Any]] = {
    "RS256": ("rsa-sha256", RSAKey), "PS256": ("rsa-sha256", RSAKey), "ES256": ("ecdsa-sha256", ECKey),
    "EdDSA": ("ed25519", OKPKey),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # by RFC 9864; vendors go on sending it
@pytest.mark.parametrize("alg", KINDS)
def test_tokens_of_public_keys(alg: str) -> None:
    name, kind = KINDS[alg]
    pair = ALGORITHMS[name].pair
    assert pair
    (private, public), (_, other) = pair(0), pair(1)
    rule = RULE.replace("HS256", alg)
    written = jwt.encode({"alg": alg}, GOOD, kind.import_key(private), algorithms=[alg])
    assert said(written, rule=rule, key=public) == ""
    assert said(written, b"{}", rule=rule, key=public) == "bad_signature"
    assert said(written, rule=rule, key=other) == "bad_signature"
    assert said(NONE, rule=rule, key=public) == "bad_signature"
    assert said(token(GOOD, key=public), rule=rule, key=public) == "bad_signature"
    assert said(written, rule=rule, key=b"a secret that is no public key") == "secret_unset"


@pytest.mark.parametrize("name", ["rsa-sha256", "ecdsa-sha256", "ed25519"])
def test_a_public_key_where_a_secret_is_wanted_closes_the_channel(name: str) -> None:
    """Else everybody who knows the public key could sign with it."""
    pair = ALGORITHMS[name].pair
    assert pair
    public = pair(0)[1]
    assert said(token(GOOD, key=public), key=public) == "secret_unset"


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_only_the_algorithms_of_the_rule_are_taken(alg: str) -> None:
    written = jwt.encode({"alg": alg}, GOOD, OctKey.import_key(SECRET), algorithms=[alg])
    for allowed in ("[HS256]", "[HS384]", "[HS512]", "[HS256, HS384, HS512]"):
        expected = "" if alg in allowed else "bad_signature"
        assert said(written, rule=RULE.replace("[HS256]", allowed)) == expected


URL = "https://callbacks.example/cb?id=1&status=delivered"
BOTH = (
    "header: X-Jwt, is: jwt, key: k, allow: [HS256, HS384, HS512], require: [exp, nbf, iss], leeway: 1s,"
    ' claims: {iss: vendor, url_hash: "{url|sha256|hex}", payload_hash: "%s"}'
)
EMPTY = '{left: "={body}", right: "="}'
PAYLOAD = (
    f"any: [{{when: {{method: GET}}, {BOTH % ''}, check: [{EMPTY}]}},"
    f" {{when: {{method: POST}}, {BOTH % '{body|sha256|hex}'}}}]"
)


@pytest.mark.parametrize(
    ("method", "body", "payload", "good"),
    [
        ("GET", b"", None, True),
        ("GET", b"", hashlib.sha256(b"").hexdigest(), False),
        ("GET", b"x=1", None, False),                           # a body that nothing has signed
        ("POST", b"x=1", hashlib.sha256(b"x=1").hexdigest(), True),
        ("POST", b"x=1", None, False),
        ("POST", b"x=2", hashlib.sha256(b"x=1").hexdigest(), False),
        ("PUT", b"x=1", hashlib.sha256(b"x=1").hexdigest(), False),
    ],
)  # fmt: skip
def test_without_a_body_its_hash_must_be_absent(method: str, body: bytes, payload: str | None, good: bool) -> None:
    claims = {"iss": "vendor", "nbf": NOW, "exp": NOW + 60, "url_hash": hashlib.sha256(URL.encode()).hexdigest()}
    claims |= {"payload_hash": payload} if payload else {}
    request = callback(body, {"X-Jwt": token(claims)}, URL, method)
    assert verdict(signing(PAYLOAD, body="[query, form]"), request, {"acme.k": (SECRET,)}) == (
        "" if good else "bad_signature"
    )
    other = callback(body, {"X-Jwt": token(claims)}, URL.replace("delivered", "failed"), method)
    assert verdict(signing(PAYLOAD, body="[query, form]"), other, {"acme.k": (SECRET,)}) == "bad_signature"


def test_a_claim_can_be_written_in_base64() -> None:
    rule = RULE.replace("{body|sha256|hex}", "{body|sha256|base64}")
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert said(token({**GOOD, "payload_hash": digest}), rule=rule) == ""
    assert said(token(GOOD), rule=rule) == "bad_signature"


def test_a_claim_stands_in_a_check() -> None:
    rule = RULE + ', check: [{left: "{claim.channel}", right: "{header.X-Channel}"}]'
    for channel, good in (("one", True), ("two", False), (None, False), (1, False)):
        request = callback(BODY, {"Authorization": f"Bearer {token({**GOOD, 'channel': channel})}", "X-Channel": "one"})
        assert verdict(signing(rule), request, {"acme.k": (SECRET,)}) == ("" if good else "bad_signature")


def test_every_live_secret_of_a_token_is_tried() -> None:
    live = (b"an older secret of some length", SECRET)
    request = callback(BODY, {"Authorization": f"Bearer {token(GOOD)}"})
    assert verdict(signing(RULE), request, {"acme.k": live}) == ""
    assert verdict(signing(RULE), request, {"acme.k": live[:1]}) == "bad_signature"
