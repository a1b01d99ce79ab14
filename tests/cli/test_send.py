"""Can a vendor be played against a running server, and does a forged copy of it get nowhere?"""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import Result

from adapter.engine.flow import process
from adapter.model import Outcome, Request, Secrets
from adapter.service.secrets import variable
from adapter.spec.language import Registry
from tests.cli.command import acme, run
from tests.service import tiny
from tests.service.test_deployment import good, shipped

FILE = """\
adapter: v1
listen: {public_url: https://hooks.example.com}
channels:
  sms/one: {vendor: netease, token: token_one}
  sms/two: {vendor: netease, token: token_two, secrets: {app_secret: netease_second}}
  sms/aliyun: {vendor: aliyun, open: a test}
  sms/jiguang: {vendor: jiguang, token: token_one}
  sms/bird: {vendor: messagebird, token: token_one}
  sms/telnyx: {vendor: telnyx, token: token_one}
  email/1: {vendor: mailgun, token: token_one}
  voice/us: {vendor: twilio, token: token_one}
  sms/unset: {vendor: baidu, token: token_unset}
"""
SECRETS: Secrets = {
    "token_one": (b"new-token-of-one", b"old-token-of-one"),
    "token_two": (b"the-token-of-two",),
    "netease.app_secret": (b"first account",),
    "netease_second": (b"second account", b"second account, before"),
    "jiguang.app_key": (b"7d431e42dfa6a6d693ac2d04",),
    "jiguang.master_secret": (b"5e987ac6d2e04d95a9d8f0d1",),
    "messagebird.signing_key": (b"PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd",),
    "mailgun.signing_key": (b"key-of-the-test",),
    "twilio.auth_token": (b"12345",),
    "telnyx.public_key": (b"e6e2bcadd0f8f5bf03e9e6bc8f4bf8a8b2dbd0e5f6a1b7a2c3d4e5f607182930"[:32],),
}
ENVIRON = {
    f"{variable(name)}{f'_{place}' if place > 1 else ''}": value.decode()
    for name, values in SECRETS.items()
    for place, value in enumerate(values, 1)
}


@dataclass(frozen=True)
class Running:
    """A server with the deployment, and the command that plays to it."""

    config: Path
    served: tiny.Served

    def send(self, *arguments: str) -> Result:
        to = f"http://127.0.0.1:{self.served.port}"
        return run("send", *arguments, "--config", self.config, "--to", to, **ENVIRON)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("send")
    found = good(folder, FILE)
    with tiny.serving(folder, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as served:
        yield Running(folder / "adapter.yaml", served)


def count(served: tiny.Served) -> int:
    return len(list(served.store.events()))


PLAYED = [
    ("netease", "--channel", "sms/one"),
    ("netease", "--channel", "sms/two"),
    ("netease", "--channel", "sms/one", "--example", "a reply"),
    ("aliyun",),
    ("jiguang",),
    ("messagebird",),
    ("mailgun",),
    ("twilio",),
]


@pytest.mark.parametrize("arguments", PLAYED, ids=" ".join)
def test_an_example_is_answered_as_its_file_promises_also_when_it_is_sent_again(
    running: Running, arguments: tuple[str, ...]
) -> None:
    for _ in range(2 if "sms/one" in arguments else 1):
        result = running.send(*arguments)
        assert result.exit_code == 0, result.output
        assert re.search(r"^verdict +(as its file promises|refused, as it must be)", result.stdout, re.MULTILINE)
        assert "/…" in result.stdout
        assert [value for values in SECRETS.values() for value in values if value.decode() in result.output] == []


FORGED = [
    ("body", "netease", "sms/two"),
    ("body", "messagebird", "sms/bird"),
    ("secret", "netease", "sms/two"),
    ("secret", "jiguang", "sms/jiguang"),
    ("secret", "twilio", "voice/us"),
    ("missing", "netease", "sms/two"),
    ("missing", "mailgun", "email/1"),
    ("replay", "jiguang", "sms/jiguang"),
    ("replay", "mailgun", "email/1"),
    ("replay", "messagebird", "sms/bird"),
]


@pytest.mark.parametrize(("how", "vendor", "channel"), FORGED)
def test_a_forged_copy_is_refused(running: Running, how: str, vendor: str, channel: str) -> None:
    before = count(running.served)
    result = running.send(vendor, "--channel", channel, "--forge", how)
    assert result.exit_code == 0, result.output
    assert re.search(r"^answered +401$", result.stdout, re.MULTILINE)
    assert "refused, as it must be" in result.stdout
    assert count(running.served) == before


IMPOSSIBLE = [
    (("netease",), "which channel of netease? choose --channel sms/one or sms/two"),
    (("netease", "--channel", "sms/aliyun"), "channel sms/aliyun does not take netease"),
    (("netese",), "did you mean 'netease'?"),
    (("tencent",), "none takes it"),
    (("aliyun", "--example", "99"), "there are\n  1 a delivered message"),
    (("aliyun", "--example", "0"), "no such example"),
    (("aliyun", "--forge", "body"), "not signed: there is nothing to forge"),
    (("netease", "--channel", "sms/one", "--forge", "replay"), "set no time limit"),
    (("jiguang", "--forge", "body"), "does not sign the whole body"),
    (("telnyx",), "signs with a private key that only it has"),
    (("baidu",), "the token of sms/unset is not set: ADAPTER_SECRET_TOKEN_UNSET"),
    (("aliyun", "--for", "3s"), "--for needs --rate"),
    (("aliyun", "--rate", "fast"), "write it like 50/s"),
    (("aliyun", "--rate", "5/s", "--forge", "body"), "choose one of --rate and --forge"),
]


@pytest.mark.parametrize(("arguments", "told"), IMPOSSIBLE, ids=[" ".join(row[0]) for row in IMPOSSIBLE])
def test_what_cannot_be_played_says_why(running: Running, arguments: tuple[str, ...], told: str) -> None:
    result = running.send(*arguments)
    assert result.exit_code == 2, result.output
    assert told in result.stderr


def test_an_example_that_brings_its_own_signature_can_be_sent_for_any_vendor(running: Running) -> None:
    signed_elsewhere = [place for place, one in enumerate(shipped().specs["telnyx"].examples, 1) if not one.sign]
    result = running.send("telnyx", "--example", str(signed_elsewhere[0]))
    assert result.exit_code in (0, 1)  # whether this server has the very key is another matter
    assert re.search(r"^answered +(200|401|503)$", result.stdout, re.MULTILINE)


def test_the_servers_secret_must_be_here_too(running: Running) -> None:
    to = f"http://127.0.0.1:{running.served.port}"
    result = run("send", "netease", "--channel", "sms/one", "--config", running.config, "--to", to,
                 ADAPTER_SECRET_TOKEN_ONE="new-token-of-one")  # fmt: skip
    assert result.exit_code == 2
    assert "ADAPTER_SECRET_NETEASE_APP_SECRET is not set" in result.stderr


def test_a_whole_url_says_channel_token_and_tail(running: Running) -> None:
    base = f"http://127.0.0.1:{running.served.port}/notify/sms"
    for path, status in (("one/new-token-of-one/tail", 0), ("one/old-token-of-one", 0), ("one/guessed", 1)):
        result = run("send", "netease", "--config", running.config, "--to", f"{base}/{path}", **ENVIRON)
        assert result.exit_code == status, result.output
    assert "expected 200, got 404 not_found" in result.stdout


def test_a_rate_sends_messages_of_their_own(running: Running) -> None:
    before = count(running.served)
    result = running.send("netease", "--channel", "sms/one", "--rate", "40/s", "--for", "1s")
    assert result.exit_code == 0, result.output
    assert re.search(r"^answered +40 × 200$", result.stdout, re.MULTILINE)
    assert count(running.served) == before + 80  # two receipts in each


def test_open_mode_is_played_to_without_a_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    secrets = {"netease.app_secret": (b"s",), "twilio.auth_token": (b"12345",)}
    environ = {variable(name): values[0].decode() for name, values in secrets.items()}
    with tiny.serving(tmp_path, shipped(), process, secrets=secrets) as served:
        for vendor in ("netease", "twilio", "tencent"):  # twilio signs the URL
            result = run("send", vendor, "--to", f"http://127.0.0.1:{served.port}", **environ)
            assert result.exit_code == 0, result.output
        for how in ("body", "secret", "missing"):
            result = run("send", "netease", "--to", f"http://127.0.0.1:{served.port}", "--forge", how, **environ)
            expected = 2 if how == "missing" else 0  # without its header nobody claims it
            assert result.exit_code == expected, result.output


def believing(registry: Registry, request: Request, secrets: Secrets) -> Outcome:
    """A server that believes everybody."""
    outcome = process(registry, request, secrets)
    ack = replace(outcome.ack, status=200, body=b"{}")
    return replace(outcome, name="ignored", ack=ack, duplicate_ack=ack, keep=False, code="")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--forge", "body"), "expected 401, got 200 {}"),
        (("--forge", "secret"), "expected 401, got 200 {}"),
        ((), "ack · json: expected {'ok': True}, got '{}'"),
    ],
)
def test_a_server_that_does_not_keep_the_promise_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = acme(tmp_path / "own")
    with tiny.serving(tmp_path, shipped(), believing) as served:
        result = run("send", "acme", "--vendors", folder, "--to", f"http://127.0.0.1:{served.port}", *flags,
                     ADAPTER_SECRET_ACME_API_SECRET="s")  # fmt: skip
    assert result.exit_code == 1, result.output
    assert told in result.stdout


def test_where_nobody_listens_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = run("send", "tencent", "--to", f"http://127.0.0.1:{port}")
    assert result.exit_code == 4
    assert f"no answer from http://127.0.0.1:{port}" in result.stderr
    for wrong in ("ftp://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1/elsewhere", "http://127.0.0.1:99999"):
        assert run("send", "tencent", "--to", wrong).exit_code == 2
