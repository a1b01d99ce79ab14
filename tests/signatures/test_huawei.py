"""Can a rule say a canonical request, which itself names its signed headers? Huawei Cloud's SDK-HMAC-SHA256.

https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-001.md, and sms_05_0064 for pushed reports.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapter.model import Request
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import Trial
from adapter.spec.language import Spec
from tests.signatures.schemes import callback, signing, verdict

RULE = r"""
    header: Authorization, prefix: "SDK-HMAC-SHA256 ", split: ",", pair: "=", pick: Signature,
    is: hmac-sha256, key: {secret: sk, id: "{sig.Access}"},
    pairs: {from: header, only: "{sig.SignedHeaders}", require: [host, x-sdk-date], pair: "{k}:{v}\n", join: ""},
    pairs2: {from: query, quote: true},
    let: {canonical: "{method}\n{path|slash}\n{pairs2}\n{pairs}\n{sig.SignedHeaders}\n{body|sha256|hex}"},
    of: "SDK-HMAC-SHA256\n{header.X-Sdk-Date}\n{let.canonical|sha256|hex}",
    at: "{header.X-Sdk-Date}", unit: rfc3339, within: 15m
"""
SK = b"MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
"""The secret key of the page's example."""

SIGNED_AT = datetime(2019, 11, 15, 3, 36, 55, tzinfo=UTC)
SIGNATURE = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
TARGET = (
    "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs"
    "?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0"
)
SECRETS = {"acme.sk": (b"AK1:" + SK,)}


@pytest.fixture(name="spec")
def huawei() -> Spec:
    return signing(RULE)


def published(
    signature: str = SIGNATURE, access: str = "AK1", names: str = "content-type;host;x-sdk-date", target: str = TARGET,
    body: bytes = b"", later: timedelta = timedelta(),
) -> Request:  # fmt: skip
    authorization = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}"
    headers = {
        "Content-Type": "application/json",
        "Host": "service.region.example.com",
        "X-Sdk-Date": "20191115T033655Z",
        "Authorization": authorization,
    }
    return callback(body, headers, target, "GET", SIGNED_AT + later)


def test_the_published_vector(spec: Spec) -> None:
    request = published()
    trial = Trial(spec.verify[0], Evidence(request, spec.manner, dict), {"sk": SK})
    trial.named = {"SignedHeaders": [b"content-type;host;x-sdk-date"]}
    hashed = trial.message().split(b"\n")[2]
    assert (hashed[:8], hashed[-6:]) == (b"b25362e6", b"9bcd7a")
    assert verdict(spec, request, SECRETS) == ""


@pytest.mark.parametrize(
    "request_",
    [
        published(signature="0" * 64),
        published(access="AK2"),
        published(access=""),
        published(body=b"{}"),
        published(target=TARGET.replace("limit=2", "limit=3")),
        published(target=TARGET.replace("/vpcs", "/subnets")),
        replace(published(), method="POST"),
    ],
)
def test_what_differs_from_what_was_signed_is_refused(spec: Spec, request_: Request) -> None:
    assert verdict(spec, request_, SECRETS) == "bad_signature"


def test_the_query_is_signed_in_the_order_of_its_names_and_percent_encoded(spec: Spec) -> None:
    path, query = TARGET.split("?")
    turned = "&".join(reversed(query.split("&"))).replace("-", "%2D", 1)
    assert verdict(spec, published(target=f"{path}?{turned}"), SECRETS) == ""


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(0, ""), (14, ""), (15, ""), (16, "stale"), (-15, ""), (-16, "stale"), (60 * 24 * 365, "stale")],
)
def test_a_signature_is_good_for_fifteen_minutes(spec: Spec, minutes: int, code: str) -> None:
    assert verdict(spec, published(later=timedelta(minutes=minutes)), SECRETS) == code


def signed(names: str, headers: dict[str, str], access: str, key: bytes, body: bytes = b"a=1") -> Request:
    """A report as Huawei pushes it, signed here by the page's recipe."""
    lower = {name.lower(): value for name, value in headers.items()}
    listed = "".join(f"{name}:{lower[name]}\n" for name in names.split(";"))
    canonical = f"POST\n/cb/\n\n{listed}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    message = f"SDK-HMAC-SHA256\n{headers['X-Sdk-Date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key, message.encode(), "sha256").hexdigest()
    authorization = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}"
    return callback(body, {**headers, "Authorization": authorization}, at=SIGNED_AT)


HEADERS = {"Connection": "close", "Content-Length": "3", "Host": "callbacks.example", "X-Sdk-Date": "20191115T033655Z"}
NAMES = "connection;content-length;host;x-sdk-date"


@pytest.mark.parametrize(
    ("access", "key", "live", "code"),
    [
        ("AK1", b"one", (b"AK1:one", b"AK2:two"), ""),
        ("AK2", b"two", (b"AK1:one", b"AK2:two"), ""),
        ("AK1", b"two", (b"AK1:one", b"AK2:two"), "bad_signature"),
        ("AK3", b"one", (b"AK1:one", b"AK2:two"), "bad_signature"),
        ("AK1", b"one", (b"AK2:two",), "bad_signature"),
        ("AK1", b"o:n:e", (b"AK1:o:n:e",), ""),
        ("AK1", b"", (b"AK1:",), "secret_unset"),
        ("AK1", b"", (b"AK1",), "secret_unset"),
        ("", b"one", (b":one",), "bad_signature"),
    ],
)
def test_of_two_live_pairs_the_request_names_the_one_to_use(
    spec: Spec, access: str, key: bytes, live: tuple[bytes, ...], code: str
) -> None:
    assert verdict(spec, signed(NAMES, HEADERS, access, key), {"acme.sk": live}) == code


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (NAMES, ""),
        ("host;x-sdk-date", ""),
        ("connection;host", "bad_signature"),
        ("content-length;x-sdk-date", "bad_signature"),
    ],
)
def test_a_request_may_not_leave_out_the_headers_that_must_be_signed(spec: Spec, names: str, code: str) -> None:
    assert verdict(spec, signed(names, HEADERS, "AK1", b"one"), {"acme.sk": (b"AK1:one",)}) == code


@pytest.mark.parametrize("name", ["host", "connection", "x-sdk-date"])
def test_a_signed_header_that_is_there_twice_or_not_at_all_is_refused(spec: Spec, name: str) -> None:
    request = signed(NAMES, HEADERS, "AK1", b"one")
    value = request.header(name.encode()) or b""
    without = tuple(header for header in request.headers if header[0] != name.encode())
    secrets = {"acme.sk": (b"AK1:one",)}
    assert verdict(spec, request, secrets) == ""
    for headers in (
        without,
        (*without, (name.encode(), value), (name.encode(), b"other")),
        (*without, (name.encode(), b"x")),
    ):
        assert verdict(spec, replace(request, headers=headers), secrets) == "bad_signature"
