"""Which key does a live secret give, and what if it gives none?"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest

from adapter.engine.flow import process
from adapter.rehearsal import bound
from adapter.signatures.algorithms import ALGORITHMS
from adapter.spec.language import Spec
from tests.signatures.schemes import all_schemes, callback, signing, verdict
from tests.specs import loaded

BODY = b'{"id": 1}'


def keyed(key: str, header: str = "X-Sign") -> Spec:
    return signing(f'header: {header}, is: hmac-sha256, key: {key}, of: "{{body}}"')


def said(spec: Spec, signing_key: bytes, live: tuple[bytes, ...]) -> str:
    headers = {"X-Sign": hmac.new(signing_key, BODY, "sha256").hexdigest(), "X-Id": "two"}
    return verdict(spec, callback(BODY, headers), {"acme.k": live})


PLAIN, BASE64, HEX = "k", "{secret: k, decode: base64}", "{secret: k, decode: hex}"
STRIPPED = "{secret: k, strip: whsec_, decode: base64}"
DERIVED = '{secret: k, derive: "{key|sha1}"}'
OWNED = '{secret: k, id: "{header.X-Id}"}'


@pytest.mark.parametrize(
    ("key", "live", "signing_key", "code"),
    [
        (PLAIN, (b"key",), b"key", ""),
        (PLAIN, (b"key\xff\x00",), b"key\xff\x00", ""),
        (PLAIN, (b"key",), b"other", "bad_signature"),
        (BASE64, (b"a2V5",), b"key", ""),
        (BASE64, (b"a2V5",), b"a2V5", "bad_signature"),
        (HEX, (b"6B6579",), b"key", ""),
        (STRIPPED, (b"whsec_a2V5",), b"key", ""),
        (STRIPPED, (b"a2V5",), b"key", ""),                     # some consoles show it without
        ("{secret: k, strip: whsec_}", (b"whsec_key",), b"key", ""),
        (DERIVED, (b"private",), hashlib.sha1(b"private").digest(), ""),
        (DERIVED, (b"private",), b"private", "bad_signature"),
        ('{secret: k, derive: "{key|sha256|hex}"}', (b"x",), hashlib.sha256(b"x").hexdigest().encode(), ""),
        ('{secret: k, strip: p_, decode: base64, derive: "{key}!"}', (b"p_a2V5",), b"key!", ""),
        (OWNED, (b"one:first", b"two:second"), b"second", ""),
        (OWNED, (b"one:first", b"two:second"), b"first", "bad_signature"),
        (OWNED, (b"one:first",), b"first", "bad_signature"),
        (OWNED, (b"first",), b"first", "bad_signature"),
        ('{secret: k, id: "{header.X-Id}", decode: base64}', (b"two:a2V5",), b"key", ""),
    ],
)  # fmt: skip
def test_a_key_is_stripped_decoded_and_derived_in_that_order(
    key: str, live: tuple[bytes, ...], signing_key: bytes, code: str
) -> None:
    assert said(keyed(key), signing_key, live) == code


@pytest.mark.parametrize(
    ("key", "live"),
    [
        (PLAIN, ()),
        (PLAIN, (b"",)),
        (PLAIN, (b"", b"")),
        (BASE64, (b"no base64!",)),
        (BASE64, (b"a2V",)),
        (BASE64, (b"====",)),
        (HEX, (b"6b657",)),
        (HEX, (b"6b 65 79",)),
        (STRIPPED, (b"whsec_",)),
        ("{secret: k, strip: whsec_}", (b"whsec_",)),
        (DERIVED, (b"",)),
        ('{secret: k, strip: whsec_, derive: "{key|sha1}"}', (b"whsec_",)),
        ('{secret: k, id: "{header.X-Id}"}', (b"two:",)),
        ('{secret: k, id: "{header.X-Id}", derive: "{key|sha1}"}', (b"two:",)),
    ],
)
@pytest.mark.parametrize("signing_key", [b"", b"key", hashlib.sha1(b"").digest()])
def test_a_secret_that_is_empty_or_no_key_closes_the_channel(
    key: str, live: tuple[bytes, ...], signing_key: bytes
) -> None:
    spec = keyed(key)
    assert said(spec, signing_key, live) == "secret_unset"
    request = callback(BODY, {"X-Sign": hmac.new(signing_key, BODY, "sha256").hexdigest(), "X-Id": "two"})
    outcome = process(bound(spec, all_schemes().registry.kinds, "sms/1"), request, {"acme.k": live})
    assert (outcome.ack.status, outcome.keep, outcome.events) == (503, False, ())
    assert b"acme" not in outcome.ack.body


@pytest.mark.parametrize("name", [name for name, algorithm in ALGORITHMS.items() if algorithm.pair])
def test_a_public_key_that_is_none_closes_the_channel(name: str) -> None:
    spec = signing(f'header: X-Sign, is: {name}, key: k, encoding: base64, of: "{{body}}"')
    rsa, ec = ALGORITHMS["rsa-sha256"].pair, ALGORITHMS["ecdsa-sha256"].pair
    assert rsa
    assert ec
    other = (ec if name.startswith("rsa") else rsa)(0)[1]
    request = callback(BODY, {"X-Sign": base64.b64encode(bytes(64)).decode()})
    for bad in (
        b"",
        b"key",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        base64.b64encode(b"0" * 31),
        other,
    ):
        assert verdict(spec, request, {"acme.k": (bad,)}) == "secret_unset"


@pytest.mark.parametrize("name", [name for name, algorithm in ALGORITHMS.items() if algorithm.pair])
def test_public_keys_are_taken_in_every_usual_form_and_rotated(name: str) -> None:
    algorithm = ALGORITHMS[name]
    assert algorithm.pair
    (private, public), (_, other) = algorithm.pair(0), algorithm.pair(1)
    bare = b"".join(line for line in public.splitlines() if b"-----" not in line)
    spec = signing(f'header: X-Sign, is: {name}, key: k, encoding: base64, of: "{{body}}"')
    request = callback(BODY, {"X-Sign": base64.b64encode(algorithm.make(private, BODY)).decode()})
    for live in ((public,), (bare,), (base64.b64decode(bare),), (other, public), (public, other)):
        assert verdict(spec, request, {"acme.k": live}) == ""
    assert verdict(spec, request, {"acme.k": (other,)}) == "bad_signature"
    assert verdict(spec, callback(BODY + b" ", {"X-Sign": request.headers[0][1].decode()}), {"acme.k": (public,)}) != ""


@pytest.mark.parametrize("live", [(b"old", b"key"), (b"key", b"old"), (b"", b"key"), (b"a", b"b", b"c", b"key", b"d")])
def test_every_live_value_is_tried(live: tuple[bytes, ...]) -> None:
    assert said(keyed(PLAIN), b"key", live) == ""
    assert said(keyed(PLAIN), b"", live) == "bad_signature"


@pytest.mark.parametrize("live", [(b"!", b"a2V5"), (b"a2V5", b"!"), (b"a2V5", b"whsec_")])
def test_a_live_value_that_is_no_key_does_not_stand_in_the_way_of_a_good_one(live: tuple[bytes, ...]) -> None:
    assert said(keyed(STRIPPED), b"key", live) == ""
    assert said(keyed(STRIPPED), b"other", live) == "secret_unset"


ACCESS = """header: Authorization, prefix: "QBox ", pair: ":", pick: "{secret.access_key}", encoding: base64url,
    is: hmac-sha1, key: secret_key, of: "{body}" """


@pytest.mark.parametrize(
    ("access", "signing_key", "code"),
    [(b"ak1", b"sk1", ""), (b"ak2", b"sk2", ""), (b"ak3", b"sk1", "bad_signature"), (b"ak1", b"sk3", "bad_signature")],
)
def test_of_two_live_access_keys_the_one_in_the_header_is_picked(access: bytes, signing_key: bytes, code: str) -> None:
    made = base64.urlsafe_b64encode(hmac.new(signing_key, BODY, "sha1").digest())
    secrets = {"acme.access_key": (b"ak1", b"ak2"), "acme.secret_key": (b"sk1", b"sk2")}
    request = callback(BODY, {"Authorization": f"QBox {access.decode()}:{made.decode()}"})
    assert verdict(signing(ACCESS), request, secrets) == code


@pytest.mark.parametrize(
    "secrets", [{}, {"acme.a": (b"1",)}, {"acme.b": (b"2",)}, {"acme.a": (b"1",), "acme.b": (b"",)}]
)
def test_every_secret_that_a_spec_names_must_be_set(secrets: Mapping[str, tuple[bytes, ...]]) -> None:
    spec = signing('header: X-Sign, is: md5, of: "{secret.a}{body}{secret.b}"')
    request = callback(BODY, {"X-Sign": hashlib.md5(b"1" + BODY).hexdigest()})
    assert verdict(spec, request, secrets) == "secret_unset"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ('[{header: MD5, is: md5, of: "{body}"}]', "SIG004"),
        ('[{any: [{header: MD5, is: md5, of: "{body}"}, {query: t, is: equal, of: "{header.T}"}]}]', "SIG004"),
        ('[{any: [{header: A, is: hmac-md5, key: k, of: "{body}"}, {header: MD5, is: md5, of: "{body}"}]}]', "SIG004"),
        ('[{header: A, is: hmac-sha256, of: "{body}"}]', "SIG013"),
        ('[{header: A, is: md5, key: k, of: "{body}"}]', "SIG013"),
        ('[{header: A, is: jwt, allow: [HS256]}]', "SIG013"),
        ('[{header: A, is: jwt, key: k}]', "SIG016"),
        ('[{header: A, is: jwt, key: k, allow: [HS256, RS256]}]', "SIG016"),
        ('[{is: hmac-sha256, key: k, of: "{body}"}]', "SIG012"),
        ('[{header: A, query: b, is: hmac-sha256, key: k, of: "{body}"}]', "SIG012"),
        ('[{header: A, is: hmac-sha256, key: k}]', "SIG012"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{body}", within: 5m}]', "SIG014"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{pairs}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{list}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{sig.t}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{claim.x}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{let.x}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{it.x}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{key}"}]', "TMPL001"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{body|rot13}"}]', "TMPL002"),
        ('[{header: A, is: hmac-sha256, key: k, of: "{pairs}", pairs: {from: body}}]', "SIG015"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_prove_anything_does_not_load(rules: str, code: str) -> None:
    text = f"spec: v1\nvendor: acme\nbody: json\nverify: {rules}\nevents: [{{kind: ignore}}]\n"
    text += "examples: [{name: none, request: 'POST /', outcome: ignored}]\n"
    found = loaded({"acme.yaml": text})
    assert code in {one.code for one in found.diagnostics if one.severity == "error"}
    assert "acme" not in found.registry.specs
