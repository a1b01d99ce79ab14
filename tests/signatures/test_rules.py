"""For which requests is a rule, what is put together to be signed, and which part may not be missing?"""

import base64
import hashlib
import hmac
import json
import re
import zlib
from pathlib import Path

import pytest

import adapter
from adapter.model import Request
from tests.signatures.schemes import callback, signing, verdict
from tests.specs import ARRIVAL

SECRETS = {"acme.k": (b"key",), "acme.other": (b"other",)}
BODY = b'{"id": 1}'
NOW = str(int(ARRIVAL.timestamp()))


def mac(message: str | bytes, name: str = "sha256", key: bytes = b"key") -> str:
    return hmac.new(key, message.encode() if isinstance(message, str) else message, name).hexdigest()


def mac64(message: str | bytes, name: str = "sha256", key: bytes = b"key") -> str:
    return base64.b64encode(bytes.fromhex(mac(message, name, key))).decode()


HMAC = 'is: hmac-sha256, key: k, of: "{body}"'
GET = f"when: {{method: GET}}, query: sign, {HMAC.replace('{body}', '{query.a}')}"
SIGNED = f"header: X-Sign, {HMAC}"
POST = f"when: {{method: POST}}, {SIGNED}"
EITHER = f"when: {{method: [POST, PUT]}}, {SIGNED}"
BOTH = f"when: {{method: POST, headers: [X-A, X-B]}}, {SIGNED}"
JSON, FORM, PARTS = (f"when: {{body: {word}}}, {SIGNED}" for word in ("json", "form", "multipart"))
V3 = f"when: {{headers: [X-V3]}}, header: X-V3, {HMAC}"
V2 = 'header: X-V2, is: hmac-sha1, key: k, of: "{body}"'
ANY = f"any: [{{{V3}}}, {{{V2}}}]"


@pytest.mark.parametrize(
    ("rules", "request_", "good"),
    [
        ((GET,), callback(target=f"/cb?a=1&sign={mac('1')}", method="GET"), True),
        ((GET,), callback(target=f"/cb?a=1&sign={mac('1')}"), False),           # no rule is for a POST
        ((GET, POST), callback(BODY, {"X-Sign": mac(BODY)}), True),
        ((GET, POST), callback(BODY, {"X-Sign": mac(BODY)}, method="PUT"), False),
        ((EITHER,), callback(BODY, {"X-Sign": mac(BODY)}, method="PUT"), True),
        ((JSON,), callback(BODY, {"X-Sign": mac(BODY)}), False),
        ((JSON,),
         callback(BODY, {"X-Sign": mac(BODY), "Content-Type": "application/vnd.acme+json; charset=utf-8"}), True),
        ((FORM,),
         callback(b"a=1", {"X-Sign": mac(b"a=1"), "Content-Type": "application/x-www-form-urlencoded"}), True),
        ((FORM,),
         callback(b"a=1", {"X-Sign": mac(b"a=1"), "Content-Type": "multipart/form-data; boundary=x"}), False),
        ((PARTS,),
         callback(b"a=1", {"X-Sign": mac(b"a=1"), "Content-Type": "Multipart/Form-Data; boundary=x"}), True),
        ((BOTH,), callback(BODY, {"X-Sign": mac(BODY), "X-A": "1"}), False),
        ((BOTH,),
         callback(BODY, {"X-Sign": mac(BODY), "x-a": "1", "x-b": ""}), True),
        # any: the first that holds is enough
        ((ANY,), callback(BODY, {"X-V3": mac(BODY)}), True),
        ((ANY,), callback(BODY, {"X-V2": mac(BODY, "sha1")}), True),
        ((ANY,), callback(BODY, {"X-V3": mac(b""), "X-V2": mac(BODY, "sha1")}), True),
        ((ANY,), callback(BODY, {"X-V3": mac(BODY), "X-V2": "00"}), True),
        ((ANY,), callback(BODY, {"X-V3": mac(b""), "X-V2": mac(b"", "sha1")}), False),
        ((ANY,), callback(BODY, {"X-V2": mac(BODY)}), False),
        ((ANY,), callback(BODY), False),
        ((f"any: [{{{V3}}}, {{when: {{method: GET}}, {V2}}}]",), callback(BODY, {"X-V2": mac(BODY, "sha1")}), False),
        # all of several rules
        ((f"header: X-Sign, {HMAC}", ANY), callback(BODY, {"X-Sign": mac(BODY), "X-V3": mac(BODY)}), True),
        ((f"header: X-Sign, {HMAC}", ANY), callback(BODY, {"X-Sign": mac(BODY)}), False),
        # one without a secret may stand beside one that has it, not alone
        ((f"when: {{method: GET}}, header: X-Sign, {HMAC}", 'header: MD5, is: md5, of: "{body}"'),
         callback(BODY, {"MD5": hashlib.md5(BODY).hexdigest()}), False),
    ],
)  # fmt: skip
def test_a_request_that_no_rule_is_for_is_refused(rules: tuple[str, ...], request_: Request, good: bool) -> None:
    spec = signing(*rules, body="[query, form, json]")
    assert verdict(spec, request_, SECRETS) == ("" if good else "bad_signature")


def test_of_several_ways_to_sign_a_stale_one_is_called_so() -> None:
    old = 'header: X-Sign, is: hmac-sha256, key: k, of: "{header.T}", at: "{header.T}", within: 5m'
    spec = signing(f"any: [{{header: X-Other, {HMAC}}}, {{{old}}}]")
    assert verdict(spec, callback(BODY, {"X-Sign": mac("1000000000"), "T": "1000000000"}), SECRETS) == "stale"
    assert verdict(spec, callback(BODY, {"X-Sign": mac(NOW), "T": NOW}), SECRETS) == ""


def said(
    of: str, message: str, headers: dict[str, str], target: str = "/cb", body: bytes = BODY, more: str = ""
) -> str:
    spec = signing(f"header: X-Sign, is: hmac-sha256, key: k, of: {json.dumps(of)}{more}")
    return verdict(spec, callback(body, {"X-Sign": mac(message), **headers}, target), SECRETS)


@pytest.mark.parametrize(
    ("of", "message", "headers", "target"),
    [
        ("{body}", BODY.decode(), {}, "/cb"),
        ("{method} {url}\n{body}", f"POST https://callbacks.example/cb?a=1\n{BODY.decode()}", {}, "/cb?a=1"),
        ("{path}|{path_qs}", "/a/b|/a/b?c=d", {}, "/a/b?c=d"),
        ("{path|slash}|{path}", "/a/|/a", {}, "/a"),
        ("{path|slash}", "/a/", {}, "/a/"),
        ("{url|no-query}", "https://callbacks.example/cb", {}, "/cb?a=1"),
        ("{header.A}-{header.a}", "1-1", {"A": "1"}, "/cb"),
        ("{header.A?}-{body}", f"-{BODY.decode()}", {}, "/cb"),
        ("{header.A?}-", "-", {"A": ""}, "/cb"),
        ("[[id:{query.id};]]ts:{query.ts};", "id:7;ts:1;", {}, "/cb?id=7&ts=1"),
        ("[[id:{query.id};]]ts:{query.ts};", "ts:1;", {}, "/cb?ts=1"),
        ("[[id:{query.id};]]ts:{query.ts};", "ts:1;", {}, "/cb?id=&ts=1"),
        ("[[{query.a}{query.b}]]", "", {}, "/cb?a=1"),
        ("[[{query.a}{query.b?}]]x", "x", {}, "/cb?a=1"),
        ("{query.a|lower|upper}{query.a|strip}", "BB  b ", {}, "/cb?a=b"),
        ("{query.a|urldecode}", "a b+", {}, "/cb?a=a%2520b%2B"),
        ("{query.a|urlencode}", "a%20b~", {}, "/cb?a=a+b~"),
        ("{body|sha256|hex}", hashlib.sha256(BODY).hexdigest(), {}, "/cb"),
        ("{body|md5|base64}", base64.b64encode(hashlib.md5(BODY).digest()).decode(), {}, "/cb"),
        ("{body|sha512|base64url}", base64.urlsafe_b64encode(hashlib.sha512(BODY).digest()).decode(), {}, "/cb"),
        ("{body|crc32}", str(zlib.crc32(BODY)), {}, "/cb"),
        ("{body|hmac-sha1(secret.other)|hex}", mac(BODY, "sha1", b"other"), {}, "/cb"),
        ('{"a": "{json.id}"}', '{"a": "1"}', {}, "/cb"),         # a brace that no name follows is itself
    ],
)  # fmt: skip
def test_what_is_put_together_to_be_signed(of: str, message: str, headers: dict[str, str], target: str) -> None:
    message = "b".upper() + "b" if of.startswith("{query.a|lower") else message
    assert said(of, message, headers, target) == ""
    assert said(of, message + ".", headers, target) == "bad_signature"


@pytest.mark.parametrize(
    ("of", "headers", "target"),
    [
        ("{header.A}", {}, "/cb"),
        ("{header.A}", {"A": ""}, "/cb"),
        ("{query.a}", {}, "/cb"),
        ("{query.a}", {}, "/cb?a="),
        ("{query.a}", {}, "/cb?a=1&a=1"),
        ("{query.a?}", {}, "/cb?a=1&a=1"),
        ("{query.A}", {}, "/cb?a=1"),
        ("{json.nothing}", {}, "/cb"),
        ("{json.id.more}", {}, "/cb"),
        ("{form.a}", {}, "/cb"),
        ("{body|swap(secret.k, header.A)}", {"A": "1"}, "/cb"),
        ("{body|inflate(header.A)}", {"A": "gzip"}, "/cb"),
    ],
)
def test_a_part_that_is_missing_empty_or_there_twice_is_refused(of: str, headers: dict[str, str], target: str) -> None:
    for message in ("", "1", "11", BODY.decode()):
        assert said(of, message, headers, target) == "bad_signature"


@pytest.mark.parametrize("body", [
    b'{"id": "{secret.k}"}', b'{"id": "{body}"}', b"{header.X-Sign}", b"{pairs}[[{secret.k}]]",
    b'{"id": "{secret.k|hex}"}',
])  # fmt: skip
def test_a_body_that_holds_a_template_stays_what_it_is(body: bytes) -> None:
    assert said("{body}", body.decode(), {}, body=body) == ""
    filled = body.replace(b"{secret.k}", b"key").replace(b"{body}", body)
    assert filled == body or said("{body}", filled.decode(), {}, body=body) == "bad_signature"


@pytest.mark.parametrize("value", ["{secret.k}", "{body}", "[[{secret.k}]]", "{let.x}"])
def test_a_parameter_that_holds_a_template_stays_what_it_is(value: str) -> None:
    more = ', let: {x: "{header.A}"}'
    assert said("{let.x}.{header.A}", f"{value}.{value}", {"A": value}, more=more) == ""
    assert said("{let.x}.{header.A}", "key.key", {"A": value}, more=more) == "bad_signature"


LET = (
    'header: X-Sign, is: hmac-sha256, key: k, let: {e: "{form.json|json}"}, of: "{let.e.event.time}{let.e.event.type}"'
)


@pytest.mark.parametrize(
    ("text", "signed", "good"),
    [
        ('{"event": {"time": "1", "type": "sent"}}', "1sent", True),
        ('{"event": {"time": 1.50, "type": true}}', "1.50true", True),
        ('{"event": {"time": 12345678901234567890123, "type": "x"}}', "12345678901234567890123x", True),
        ('{"event": {"time": "1", "type": ""}}', "1", False),
        ('{"event": {"time": "1", "type": null}}', "1", False),
        ('{"event": {"time": "1"}}', "1", False),
        ('{"event": {"time": "1", "type": "a", "type": "b"}}', "1b", False),
        ('{"event": {"time": "1", "type": ["b"]}}', "1b", False),
        ("no json", "", False),
    ],
)
def test_let_looks_into_the_json_of_a_text(text: str, signed: str, good: bool) -> None:
    spec = signing(LET, body="form")
    assert verdict(spec, callback("json=" + text, {"X-Sign": mac(signed)}), SECRETS) == (
        "" if good else "bad_signature"
    )


TOKEN = 'is: equal, of: "{secret.k}"'
BASIC = 'header: Authorization, prefix: "Basic ", encoding: base64, is: equal, of: "{secret.k}"'


@pytest.mark.parametrize(
    ("rule", "headers", "target", "good"),
    [
        (f"header: X-Token, {TOKEN}", {"X-Token": "key"}, "/cb", True),
        (f"header: X-Token, {TOKEN}", {"X-Token": "Key"}, "/cb", False),
        (f"header: X-Token, {TOKEN}", {"X-Token": "key "}, "/cb", False),
        (f"header: X-Token, {TOKEN}", {"X-Token": ""}, "/cb", False),
        (f"header: X-Token, {TOKEN}", {}, "/cb", False),
        (f"query: token, {TOKEN}", {}, "/cb?token=key", True),
        (f"query: token, {TOKEN}", {}, "/cb?token=k%65y", True),
        (f"query: token, {TOKEN}", {}, "/cb?token=no", False),
        (f"query: token, {TOKEN}", {}, "/cb?token=key&token=key", False),
        (f"query: token, {TOKEN}", {}, "/cb", False),
        ('header: X-Token, is: equal, of: "me:{secret.k}"', {"X-Token": "me:key"}, "/cb", True),
        (BASIC, {"Authorization": "Basic a2V5"}, "/cb", True),
        (BASIC, {"Authorization": "basic a2V5"}, "/cb", True),
        (BASIC, {"Authorization": "Basic a2V"}, "/cb", False),
        (BASIC, {"Authorization": "Basic"}, "/cb", False),
        (BASIC, {"Authorization": "Bearer a2V5"}, "/cb", False),
        (BASIC, {"Authorization": "Basic key"}, "/cb", False),
    ],
)
def test_tokens_and_passwords(rule: str, headers: dict[str, str], target: str, good: bool) -> None:
    assert verdict(signing(rule), callback(BODY, headers, target), SECRETS) == ("" if good else "bad_signature")


PORTS = ", ".join(
    f'{{header: X-Sign, is: hmac-sha256, key: k, of: "{{url{port}}}"}}' for port in ("", "|with-port", "|no-port")
)


@pytest.mark.parametrize(
    ("url", "signed", "good"),
    [
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1", True),
        ("https://a.example/cb?x=1", "https://a.example:443/cb?x=1", True),
        ("https://a.example:443/cb", "https://a.example/cb", True),
        ("https://a.example:8443/cb", "https://a.example:8443/cb", True),
        ("https://a.example:8443/cb", "https://a.example/cb", True),
        ("http://a.example/cb", "http://a.example:80/cb", True),
        ("https://[::1]/cb", "https://[::1]:443/cb", True),
        ("https://a.example/cb", "https://a.example:8443/cb", False),
        ("https://a.example/cb", "http://a.example/cb", False),
        ("https://a.example/cb", "https://b.example/cb", False),
        ("https://a.example/cb/", "https://a.example/cb", False),
    ],
)
def test_a_url_is_signed_with_and_without_its_port(url: str, signed: str, good: bool) -> None:
    spec = signing(f"any: [{PORTS}]")
    assert verdict(spec, callback(BODY, {"X-Sign": mac(signed)}, url), SECRETS) == ("" if good else "bad_signature")


def test_a_signature_in_the_body_is_swapped_for_the_key() -> None:
    spec = signing('json: auth, is: md5, of: "{body|swap(json.auth, secret.k)}"')
    digest = hashlib.md5(b'{"auth": "key", "id": 1}').hexdigest()
    for rest, code in (("1}", ""), ("2}", "bad_signature"), (f'1, "again": "{digest}"}}', "bad_signature")):
        assert verdict(spec, callback(f'{{"auth": "{digest}", "id": {rest}'), SECRETS) == code


@pytest.mark.parametrize(("left", "right", "good"), [
    ("{query.hash}", "{body|sha256|hex}", True), ("{query.hash|upper}", "{body|sha256|hex}", False),
    ("{query.none}", "{body}", False), ("{header.Key}", "{secret.other}", True), ("{header.Key}", "{secret.k}", False),
    ("={body}", "=", False),
])  # fmt: skip
def test_further_texts_must_be_equal(left: str, right: str, good: bool) -> None:
    rule = f'header: X-Sign, {HMAC}, check: [{{left: "{left}", right: "{right}"}}]'
    request = callback(BODY, {"X-Sign": mac(BODY), "Key": "other"}, f"/cb?hash={hashlib.sha256(BODY).hexdigest()}")
    assert verdict(signing(rule), request, SECRETS) == ("" if good else "bad_signature")


def test_a_body_beside_a_signed_query_is_refused_where_the_rule_says_so() -> None:
    """Else somebody who saw one signed address could say anything: what has a body is read from the body."""
    rule = GET + ', check: [{left: "={body}", right: "="}]'
    spec = signing(rule, body="[query, json]")
    target = f"/cb?a=1&sign={mac('1')}"
    assert verdict(spec, callback(target=target, method="GET"), SECRETS) == ""
    assert verdict(spec, callback(BODY, target=target, method="GET"), SECRETS) == "bad_signature"


def test_texts_that_prove_something_are_only_compared_in_constant_time() -> None:
    """`==` stops at the first byte that differs, and so tells where that was."""
    words = "(signature|secret|digest|expected|candidate|made|wanted|token|mac)"
    suspects = re.compile(rf"{words}\w*\s*[!=]=|(?<!name )[!=]=\s*(?:self\.)?{words}\b")
    folder = Path(adapter.__file__).parent
    files = [*sorted((folder / "signatures").glob("*.py")), folder / "engine" / "verify.py"]
    assert len(files) > 8
    found = [
        f"{file.name}:{number}: {line}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if suspects.search(line)
    ]
    assert not found
    compared = {file.name for file in files if "compare_digest" in file.read_text()}
    assert {"algorithms.py", "rules.py"} <= compared
