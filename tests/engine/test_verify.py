"""Is nobody believed who has not the secret, and nobody turned away who has it?"""

# A row of a table is one line.
# ruff: noqa: E501

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.engine.flow import process
from adapter.model import Outcome, Request, Secrets
from tests.specs import ARRIVAL, arrived, bound

EXAMPLES = "examples: [{name: none, request: 'POST /', outcome: ignored}]\n"
REST = "status: {from: [c], otherwise: undelivered}\nevents:\n  - {kind: sms.delivery, fields: {message_id: id, code: c}}\n"
BODY = b'{"id": 1}'
SECRETS: Secrets = {"acme.k": (b"key",), "acme.other": (b"other",)}


def spec(*rules: str, body: str = "json") -> str:
    listed = "".join(f"  - {{{rule}}}\n" for rule in rules)
    return f"spec: v1\nvendor: acme\n{EXAMPLES}body: {body}\nverify:\n{listed}ack: {{retry_status: 502}}\n{REST}"


def verified(text: str, request: Request, secrets: Secrets = SECRETS) -> Outcome:
    return process(bound(text), request, secrets)


def mac(message: bytes, key: bytes = b"key", name: str = "sha256") -> bytes:
    return hmac.digest(key, message, name)


HEX = 'header: X-Sign, is: hmac-sha256, key: k, encoding: hex, of: "{body}"'
BASE64 = HEX.replace("hex", "base64")
PREFIXED = HEX + ", prefix: sha256="
GOOD = mac(BODY)


@pytest.mark.parametrize(
    ("rule", "headers", "good"),
    [
        (HEX, [("X-Sign", GOOD.hex())], True),
        (HEX, [("x-sign", GOOD.hex().upper())], True),
        (HEX, [("X-Sign", mac(BODY + b" ").hex())], False),
        (HEX, [("X-Sign", mac(BODY, b"other").hex())], False),
        (HEX, [], False),
        (HEX, [("X-Sign", "")], False),
        (HEX, [("X-Sign", GOOD.hex()), ("X-Sign", GOOD.hex())], False),
        (HEX, [("X-Sign", GOOD.hex()), ("x-sign", "00")], False),
        # strict hex
        (HEX, [("X-Sign", GOOD.hex()[:-1])], False),
        (HEX, [("X-Sign", GOOD.hex()[:-2])], False),
        (HEX, [("X-Sign", GOOD.hex() + "00")], False),
        (HEX, [("X-Sign", GOOD.hex(" "))], False),
        (HEX, [("X-Sign", "0x" + GOOD.hex())], False),
        (HEX, [("X-Sign", GOOD.hex() + "\n")], False),
        (HEX, [("X-Sign", "zz" * 32)], False),
        # strict base64
        (BASE64, [("X-Sign", base64.b64encode(GOOD).decode())], True),
        (BASE64, [("X-Sign", base64.b64encode(GOOD).decode() + "!")], False),
        (BASE64, [("X-Sign", "!" + base64.b64encode(GOOD).decode())], False),
        (BASE64, [("X-Sign", base64.b64encode(GOOD).decode().replace("=", " ="))], False),
        (BASE64, [("X-Sign", base64.b64encode(GOOD + b"x").decode())], False),
        (BASE64, [("X-Sign", GOOD.hex())], False),
        # a prefix
        (PREFIXED, [("X-Sign", "sha256=" + GOOD.hex())], True),
        (PREFIXED, [("X-Sign", GOOD.hex())], False),
        (PREFIXED, [("X-Sign", "sha256=")], False),
        (PREFIXED, [("X-Sign", "sha1=" + GOOD.hex())], False),
    ],
)  # fmt: skip
def test_only_the_right_signature_in_the_right_form_is_believed(
    rule: str, headers: list[tuple[str, str]], good: bool
) -> None:
    outcome = verified(spec(rule), arrived(BODY, headers))
    if good:
        assert outcome.name == "accepted"
    else:
        assert (outcome.name, outcome.code, outcome.ack.status, outcome.keep) == (
            "refused",
            "bad_signature",
            401,
            False,
        )
        assert outcome.ack.body == b"unauthorized"
        assert not outcome.events


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_every_digest_and_hmac(name: str) -> None:
    keyed = spec(HEX.replace("hmac-sha256", f"hmac-{name}"))
    assert verified(keyed, arrived(BODY, {"X-Sign": mac(BODY, name=name).hex()})).name == "accepted"
    plain = spec(f'header: X-Sign, is: {name}, encoding: hex, of: "{{secret.k}}{{body}}"')
    assert verified(plain, arrived(BODY, {"X-Sign": hashlib.new(name, b"key" + BODY).hexdigest()})).name == "accepted"
    assert (
        verified(plain, arrived(BODY, {"X-Sign": hashlib.new(name, b"no" + BODY).hexdigest()})).code == "bad_signature"
    )


def test_all_rules_must_hold() -> None:
    text = spec(
        'header: MD5, is: md5, encoding: hex, of: "{body}"',
        'header: Sum, is: sha1, encoding: hex, of: "{secret.k}{header.MD5}"',
    )
    digest = hashlib.md5(BODY).hexdigest()
    total = hashlib.sha1(b"key" + digest.encode()).hexdigest()
    assert verified(text, arrived(BODY, {"MD5": digest, "Sum": total})).name == "accepted"
    assert verified(text, arrived(BODY + b" ", {"MD5": digest, "Sum": total})).code == "bad_signature"
    assert verified(text, arrived(BODY, {"MD5": digest, "Sum": "00" * 20})).code == "bad_signature"
    assert verified(text, arrived(BODY, {"MD5": digest})).code == "bad_signature"


@pytest.mark.parametrize(
    "live", [(b"key",), (b"old", b"key"), (b"key", b"old"), (b"", b"key"), (b"old", b"older", b"key")]
)
def test_every_live_secret_is_tried(live: tuple[bytes, ...]) -> None:
    request = arrived(BODY, {"X-Sign": GOOD.hex()})
    assert verified(spec(HEX), request, {"acme.k": live}).name == "accepted"
    assert (
        verified(spec(HEX), arrived(BODY, {"X-Sign": mac(BODY, b"").hex()}), {"acme.k": live}).code == "bad_signature"
    )


@pytest.mark.parametrize(
    ("live", "notes"),
    [
        ((b"key",), ()),
        ((b"", b"key"), ()),
        ((b"key", b"old"), ("secret acme.k: 1 of 2",)),
        ((b"old", b"", b"key"), ("secret acme.k: 2 of 2",)),
    ],
)
def test_which_of_several_live_secrets_proved_it_is_told(live: tuple[bytes, ...], notes: tuple[str, ...]) -> None:
    assert verified(spec(HEX), arrived(BODY, {"X-Sign": GOOD.hex()}), {"acme.k": live}).notes == notes


@pytest.mark.parametrize("secrets", [{}, {"acme.k": ()}, {"acme.k": (b"",)}, {"other.k": (b"key",)}])
@pytest.mark.parametrize("key", [b"", b"key"])
def test_a_secret_that_is_unset_or_empty_closes_the_channel(secrets: Secrets, key: bytes) -> None:
    outcome = verified(spec(HEX), arrived(BODY, {"X-Sign": mac(BODY, key).hex()}), secrets)
    assert (outcome.name, outcome.code, outcome.ack.status, outcome.keep) == ("refused", "secret_unset", 502, False)
    assert b"acme" not in outcome.ack.body


TIMED = 'header: X-Sign, is: hmac-sha256, key: k, encoding: hex, of: "{header.X-Time}.{body}", at: "{header.X-Time}", within: 300s'
NOW = int(ARRIVAL.timestamp())


def timed(rule: str, written: str) -> Outcome:
    sign = mac(written.encode() + b"." + BODY).hex()
    return verified(spec(rule), arrived(BODY, {"X-Time": written, "X-Sign": sign}))


@pytest.mark.parametrize(
    ("unit", "written", "code"),
    [
        ("s", str(NOW), ""), ("s", str(NOW - 300), ""), ("s", str(NOW + 300), ""), ("s", str(NOW - 301), "stale"), ("s", str(NOW + 301), "stale"),
        ("s", "0", "stale"), ("s", f"{NOW}000", "bad_signature"), ("s", f"{NOW}.5", "bad_signature"), ("s", f"-{NOW}", "bad_signature"),
        ("s", f" {NOW}", "bad_signature"), ("s", "soon", "bad_signature"), ("s", "9" * 12, "stale"), ("s", "1" * 400, "bad_signature"),
        ("ms", f"{NOW}000", ""), ("ms", f"{NOW - 301}000", "stale"), ("ms", f"{NOW - 300}999", ""), ("ms", f"{NOW}", "stale"),
        ("rfc3339", "2026-01-01T00:04:59Z", ""), ("rfc3339", "2026-01-01T08:00:00+08:00", ""), ("rfc3339", "2026-01-01T08:00:00Z", "stale"),
        ("rfc3339", "2026-01-01T00:00:00", "bad_signature"), ("rfc3339", "9999-12-31T23:59:59-12:00", "stale"),
        ("rfc3339", "0001-01-01T00:00:00+12:00", "stale"),
        ("rfc1123", "Thu, 01 Jan 2026 00:00:00 GMT", ""), ("rfc1123", "Thu, 01 Jan 2026 01:00:00 GMT", "stale"),
    ],
)  # fmt: skip
def test_what_was_signed_too_long_ago_or_ahead_is_stale(unit: str, written: str, code: str) -> None:
    outcome = timed(f"{TIMED}, unit: {unit}", written)
    assert outcome.code == code
    assert outcome.ack.status == (401 if code else 200)


def test_now_is_the_arrival_and_a_stale_request_with_a_wrong_signature_is_wrong() -> None:
    request = arrived(
        BODY, {"X-Time": str(NOW), "X-Sign": mac(f"{NOW}.".encode() + BODY).hex()}, at=ARRIVAL + timedelta(seconds=301)
    )
    assert verified(spec(TIMED), request).code == "stale"
    assert verified(spec(TIMED), arrived(BODY, {"X-Time": "1", "X-Sign": "00" * 32})).code == "bad_signature"


@pytest.mark.parametrize("headers", [[], [("X-Time", "")], [("X-Time", str(NOW))] * 2])
def test_a_time_that_is_missing_or_there_twice_is_not_believed(headers: list[tuple[str, str]]) -> None:
    signs = [mac(message + b"." + BODY).hex() for message in (b"", str(NOW).encode())]
    for sign in signs:
        assert verified(spec(TIMED), arrived(BODY, [*headers, ("X-Sign", sign)])).code == "bad_signature"


@pytest.mark.parametrize(
    ("rule", "body", "query", "good"),
    [
        ('query: sign, is: md5, encoding: hex, of: "{secret.k}{query.a}"', b"id=1", "a=x+y&sign=" + hashlib.md5(b"keyx y").hexdigest(), True),
        ('query: sign, is: md5, encoding: hex, of: "{secret.k}{query.a}"', b"id=1", "a=x&a=x&sign=" + hashlib.md5(b"keyx").hexdigest(), False),
        ('query: sign, is: md5, encoding: hex, of: "{secret.k}{query.a}"', b"id=1", "a=x&sign=00&sign=" + hashlib.md5(b"keyx").hexdigest(), False),
        ('query: sign, is: md5, encoding: hex, of: "{secret.k}{query.a}"', b"id=1", "&".join(["a=1"] * 10_001), False),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.id}"', b"id=%E4%B8%AD&sign=" + hashlib.md5("key中".encode()).hexdigest().encode(), "", True),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.id}"', b"id=1&sign=" + hashlib.md5(b"key2").hexdigest().encode(), "", False),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.id}"', b"id=%ff&sign=" + hashlib.md5(b"key\xff").hexdigest().encode(), "", None),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.id}{form.x?}"', b"id=1&sign=" + hashlib.md5(b"key1").hexdigest().encode(), "", True),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.id}{form.x}"', b"id=1&sign=" + hashlib.md5(b"key1").hexdigest().encode(), "", False),
        ('form: sign, is: md5, encoding: hex, of: "{secret.k}{form.x?}"', b"id=1&x=&x=&sign=" + hashlib.md5(b"key").hexdigest().encode(), "", False),
    ],
)  # fmt: skip
def test_signatures_of_parameters(rule: str, body: bytes, query: str, good: bool | None) -> None:
    outcome = verified(spec(rule, body="form"), arrived(body, query=query))
    assert outcome.code == {True: "", False: "bad_signature", None: "unreadable_body"}[good]


def _json(document: str) -> Outcome:
    rule = 'json: s.sign, is: md5, encoding: hex, of: "{secret.k}{json.id}{json.list.0.x}"'
    return verified(spec(rule), arrived(document))


@pytest.mark.parametrize(
    ("document", "signed", "code"),
    [
        (
            '{"s": {"sign": "%s"}, "id": 12345678901234567890123, "list": [{"x": 0.10}]}',
            b"123456789012345678901230.10",
            "",
        ),
        ('{"s": {"sign": "%s"}, "id": true, "list": [{"x": "y"}]}', b"truey", ""),
        ('{"s": {"sign": "%s"}, "id": "2", "list": [{"x": "y"}]}', b"1y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "list": [{"x": "y"}]}', b"y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "id": {"a": 1}, "list": [{"x": "y"}]}', b"y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "id": ["1", "2"], "list": [{"x": "y"}]}', b"1y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "id": "2", "id": "1", "list": [{"x": "y"}]}', b"1y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "id": "1", "list": [{"x": "y"}, {"z": 1, "z": 1}]}', b"1y", "bad_signature"),
        ('{"s": {"sign": "%s"}, "id": "1", "list": [{"x": "y"}]', b"1y", "unreadable_body"),
    ],
)
def test_signatures_of_decoded_fields_and_a_key_that_is_there_twice(document: str, signed: bytes, code: str) -> None:
    outcome = _json(document % hashlib.md5(b"key" + signed).hexdigest())
    assert outcome.code == code
    assert outcome.keep == (code == "")


def test_a_body_that_looks_like_a_template_is_only_bytes() -> None:
    for body in (b'{"id": "{secret.k}"}', b'{"id": "{body}{header.X-Sign}"}', b'{"id": "{secret.k|hex}"}'):
        assert verified(spec(HEX), arrived(body, {"X-Sign": mac(body).hex()})).name == "accepted"
        filled = body.replace(b"{secret.k}", b"key")
        assert (
            filled == body or verified(spec(HEX), arrived(body, {"X-Sign": mac(filled).hex()})).code == "bad_signature"
        )


def test_an_empty_path_can_be_signed() -> None:
    text = spec('header: X-Sign, is: hmac-sha256, key: k, encoding: hex, of: "{method}{path}{body}"')
    assert verified(text, arrived(BODY, {"X-Sign": mac(b"POST" + BODY).hex()})).name == "accepted"


def test_an_unsigned_vendor_is_believed_and_says_why() -> None:
    text = spec(HEX).replace(f"verify:\n  - {{{HEX}}}\n", "unsigned: nothing is signed\n")
    assert verified(text, arrived(BODY), {}).name == "accepted"


@given(
    st.lists(st.tuples(st.sampled_from([b"x-sign", b"x-time", b"content-type"]), st.binary(max_size=80)), max_size=4),
    st.binary(max_size=40),
)
def test_whatever_the_headers_hold_nobody_is_believed_and_nothing_raises(
    headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    for rule in (HEX, BASE64, PREFIXED, TIMED, HEX.replace("hex", "base64url")):
        request = Request("POST", "sms/1", "", b"", tuple(headers), body, ARRIVAL)
        assert verified(spec(rule), request).code == "bad_signature"


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_any_byte_of_the_body_changed_is_refused(place: int, change: int) -> None:
    changed = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]
    assert verified(spec(HEX), arrived(changed, {"X-Sign": GOOD.hex()})).code == "bad_signature"


@pytest.mark.parametrize(
    ("ack", "code", "status", "text"),
    [
        ("{refused: {status: 403, text: no}}", "bad_signature", 403, b"no"),
        ("{bad_signature: {status: 200, text: fail}}", "bad_signature", 200, b"fail"),
        ("{stale: {text: old}, bad_signature: {text: wrong}}", "stale", 401, b"old"),
        ("{refused: {status: 403}, stale: {text: old}}", "stale", 403, b"old"),
        ("{status: 202, text: thanks}", "bad_signature", 401, b"unauthorized"),
    ],
)
def test_a_refusal_may_have_the_words_of_the_vendor(ack: str, code: str, status: int, text: bytes) -> None:
    worded = spec(TIMED).replace("ack: {retry_status: 502}", f"ack: {ack}")
    written = "1" if code == "stale" else str(NOW)
    sign = mac(written.encode() + b"." + BODY).hex() if code == "stale" else "00" * 32
    outcome: Any = verified(worded, arrived(BODY, {"X-Time": written, "X-Sign": sign}))
    assert (outcome.code, outcome.ack.status, outcome.ack.body) == (code, status, text)
