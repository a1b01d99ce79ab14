"""May this caller post here? Over real HTTP, and with the vendors that are shipped."""

import hashlib
import hmac
import json
import logging
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from adapter.engine.flow import process
from adapter.model import Request, Secrets
from adapter.service.deployment import Deployment
from adapter.service.gate import address, caller, same_token
from adapter.service.secrets import faults, read_secrets
from tests.service.test_deployment import good, shipped
from tests.service.tiny import Served, serving
from tests.service.told import told

FILE = """\
adapter: v1
limits: {body: 5000}
listen: {public_url: https://hooks.example.com/in, trusted_proxies: [127.0.0.1]}
channels:
  sms/one: {vendor: netease, token: token_one}
  sms/two: {vendor: netease, token: token_two, secrets: {app_secret: netease_second}}
  sms/open: {vendor: tencent, open: a test}
  sms/near: {vendor: tencent, token: token_one, networks: [203.0.113.0/24]}
  sms/unset: {vendor: netease, token: token_unset}
  sms/far: {vendor: tencent, token: token_unset, networks: [198.51.100.0/24]}
  voice/us: {vendor: twilio, token: token_one}
  mail/1: {vendor: sendgrid, token: token_one}
"""
SECRETS: Secrets = {
    "token_one": (b"new-token.of_one", b"old-token-of-one"),
    "token_two": (b"token-of-two",),
    "netease.app_secret": (b"first account",),
    "netease_second": (b"second account", b"second account, before"),
    "twilio.auth_token": (b"12345",),
    "sendgrid.public_key": (b"not a key",),
}
TENCENT = [{
    "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13xxxxxxxxx",
    "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "ok", "sid": "x",
}]  # fmt: skip


def deployment(folder: Path) -> Deployment:
    return good(folder, FILE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("gate")
    found = deployment(folder)
    with serving(folder, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as server:
        yield server


def signed(message: str, secret: str) -> tuple[bytes, dict[str, str]]:
    """As NetEase's page words it: MD5 of the body, then SHA-1 of secret, MD5 and time."""
    report = {"mobile": "12345678945", "sendid": message, "result": "DELIVRD", "sendTime": "2017-06-02 14:40:45",
              "reportTime": "2017-06-02 14:41:00", "spliced": "1"}  # fmt: skip
    body = json.dumps({"eventType": "11", "objects": [report]}).encode()
    md5, now = hashlib.md5(body).hexdigest(), "1496385645000"
    return body, {"MD5": md5, "CurTime": now, "CheckSum": hashlib.sha1(f"{secret}{md5}{now}".encode()).hexdigest()}


def post(served: Served, path: str, message: str = "1", secret: str = "first account") -> httpx.Response:
    body, headers = signed(message, secret)
    return served.client.post(f"/notify/{path}", content=body, headers=headers)


ACCOUNTS = [
    ("sms/one/new-token.of_one", "first account", 200),
    ("sms/one/old-token-of-one", "first account", 200),
    ("sms/one/new-token.of_one", "second account", 401),
    ("sms/two/token-of-two", "second account", 200),
    ("sms/two/token-of-two", "second account, before", 200),
    ("sms/two/token-of-two", "first account", 401),
]


@pytest.mark.parametrize(("path", "secret", "status"), ACCOUNTS)
def test_two_accounts_of_one_vendor_differ_and_each_has_several_live_values(
    served: Served, path: str, secret: str, status: int
) -> None:
    assert post(served, path, f"{path} {secret}", secret).status_code == status
    assert (f"{path} {secret}" in served.stored()) == (status == 200)


def test_one_message_id_of_two_accounts_is_two_events(served: Served) -> None:
    post(served, "sms/one/new-token.of_one", "shared")
    post(served, "sms/two/token-of-two", "shared", "second account")
    assert served.stored().count("shared") == 2


STRANGERS = [
    "sms/nobody/new-token.of_one",
    "email/one/new-token.of_one",
    "sms/one/token-of-two",
    "sms/one/new-token.of_on",
    "sms/one/new-token.of_one-",
    "sms/one/NEW-TOKEN.OF_ONE",
    "sms/one/token_one",
    "sms/one/x",
    "sms/near/new-token.of_one",
    "sms/far/anything",
    "sms/one",
]


def test_a_stranger_always_hears_the_same(served: Served) -> None:
    answers = [post(served, path) for path in STRANGERS]
    answers += [served.client.request(method, f"/notify/{STRANGERS[0]}") for method in ("HEAD", "GET", "DELETE")]
    heads = [{name: value for name, value in one.headers.items() if name != "date"} for one in answers]
    assert {one.status_code for one in answers} == {404}
    assert {one.text for one in answers} == {"not_found", ""}
    assert all(head == heads[0] for head in heads)


def test_logs_and_answers_name_no_token_and_no_secret(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [post(served, path) for path in (*STRANGERS, "sms/one/new-token.of_one/tail", "sms/unset/a-guess")]
        answers.append(post(served, "sms/one/new-token.of_one", secret="wrong"))
    lines = told(caplog, level=logging.DEBUG)
    assert len([line for line in lines if '"level": "warning"' in line]) == len(STRANGERS) + 2
    hidden = ["a-guess", *(value.decode() for values in SECRETS.values() for value in values)]
    shown = "\n".join([*lines, *(f"{one.headers} {one.text}" for one in answers)])
    assert [value for value in hidden if value in shown] == []


def test_what_was_wrong_is_counted(tmp_path: Path) -> None:
    found = deployment(tmp_path)
    with serving(tmp_path, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as server:
        for path in ("sms/nobody/t", "sms/one/t", "sms/near/new-token.of_one", "sms/unset/t"):
            post(server, path)
        codes = {code: count for (_, _, _, code), count in server.counts.snapshot().items()}
    assert codes == {"unknown_channel": 1, "token": 1, "network": 1, "token_unset": 1}


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("second account", "secret netease.app_secret: 1 of 2"),
        ("second account, before", "secret netease.app_secret: 2 of 2"),
    ],
)
def test_which_live_secret_proved_a_request_is_counted_and_stored(tmp_path: Path, secret: str, told: str) -> None:
    found = deployment(tmp_path)
    with serving(tmp_path, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as server:
        assert post(server, "sms/two/token-of-two", "rotated", secret).status_code == 200
        assert server.counts.snapshot()["netease", "sms/two", "note", told] == 1
    with closing(sqlite3.connect(tmp_path / "adapter.db")) as connection:
        assert connection.execute("SELECT notes FROM requests").fetchall() == [(json.dumps([told]),)]


def test_an_open_channel_takes_any_token(served: Served) -> None:
    answer = served.client.post("/notify/sms/open/anything", json=TENCENT)
    assert (answer.status_code, answer.json()) == (200, {"result": 0, "errmsg": "OK"})


FORWARDED = [
    ([], 404),
    (["203.0.113.7"], 200),
    (["203.0.113.7:4711"], 200),
    (["::ffff:203.0.113.7"], 200),
    (["[::ffff:203.0.113.7]:4711"], 200),
    (["198.51.100.1, 203.0.113.7"], 200),
    (["203.0.113.7, 198.51.100.1"], 404),
    (["203.0.113.7", "198.51.100.1"], 404),
    (["203.0.113.7, 127.0.0.1"], 200),
    (["203.0.113.7, 198.51.100.1, 127.0.0.1"], 404),
    (["203.0.113.7, unknown"], 404),
    (["203.0.113.7,"], 404),
    (["203.0.113.7, 203.0.113.300"], 404),
]


@pytest.mark.parametrize(("forwarded", "status"), FORWARDED)
def test_behind_a_trusted_proxy_its_own_last_entry_counts(served: Served, forwarded: list[str], status: int) -> None:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    answer = served.client.post("/notify/sms/near/new-token.of_one", headers=headers, json=TENCENT)
    assert answer.status_code == status


CALLERS = [
    ("203.0.113.7", ["198.51.100.1"], [], "203.0.113.7"),
    ("203.0.113.7", ["198.51.100.1"], ["10.0.0.0/8"], "203.0.113.7"),
    ("10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
    ("::ffff:10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
    ("10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.9.9.9"], ["10.0.0.0/8"], "198.51.100.1"),
    ("10.0.0.1", ["10.1.1.1"], ["10.0.0.0/8"], "10.1.1.1"),
    ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
    ("::1", ["2001:db8::7"], ["::1/128"], "2001:db8::7"),
    ("10.0.0.1", ["\xff"], ["10.0.0.0/8"], None),
    ("", ["198.51.100.1"], ["10.0.0.0/8"], None),
]


@pytest.mark.parametrize(("peer", "forwarded", "proxies", "expected"), CALLERS)
def test_whoever_posts_is_found_without_believing_what_it_says(
    peer: str, forwarded: list[str], proxies: list[str], expected: str | None
) -> None:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    found = caller(peer, headers, [ip_network(one) for one in proxies])
    assert found == (None if expected is None else address(expected))


def test_a_token_is_one_of_the_live_values_and_an_empty_one_is_none() -> None:
    assert same_token(b"b", (b"a", b"b"))
    assert not same_token(b"", (b"",))
    assert not same_token(b"a", ())


@pytest.mark.parametrize("path", ["sms/unset/any", "sms/unset/other"])
def test_a_channel_without_its_token_is_closed_and_its_vendor_comes_again(served: Served, path: str) -> None:
    answer = post(served, path)
    assert (answer.status_code, answer.text) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_a_deployment_is_ready_only_when_all_that_it_asks_for_is_there(served: Served, tmp_path: Path) -> None:
    answer = served.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "held_back": [],
        "last_good": {},
        "closed_channels": ["mail/1", "sms/far", "sms/unset"],
        "missing_secrets": ["token_unset"],
        "unusable_secrets": ["sendgrid.public_key"],
        "store": "ok",
    }
    found = good(tmp_path, "adapter: v1\nchannels:\n  sms/two: {vendor: netease, token: token_two, secrets: {app_secret: netease_second}}\n")  # noqa: E501  # fmt: skip
    with serving(tmp_path, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as server:
        assert server.client.get("/readyz").status_code == 200


def test_a_vendor_that_is_held_back_is_told_to_come_again_by_any_method(tmp_path: Path) -> None:
    path = tmp_path / "adapter.yaml"
    path.write_text("adapter: v1\nchannels: {sms/1: {vendor: netease, token: token_one}}\n")
    found = good(tmp_path, path.read_text())
    without = type(shipped())({}, shipped().kinds)
    with serving(
        tmp_path, without, process, secrets=SECRETS, deployment=found, open_mode=False, held_back=("netease", "other")
    ) as server:
        statuses = [server.client.request(method, "/notify/sms/1/new-token.of_one").status_code for method in ("GET", "POST")]  # noqa: E501  # fmt: skip
        ready = server.client.get("/readyz")
    assert statuses == [503, 503]
    assert (ready.status_code, ready.json()["held_back"]) == (503, ["netease"])


@pytest.mark.parametrize(
    ("base", "status"),
    [
        ("https://hooks.example.com/in", 200),
        ("https://hooks.example.com:443/in", 200),
        ("http://hooks.example.com/in", 401),
        ("https://hooks.example.com", 401),
        ("https://127.0.0.1", 401),
    ],
)
def test_a_vendor_that_signs_its_url_is_believed_behind_a_proxy(served: Served, base: str, status: int) -> None:
    """https://www.twilio.com/docs/usage/security: the URL as it was given, then each field of the form."""
    target = "/notify/voice/us/new-token.of_one/a%2Fb?x=%E5&y="
    fields = {"AccountSid": "AC1", "MessageSid": f"SM{hash(base)}", "MessageStatus": "delivered", "To": "+15550100"}
    text = base + target + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    signature = b64encode(hmac.digest(b"12345", text.encode(), "sha1")).decode()
    headers = {"X-Twilio-Signature": signature, "Host": "attacker.example", "X-Forwarded-Proto": "http"}
    assert served.client.post(target, data=fields, headers=headers).status_code == status


def test_limits_are_those_of_the_file(served: Served) -> None:
    assert served.client.post("/notify/sms/open/t", content=b"x" * 5001).status_code == 413


def test_what_nobody_foresaw_is_answered_with_the_channels_own_retry_status(tmp_path: Path) -> None:
    found = good(tmp_path, "adapter: v1\nchannels: {sms/1: {vendor: telling, open: a test}}\n".replace("telling", "netease"))  # noqa: E501  # fmt: skip

    def torn(_: object, __: Request, ___: Secrets) -> None:
        raise RuntimeError("never said")

    with serving(tmp_path, shipped(), torn, deployment=found, open_mode=False) as server:  # type: ignore[arg-type]
        answer = server.client.post("/notify/sms/1/t", content=b"{}")
    assert (answer.status_code, answer.text) == (503, "unavailable")


def until(served: Served, path: str, status: int, secret: str) -> bool:
    """Within two seconds."""
    for _ in range(40):
        if post(served, path, secret=secret).status_code == status:
            return True
        time.sleep(0.05)
    return False


def test_secrets_that_change_while_it_runs_are_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "sms_token").write_text("one-token")
    (folder / "netease.app_secret").write_text("before")
    found = good(tmp_path, "adapter: v1\nchannels: {sms/1: {vendor: netease, token: sms_token}}\n")
    read = partial(read_secrets, ["sms_token", "netease.app_secret"], {}, folder)
    with serving(
        tmp_path, shipped(), process, secrets=read(), deployment=found, open_mode=False, reread=read
    ) as server:
        assert post(server, "sms/1/one-token", secret="before").status_code == 200
        (folder / "netease.app_secret").write_text("after!")  # as long as the one before
        assert until(server, "sms/1/one-token", 200, "after!")
        assert post(server, "sms/1/one-token", secret="before").status_code == 401
        (folder / "sms_token").write_text("two-token\none-token\n")
        assert until(server, "sms/1/two-token", 200, "after!")
        assert post(server, "sms/1/one-token", secret="after!").status_code == 200
        (folder / "sms_token").unlink()
        assert until(server, "sms/1/two-token", 503, "after!")
        (folder / "sms_token").mkdir()  # cannot be read: what was live stays
        time.sleep(0.2)
        assert post(server, "sms/1/two-token", secret="after!").status_code == 503
        (folder / "sms_token").rmdir()
        (folder / "sms_token").write_text("three-token")
        assert until(server, "sms/1/three-token", 200, "after!")
    lines = told(caplog, "adapter.service.rotation")
    changed = [json.loads(line)["secrets"] for line in lines if "secrets.changed" in line]
    assert changed.count(["sms_token"]) == 3
    assert len([line for line in lines if "secrets.unreadable" in line]) == 1
    assert not [line for line in lines if "-token" in line or "after!" in line]


RSA_LINE = b"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ=="  # noqa: E501
UNUSABLE = [
    ("sendgrid", {"sendgrid.public_key": (b"not a key",)}, ["not a public key in PEM, base64 or DER"], True),
    ("sendgrid", {"sendgrid.public_key": (RSA_LINE,)}, ["a key for another algorithm"], True),
    ("sendgrid", {"sendgrid.public_key": ()}, ["is not set"], True),
    ("telnyx", {"telnyx.public_key": (b"x", b64encode(b"\1" * 32))},
     ["value 1 of 2 not a public key in PEM, base64 or DER"], False),
    ("messagebird", {"messagebird.signing_key": (b"-----BEGIN PUBLIC KEY-----\n",)},
     ["a PEM key where an HMAC secret is wanted"], True),
    ("netease", {"netease.app_secret": (b"anything at all",)}, [], False),
]  # fmt: skip


@pytest.mark.parametrize(("vendor", "secrets", "told", "closes"), UNUSABLE)
def test_a_value_that_is_no_key_is_found_before_the_first_callback(
    tmp_path: Path, vendor: str, secrets: Secrets, told: list[str], closes: bool
) -> None:
    listen = "listen: {public_url: https://hooks.example.com}\n"
    found = good(tmp_path, f"adapter: v1\n{listen}channels: {{sms/1: {{vendor: {vendor}, open: a test}}}}\n")
    wrong = faults(found.wanted(shipped()), secrets)
    assert list(dict.fromkeys(one.what for one in wrong)) == told
    assert all(one.closes == closes for one in wrong)


@pytest.mark.parametrize(
    ("token", "good_one"), [(b"a b", False), (b"x/y", False), (b"x" * 65, False), (b"x.y-z_1", True)]
)
def test_a_token_that_cannot_stand_in_a_url_is_found_too(tmp_path: Path, token: bytes, good_one: bool) -> None:
    found = good(tmp_path, "adapter: v1\nchannels: {sms/1: {vendor: tencent, token: t}}\n")
    assert bool(faults(found.wanted(shipped()), {"t": (token,)})) != good_one
