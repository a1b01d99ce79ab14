"""Can a rule say what vendors do that no recorded verdict covers? Signed here by hand, after the vendors' pages."""

import base64
import hashlib
import hmac
import json
import zlib
from datetime import timedelta
from email.utils import format_datetime

import pytest

from adapter.signatures.algorithms import ALGORITHMS
from tests.signatures.schemes import callback, signing, verdict
from tests.specs import ARRIVAL

SECRETS = {"acme.k": (b"key",), "acme.other": (b"other",)}
BODY = b'{"id": 1}'
NOW = str(int(ARRIVAL.timestamp()))


def mac(message: str | bytes, name: str = "sha256", key: bytes = b"key") -> str:
    return hmac.new(key, message.encode() if isinstance(message, str) else message, name).hexdigest()


def test_dropbox_sign_by_parse_json() -> None:
    """https://developers.hellosign.com/docs/events/walkthrough: the rest of the event is not signed."""
    of = "{json.json.event.event_time}{json.json.event.event_type}"
    rule = f'json: json.event.event_hash, is: hmac-sha256, key: k, of: "{of}"'
    spec = signing(rule, body="form", more="parse_json: [json]\n")
    event = {"event_time": "1348177752", "event_type": "signature_request_sent", "event_hash": ""}
    event["event_hash"] = mac(event["event_time"] + event["event_type"])
    assert verdict(spec, callback("json=" + json.dumps({"event": event})), SECRETS) == ""
    event["event_type"] = "signature_request_signed"
    assert verdict(spec, callback("json=" + json.dumps({"event": event})), SECRETS) == "bad_signature"


@pytest.mark.parametrize(("shift", "code"), [(0, ""), (299, ""), (301, "stale"), (-299, ""), (-301, "stale")])
def test_a_date_header_is_signed_behind_the_body(shift: int, code: str) -> None:
    """Scalr: HMAC-SHA1 over body and Date, five minutes."""
    spec = signing(
        'header: X-Signature, is: hmac-sha1, key: k, of: "{body}{header.Date}",'
        ' at: "{header.Date}", unit: rfc1123, within: 5m'
    )
    date = format_datetime(ARRIVAL + timedelta(seconds=shift), usegmt=True)
    assert (
        verdict(spec, callback(BODY, {"X-Signature": mac(BODY + date.encode(), "sha1"), "Date": date}), SECRETS) == code
    )
    assert verdict(spec, callback(BODY, {"X-Signature": mac(BODY, "sha1"), "Date": date}), SECRETS) == "bad_signature"


def test_wechat_sorts_token_time_and_nonce() -> None:
    """https://developers.weixin.qq.com/doc/offiaccount/en/Basic_Information/Access_Overview.html: not the body."""
    items = '["{secret.k}", "{query.timestamp}", "{query.nonce}"]'
    rule = f'query: signature, is: sha1, of: "{{list}}", list: {{items: {items}, sort: true}}'
    spec = signing(rule, body="xml")
    for timestamp, nonce in (("1409659813", "1372623149"), ("1", "zzz"), ("9", "a")):
        digest = hashlib.sha1("".join(sorted(["key", timestamp, nonce])).encode()).hexdigest()
        target = f"/cb?signature={digest}&timestamp={timestamp}&nonce={nonce}"
        assert verdict(spec, callback("<xml/>", target=target), SECRETS) == ""
        assert verdict(spec, callback("<xml/>", target=target + "0"), SECRETS) == "bad_signature"


def test_wechat_pay_signs_with_the_key_of_a_serial_number() -> None:
    """https://pay.weixin.qq.com/doc/v3/merchant/4013053249: time, nonce and body, each with a line break behind it."""
    rule = (
        "header: Wechatpay-Signature, encoding: base64, is: rsa-sha256,"
        ' key: {secret: k, id: "{header.Wechatpay-Serial}"},'
        r' of: "{header.Wechatpay-Timestamp}\n{header.Wechatpay-Nonce}\n{body}\n",'
        ' at: "{header.Wechatpay-Timestamp}", within: 5m'
    )
    make, pair = ALGORITHMS["rsa-sha256"].make, ALGORITHMS["rsa-sha256"].pair
    assert pair
    (private, public), (_, other) = pair(0), pair(1)
    signature = base64.b64encode(make(private, f"{NOW}\nn-1\n".encode() + BODY + b"\n")).decode()
    headers = {
        "Wechatpay-Timestamp": NOW,
        "Wechatpay-Nonce": "n-1",
        "Wechatpay-Serial": "S1",
        "Wechatpay-Signature": signature,
    }
    live = {"acme.k": (b"S0:" + other, b"S1:" + public)}
    spec = signing(rule)
    assert verdict(spec, callback(BODY, headers), live) == ""
    for change in (
        {"Wechatpay-Serial": "S0"},
        {"Wechatpay-Serial": "S2"},
        {"Wechatpay-Nonce": "n-2"},
        {"Wechatpay-Timestamp": "1"},
    ):
        assert verdict(spec, callback(BODY, {**headers, **change}), live) == "bad_signature"
    assert verdict(spec, callback(BODY, headers, at=ARRIVAL + timedelta(minutes=6)), live) == "stale"


@pytest.mark.parametrize(
    ("name", "order"),
    [("sha256", "{header.T}{header.N}{secret.k}{body}"), ("sha1", "{header.T}{header.N}{secret.other}{body}")],
)
def test_lark_signs_with_a_digest_of_time_nonce_key_and_body(name: str, order: str) -> None:
    """https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case"""
    spec = signing(f'header: X-Lark-Signature, is: {name}, of: "{order}"')
    key = b"key" if "secret.k" in order else b"other"
    digest = hashlib.new(name, f"{NOW}n".encode() + key + BODY).hexdigest()
    assert verdict(spec, callback(BODY, {"T": NOW, "N": "n", "X-Lark-Signature": digest}), SECRETS) == ""
    assert (
        verdict(spec, callback(BODY + b" ", {"T": NOW, "N": "n", "X-Lark-Signature": digest}), SECRETS)
        == "bad_signature"
    )


def test_braintree_derives_the_key_and_writes_several_signatures_with_their_keys_names() -> None:
    rule = (
        'form: bt_signature, split: "&", pair: "|", pick: "{secret.public_key}", is: hmac-sha1,'
        ' key: {secret: private_key, derive: "{key|sha1}"}, of: "{form.bt_payload}"'
    )
    secrets = {"acme.public_key": (b"pub",), "acme.private_key": (b"private",)}
    made = mac("cGF5bG9hZA==\n", "sha1", hashlib.sha1(b"private").digest())
    spec = signing(rule, body="form")
    for written, good in (
        (f"pub|{made}", True),
        (f"old|{made}&pub|{made}", True),
        (f"old|{made}", False),
        (made, False),
    ):
        body = f"bt_signature={written.replace('&', '%26').replace('|', '%7C')}&bt_payload=cGF5bG9hZA%3D%3D%0A"
        assert verdict(spec, callback(body), secrets) == ("" if good else "bad_signature")


def test_paypal_signs_the_crc32_of_the_body_as_a_number() -> None:
    """https://developer.paypal.com/api/rest/webhooks/rest/; the certificate is one of the deployment's secrets here."""
    rule = (
        "header: PAYPAL-TRANSMISSION-SIG, encoding: base64, is: rsa-sha256, key: certificate,"
        ' of: "{header.PAYPAL-TRANSMISSION-ID}|{header.PAYPAL-TRANSMISSION-TIME}|{secret.webhook_id}|{body|crc32}",'
        ' at: "{header.PAYPAL-TRANSMISSION-TIME}", unit: rfc3339, within: 10m'
    )
    make, pair = ALGORITHMS["rsa-sha256"].make, ALGORITHMS["rsa-sha256"].pair
    assert pair
    private, public = pair(0)
    time = "2026-01-01T00:01:00Z"
    signature = base64.b64encode(make(private, f"id-1|{time}|wh-1|{zlib.crc32(BODY)}".encode())).decode()
    headers = {"PAYPAL-TRANSMISSION-ID": "id-1", "PAYPAL-TRANSMISSION-TIME": time, "PAYPAL-TRANSMISSION-SIG": signature}
    secrets = {"acme.certificate": (public,), "acme.webhook_id": (b"wh-1",)}
    assert verdict(signing(rule), callback(BODY, headers), secrets) == ""
    assert verdict(signing(rule), callback(b'{"id": 2}', headers), secrets) == "bad_signature"
    assert (
        verdict(signing(rule), callback(BODY, headers), {**secrets, "acme.webhook_id": (b"wh-2",)}) == "bad_signature"
    )
