"""Do we and the vendors' own libraries believe each other? What they sign we accept, and what we sign they accept.

They are the extra `sdks`; those that install in a moment are in `test` too.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.http_text import Written
from adapter.http_text import request as request_of
from adapter.model import Secrets
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.tokens import issue
from adapter.signing import sign
from tests.signatures.schemes import scheme, signing, verdict

URL = "https://hooks.example.com/cb"
WORDS = st.text(max_size=40)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", min_size=1, max_size=12)
FIELDS = st.dictionaries(LETTERS, WORDS, min_size=1, max_size=6)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

few = settings(max_examples=25, deadline=None)


def now() -> datetime:
    """The libraries look at the clock, so for once so do we."""
    return datetime.now(UTC).replace(microsecond=0)


def written(body: str | bytes, headers: dict[str, str], url: str = URL, method: str = "POST") -> Written:
    named = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return Written(method, url, named, body.encode() if isinstance(body, str) else body)


def believed(name: str, what: Written, **secrets: str) -> bool:
    """Do the rules of a scheme accept it, and refuse it with another secret?"""
    ours = _secrets(name, secrets)
    wrong = dict.fromkeys(ours, (b"d2hhdGV2ZXIgYW5kIG1vcmU=",))
    asked = request_of(what, now())
    assert verdict(scheme(name), asked, wrong) != ""
    return verdict(scheme(name), asked, ours) == ""


def signed(name: str, what: Written, header: str, **secrets: str) -> str:
    """The header that our own signing puts on a request."""
    made = dict(sign(scheme(name), what, _secrets(name, secrets)).headers)
    return made[header.lower().encode()].decode()


def _secrets(name: str, secrets: dict[str, str]) -> Secrets:
    return {f"{name}.{key}": (value.encode(),) for key, value in secrets.items()}


@few
@given(fields=FIELDS, port=st.sampled_from(["", ":443", ":8443"]))
def test_twilio(fields: dict[str, str], port: str) -> None:
    validator = pytest.importorskip("twilio.request_validator").RequestValidator("12345")
    url = f"https://hooks.example.com{port}/cb?foo=1&bar=%20x"
    signature = validator.compute_signature(url, fields)
    assert believed(
        "twilio", written(urlencode(fields), {**FORM, "X-Twilio-Signature": signature}, url), auth_token="12345"
    )
    ours = signed("twilio", written(urlencode(fields), FORM, url), "X-Twilio-Signature", auth_token="12345")
    assert validator.validate(url, fields, ours)


@few
@given(body=WORDS)
def test_twilio_json(body: str) -> None:
    validator = pytest.importorskip("twilio.request_validator").RequestValidator("12345")
    text = json.dumps({"body": body})
    url = f"{URL}?bodySHA256={hashlib.sha256(text.encode()).hexdigest()}"
    signature = validator.compute_signature(url, {})
    assert believed("twilio-json", written(text, {"X-Twilio-Signature": signature}, url), auth_token="12345")
    ours = signed("twilio-json", written(text, {}, url), "X-Twilio-Signature", auth_token="12345")
    assert validator.validate(url, text, ours)
    assert not believed("twilio-json", written(text + " ", {"X-Twilio-Signature": signature}, url), auth_token="12345")


@few
@given(body=WORDS)
def test_slack(body: str) -> None:
    stamp = str(int(now().timestamp()))
    verifier = pytest.importorskip("slack_sdk.signature").SignatureVerifier("8f742231b10e")
    time = {**FORM, "X-Slack-Request-Timestamp": stamp}
    signature = verifier.generate_signature(timestamp=stamp, body=body)
    assert believed("slack", written(body, {**time, "X-Slack-Signature": signature}), signing_secret="8f742231b10e")
    ours = signed("slack", written(body, time), "X-Slack-Signature", signing_secret="8f742231b10e")
    assert verifier.is_valid(body, stamp, ours)


@few
@given(body=WORDS, identifier=LETTERS)
def test_standard_webhooks(body: str, identifier: str) -> None:
    at = now()
    stamp = str(int(at.timestamp()))
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    webhook = pytest.importorskip("standardwebhooks").Webhook(secret)
    text = json.dumps({"body": body})
    headers = {"webhook-id": identifier, "webhook-timestamp": stamp}
    signature = webhook.sign(identifier, at, text)
    assert believed("standardwebhooks", written(text, {**headers, "webhook-signature": signature}), secret=secret)
    ours = signed("standardwebhooks", written(text, headers), "webhook-signature", secret=secret)
    assert webhook.verify(text, {**headers, "webhook-signature": ours}) == {"body": body}


@few
@given(body=WORDS)
def test_stripe(body: str) -> None:
    stamp = str(int(now().timestamp()))
    webhook = pytest.importorskip("stripe").WebhookSignature
    header = webhook.generate_signature_header(body, "whsec_x", int(stamp))
    assert believed("stripe", written(body, {"Stripe-Signature": header}), signing_secret="whsec_x")
    ours = signed(
        "stripe", written(body, {"Stripe-Signature": f"t={stamp}"}), "Stripe-Signature", signing_secret="whsec_x"
    )
    assert webhook.verify_header(body, ours, "whsec_x", 300)


@few
@given(
    fields=FIELDS,
    query=st.dictionaries(LETTERS, ASCII, max_size=3),
    nonce=LETTERS,
    method=st.sampled_from(["GET", "POST"]),
)
def test_plivo(fields: dict[str, str], query: dict[str, str], nonce: str, method: str) -> None:
    """The library itself raises where a query is not ASCII."""
    v3 = pytest.importorskip("plivo.utils.signature_v3")
    url = f"{URL}?{urlencode(query)}" if query else URL
    make: Callable[..., Any] = v3.construct_get_url if method == "GET" else v3.construct_post_url
    signature = v3.get_signature_v3(
        b"token", make(url, {} if method == "GET" else fields).decode(), nonce.encode()
    ).decode()
    headers = {**FORM, "X-Plivo-Signature-V3-Nonce": nonce}
    body = urlencode(fields) if method == "POST" else ""
    name = f"plivo-v3-{method.lower()}"
    assert believed(
        name, written(body, {**headers, "X-Plivo-Signature-V3": signature}, url, method), auth_token="token"
    )
    ours = signed(name, written(body, headers, url, method), "X-Plivo-Signature-V3", auth_token="token")
    assert v3.validate_v3_signature(method, url, nonce, "token", ours, fields if method == "POST" else None)


@few
@given(body=WORDS)
def test_sendgrid(body: str) -> None:
    stamp = str(int(now().timestamp()))
    pair = ALGORITHMS["ecdsa-sha256"].pair
    assert pair
    private, public = pair(0)
    bare = b"".join(line for line in public.splitlines() if b"-----" not in line).decode()
    webhook = pytest.importorskip("sendgrid.helpers.eventwebhook").EventWebhook(bare)
    signature = base64.b64encode(ALGORITHMS["ecdsa-sha256"].make(private, (stamp + body).encode())).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        "X-Twilio-Email-Event-Webhook-Signature": signature,
    }
    spec, live = scheme("sendgrid"), {"sendgrid.public_key": (bare.encode(),)}
    for text in (body, body + " "):
        ours = verdict(spec, request_of(written(text, headers), now()), live) == ""
        assert ours == webhook.verify_signature(text, signature, stamp) == (text == body)


BIRD = (
    "header: MessageBird-Signature-JWT, is: jwt, key: signing_key, allow: [HS256, HS384, HS512],"
    " require: [exp, nbf, iss], leeway: 1s,"
    ' claims: {iss: MessageBird, url_hash: "{url|sha256|hex}", payload_hash: "%s"}'
)


@few
@given(body=st.binary(max_size=60), alg=st.sampled_from(["HS256", "HS384", "HS512"]), change=st.sampled_from(
    ["", "iss", "url_hash", "payload_hash", "exp", "nbf"]))  # fmt: skip
def test_messagebird(body: bytes, alg: str, change: str) -> None:
    stamp = str(int(now().timestamp()))
    library = pytest.importorskip("messagebird.request_validator")
    key = "a signing key of MessageBird, which is long enough for any HMAC of the SHA family"
    claims: dict[str, Any] = {"iss": "MessageBird", "nbf": int(stamp), "exp": int(stamp) + 60, "jti": "1"}
    claims["url_hash"] = hashlib.sha256(URL.encode()).hexdigest()
    claims |= {"payload_hash": hashlib.sha256(body).hexdigest()} if body else {}
    claims |= {"exp": int(stamp) - 60} if change == "exp" else {"nbf": int(stamp) + 600} if change == "nbf" else {}
    claims |= {change: "other"} if change in ("iss", "url_hash", "payload_hash") else {}
    token = issue(claims, key.encode(), (alg,)).decode()
    rule = signing(BIRD % ("{body|sha256|hex}" if body else ""))
    ours = verdict(
        rule,
        request_of(written(body, {"MessageBird-Signature-JWT": token}), now()),
        {"acme.signing_key": (key.encode(),)},
    )
    theirs = partial(library.RequestValidator(key).validate_signature, token, URL, body)
    assert (ours == "") == (change == "")
    if change:
        with pytest.raises(library.ValidationError):
            theirs()
    else:
        assert theirs() == claims


@few
@given(body=WORDS, right=st.booleans())
def test_vonage_jwt(body: str, right: bool) -> None:
    """The library only looks at the token; that it is about this body is ours to check."""
    stamp = str(int(now().timestamp()))
    verify = pytest.importorskip("vonage_jwt").verify_signature
    secret = "2f0b3b1a9c4d4ce0a1d7e6b5c4f3a291xx"
    key = secret if right else secret[::-1]
    digest = hashlib.sha256(body.encode()).hexdigest()
    claims = {"iss": "Vonage", "iat": int(stamp), "exp": int(stamp) + 60, "payload_hash": digest}
    token = issue(claims, key.encode(), ("HS256",)).decode()
    headers = {"Authorization": f"Bearer {token}"}
    assert verify(token, secret) is right
    assert believed("vonage-jwt", written(body, headers), signature_secret=secret) is right
    assert not believed("vonage-jwt", written(body + " ", headers), signature_secret=secret)
