"""Where in a header or field is the signature? Prefixes, several signatures, named parts; read strictly."""

import base64
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signatures.schemes import callback, signing, verdict
from tests.specs import ARRIVAL

BODY = b'{"id": 1}'
NOW = str(int(ARRIVAL.timestamp()))
SECRETS = {"acme.k": (b"key",)}
RAW = hmac.digest(b"key", BODY, "sha256")
TIMED = hmac.new(b"key", f"{NOW}.".encode() + BODY, "sha256").hexdigest()
HEX, B64, URL64 = RAW.hex(), base64.b64encode(RAW).decode(), base64.urlsafe_b64encode(RAW).decode()
WRONG = "0" * 64


def rule(how: str = "", of: str = "{body}") -> str:
    return f'header: X-Sign, is: hmac-sha256, key: k, of: "{of}"{", " if how else ""}{how}'


def said(how: str, written: str, of: str = "{body}") -> str:
    return verdict(signing(rule(how, of)), callback(BODY, {"X-Sign": written}), SECRETS)


@pytest.mark.parametrize(
    ("how", "written", "good"),
    [
        ("", HEX, True),
        ("encoding: base64", B64, True),
        ("encoding: base64url", URL64, True),
        ("encoding: base64url", URL64.rstrip("="), True),
        ("encoding: base64url", B64.replace("+", "-").replace("/", "_"), True),
        ("encoding: base64url", URL64 + "=", False),
        ("encoding: base64url", URL64[:4] + "+" + URL64[5:], False),
        ("encoding: base64", B64.rstrip("="), False),
        ("encoding: base64", B64[:4] + "\n" + B64[4:], False),
        ('prefix: "v0="', f"v0={HEX}", True),
        ('prefix: "v0="', f"V0={HEX}", False),
        ('prefix: "v0="', HEX, False),
        ('prefix: "v0="', "v0=", False),
        ('prefix: "v0="', f"v0=v0={HEX}", False),
        ('prefix: "HMAC "', f"HMAC {HEX}", True),
        ('prefix: "HMAC "', f"hmac {HEX}", True),                # RFC 9110, 11.1
        ('prefix: "HMAC "', f"HMAC  {HEX}", False),
        ('split: ","', f"{WRONG},{HEX}", True),
        ('split: ","', f"{HEX}, {WRONG}", True),
        ('split: ","', f"{WRONG} , {HEX} ", True),
        ('split: ","', f"{WRONG},{WRONG}", False),
        ('split: ","', ",", False),
        ('split: ","', ",".join([WRONG] * 49 + [HEX]), True),
        ('split: ","', ",".join([WRONG] * 50 + [HEX]), False),
        ('split: " ", pair: ",", pick: v1, encoding: base64', f"v1,{B64}", True),
        ('split: " ", pair: ",", pick: v1, encoding: base64', f"v1,AAAA v1,{B64} v2,AAAA", True),
        ('split: " ", pair: ",", pick: v1, encoding: base64', f"v1a,{B64}", False),
        ('split: " ", pair: ",", pick: v1, encoding: base64', f"v2,{B64}", False),
        ('split: " ", pair: ",", pick: v1, encoding: base64', B64, False),
        ('pair: ":", pick: me', f"me:{HEX}", True),
        ('pair: ":", pick: me', f"you:{HEX}", False),
        ('pair: ":", pick: me', f"me:{HEX}:x", False),
        ('pair: ":", pick: "{header.X-Who}"', f"me:{HEX}", False),
    ],
)  # fmt: skip
def test_a_signature_is_found_where_the_vendor_writes_it(how: str, written: str, good: bool) -> None:
    assert said(how, written) == ("" if good else "bad_signature")


STRIPE = 'split: ",", pair: "=", pick: v1, at: "{sig.t}", within: 300s'


@pytest.mark.parametrize(
    ("written", "good"),
    [
        (f"t={NOW},v1={TIMED}", True),
        (f"v1={TIMED},t={NOW}", True),
        (f"t={NOW}, v1={WRONG}, v1={TIMED}, v0={WRONG}", True),
        (f"t={NOW},v0={TIMED}", False),
        (f"t={NOW},V1={TIMED}", False),
        (f"v1={TIMED}", False),
        (f"t=,v1={TIMED}", False),
        (f"t={NOW},t={NOW},v1={TIMED}", False),
        (f"t={NOW},t=1,v1={TIMED}", False),
        (f"t=1,v1={TIMED}", False),
        (f"t={NOW}v1={TIMED}", False),
        ("", False),
    ],
)
def test_the_parts_beside_a_signature_have_names(written: str, good: bool) -> None:
    assert said(STRIPE, written, of="{sig.t}.{body}") == ("" if good else "bad_signature")


@pytest.mark.parametrize(("written", "good"), [(f"v1={HEX}", True), (f"v1={HEX},t=", False), (f"v1={HEX},t=1", False)])
def test_a_part_may_be_optional(written: str, good: bool) -> None:
    assert said('split: ",", pair: "=", pick: v1', written, of="{sig.t?}{body}") == ("" if good else "bad_signature")


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120))
def test_whatever_a_header_holds_nobody_is_believed_and_nothing_raises(written: str) -> None:
    for how in (
        "",
        "encoding: base64",
        "encoding: base64url",
        'split: ",", pair: "="',
        STRIPE,
        'prefix: "v0=", split: " "',
    ):
        assert said(how, written) == "bad_signature"
