"""Does the real server take what real vendors send, and say what it holds?"""

import hashlib
import hmac
import http.client
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import AKC, CALLBACKS, acme, run, start

SECRET = "a secret of the test's own"
URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[bytes]
    port: int
    store: Path
    greeting: str

    def post(self, body: bytes, headers: dict[str, str], path: str = "sms/1/111") -> tuple[int, str]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        connection.request("POST", f"/notify/{path}", body, headers)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        connection.close()
        return answer

    def stored(self, *flags: str) -> list[dict[str, Any]]:
        lines = run("events", "--store", self.store, "-o", "json", *flags).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def end(self, number: int) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, events that were printed, the rest of stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


def _serve(folder: Path, *flags: str | Path, **environ: str) -> Served:
    """Started, and read until the first of the addresses that its greeting ends with."""
    process = start("serve", "--port", "0", "--store", folder / "a.db", *flags, **environ)
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line.decode())
        if line.startswith(b"post"):
            break
    text = "".join(lines)
    found = URL.search(text)
    assert found, text
    return Served(process, int(found[1]), folder / "a.db", text)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    one = _serve(tmp_path_factory.mktemp("served"), ADAPTER_SECRET_NETEASE_APP_SECRET=SECRET)
    yield one
    one.process.kill()
    one.process.communicate()


def _body(vendor: str) -> bytes:
    return (CALLBACKS / f"{vendor}.http").read_bytes().partition(b"\n\n")[2].removesuffix(b"\n")


def _netease_headers() -> dict[str, str]:
    """As NetEase's page words it: MD5 of the body, then SHA-1 of secret, MD5 and time."""
    md5, now = hashlib.md5(_body("netease")).hexdigest(), "1496385645000"
    return {"MD5": md5, "CurTime": now, "CheckSum": hashlib.sha1(f"{SECRET}{md5}{now}".encode()).hexdigest()}


FALSE_HEADERS = {
    "MD5": "2d35ef62d088aa6a176ab5e92e30a967",
    "CurTime": "2017-06-02 14:40:45",
    "CheckSum": "8aee9fa350c6dc7081129794882b4d16bf103000",
}
POSTED = [
    ("aliyun", {"Content-Type": "application/json"}, 200, '{"code":0,"msg":"接收成功"}', ["12345"]),
    ("cloopen", {}, 200, '{"statuscode":"000000"}', ["4121908f3d1b4edb9210f0eb4742f62c"]),
    ("huawei", {}, 200, '{"returnCode":0,"returnCodeDesc":"Success"}', ["xxxxxxxxxxx"]),
    ("netease", _netease_headers(), 200, '{"code":200}', ["1490", "1491"]),
    ("tencent", {}, 200, '{"result":0,"errmsg":"OK"}', ["xxxxxxx"]),
]


@pytest.mark.parametrize(("vendor", "headers", "status", "answer", "ids"), POSTED)
def test_a_callback_is_answered_in_its_vendors_words_and_can_be_read_back(
    served: Served, vendor: str, headers: dict[str, str], status: int, answer: str, ids: list[str]
) -> None:
    for _ in range(2):  # a retry is acked again and stored once
        assert served.post(_body(vendor), headers) == (status, answer)
    stored = served.stored("--vendor", vendor)
    assert [event["data"]["message_id"] for event in stored] == ids
    assert {event["data"]["status"] for event in stored} == {"delivered"}
    assert {event["source"] for event in stored} == {f"/sms/1/{vendor}"}


def test_the_headers_printed_with_the_sample_are_refused(served: Served) -> None:
    before = len(served.stored())
    assert served.post(_body("netease"), FALSE_HEADERS) == (401, "unauthorized")
    assert len(served.stored()) == before


def test_events_are_paged_filtered_and_shown_as_a_table(served: Served) -> None:
    for vendor, headers, *_ in POSTED[:2]:
        served.post(_body(vendor), headers)
    first = run("events", "--store", served.store, "-o", "json", "--limit", "1")
    assert len(first.stdout.splitlines()) == 1
    assert "--since 1" in first.stderr
    assert len(served.stored()) == 1 + len(served.stored("--since", "1"))
    assert served.stored("--kind", "sms.inbound") == []
    table = run("events", "--store", f"sqlite:///{served.store}", "--vendor", "aliyun")
    assert table.exit_code == 0
    assert table.stdout.splitlines()[-1] == "1 event"
    assert "1381111****" in table.stdout


def test_a_second_server_on_the_port_says_so_and_leaves_no_file(served: Served, tmp_path: Path) -> None:
    result = run("serve", "--port", str(served.port), "--store", tmp_path / "b.db")
    assert result.exit_code == 4
    assert f"port {served.port} of 127.0.0.1 is in use" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_greeting_says_what_is_served(served: Served) -> None:
    assert re.search(r"^secrets +1 of \d+ present$", served.greeting, re.MULTILINE)
    assert "netease: ADAPTER" not in served.greeting
    assert "twilio: ADAPTER_SECRET_TWILIO_AUTH_TOKEN is not set" in served.greeting
    assert "tencent" in served.greeting
    assert f"store      {served.store}" in served.greeting


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_gracefully_and_every_stored_event_was_printed(tmp_path: Path, number: int) -> None:
    folder = acme(tmp_path / "own", AKC)
    one = _serve(tmp_path, "--vendors", folder)
    assert "error[SPEC001]" in one.greeting
    assert "acme: its file has mistakes" in one.greeting
    assert "netease: ADAPTER_SECRET_NETEASE_APP_SECRET is not set" in one.greeting
    assert one.post(_body("tencent"), {}) == (200, '{"result":0,"errmsg":"OK"}')
    assert one.post(_body("netease"), _netease_headers())[0] == 503
    code, printed, rest = one.end(number)
    assert (code, printed) == (0, one.stored())
    assert [event["data"]["vendor"] for event in printed] == ["tencent"]
    assert "Traceback" not in rest


STRICT: list[tuple[tuple[tuple[str, str], ...], dict[str, str], str]] = [
    ((AKC,), {"ADAPTER_SECRET_NETEASE_APP_SECRET": "x"}, "1 error"),
    ((("status: delivered}", "status: expired}"),), {}, "--strict: 1 example not as its file says"),
    ((), {"ADAPTER_SECRET_NETEASE_APP_SECRET": "x"}, "acme.api_secret is not set"),
    ((), {"ADAPTER_SECRET_SENDGRID_PUBLIC_KEY": "x"}, "sendgrid.public_key not a public key in PEM, base64 or DER"),
]


@pytest.mark.parametrize(("changes", "environ", "told"), STRICT)
def test_strict_refuses_what_would_be_held_back(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], environ: dict[str, str], told: str
) -> None:
    folder = acme(tmp_path / "own", *changes)
    result = run("serve", "--strict", "--vendors", folder, "--store", tmp_path / "a.db", **environ)
    assert result.exit_code == 1
    assert told in result.stderr
    assert not (tmp_path / "a.db").exists()


def test_a_deployment_is_served_with_secrets_from_files_that_may_change(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "token_one").write_text("the-token-of-one")
    (folder / "netease.app_secret").write_text("another")
    config = tmp_path / "adapter.yaml"
    config.write_text(
        "adapter: v1\nlisten: {public_url: https://hooks.example.com}\nlimits: {body: 5000}\nchannels:\n"
        "  sms/one: {vendor: netease, token: token_one}\n"
        "  sms/two: {vendor: tencent, token: token_two}\n"
    )
    one = _serve(tmp_path, "--config", config, ADAPTER_SECRETS_DIR=str(folder), ADAPTER_SECRET_TOKEN_TWO="token-zwei")
    try:
        assert "secrets    3 of 3 present" in one.greeting
        assert "https://hooks.example.com/notify/sms/one/<the value of token_one>  netease" in one.greeting
        assert one.post(_body("tencent"), {}, "sms/two/token-zwei") == (200, '{"result":0,"errmsg":"OK"}')
        assert (
            one.post(_body("tencent"), {}, "sms/two/token-drei")
            == one.post(b"", {}, "sms/nobody/x")
            == (404, "not_found")
        )
        assert one.post(b"x" * 5001, {}, "sms/two/token-zwei")[0] == 413
        assert one.post(_body("netease"), _netease_headers(), "sms/one/the-token-of-one")[0] == 401
        (folder / "netease.app_secret").write_text(f"{SECRET}\nanother\n")
        for _ in range(50):
            answer = one.post(_body("netease"), _netease_headers(), "sms/one/the-token-of-one")
            if answer[0] == 200:
                break
            time.sleep(0.1)
        assert answer == (200, '{"code":200}')
    finally:
        code, printed, rest = one.end(signal.SIGTERM)
    assert (code, len(printed)) == (0, 3)
    (changed,) = [json.loads(line) for line in rest.splitlines() if "secrets.changed" in line]
    assert changed["secrets"] == ["netease.app_secret"]
    assert [
        word for word in ("the-token-of-one", "token-zwei", "token-drei", SECRET) if word in one.greeting + rest
    ] == []


def test_what_the_command_says_stands_over_the_deployment_file(tmp_path: Path) -> None:
    config = tmp_path / "adapter.yaml"
    config.write_text(
        "adapter: v1\nstore: /nowhere/at/all.db\nlisten: {port: 1, host: 192.0.2.1}\n"
        "channels: {sms/1: {vendor: tencent, open: a test}}\n"
    )
    one = _serve(tmp_path, "--config", config, "--host", "127.0.0.1")
    assert one.post(_body("tencent"), {}, "sms/1/x")[0] == 200
    assert one.end(signal.SIGTERM)[0] == 0


def test_files_are_looked_at_when_a_signal_says_so_and_specs_tells_what_is_served(tmp_path: Path) -> None:
    own = acme(tmp_path / "own")
    one = _serve(tmp_path, "--vendors", own, ADAPTER_SECRET_ACME_API_SECRET=SECRET)
    try:
        first = _acme(one)["spec"]
        acme(own, AKC)
        one.process.send_signal(signal.SIGHUP)
        broken = _told(one, lambda rows: rows["acme"]["broken"])
        assert (broken["hash"], broken["served"]) == (first, "the last good version")
        assert "acme.yaml:9:1: error[SPEC001]" in broken["broken"]
        text = run("specs", "--store", one.store, "--vendor", "acme")
        assert text.exit_code == 1
        assert re.search(rf"^acme +{first} +2\S+Z +the last good version$", text.stdout, re.MULTILINE)
        assert text.stdout.endswith("\n1 vendor, 1 file not taken\n")
        acme(own, ("Acme SMS", "Acme"))
        one.process.send_signal(signal.SIGHUP)
        mended = _told(one, lambda rows: not rows["acme"]["broken"])
        assert _acme(one, "a-2")["spec"] == mended["hash"] != first
        assert run("specs", "--store", one.store).exit_code == 0
    finally:
        code, _, rest = one.end(signal.SIGTERM)
    assert (code, rest.count("error[SPEC001]: unknown key 'akc'")) == (0, 1)
    acme(own, AKC)
    again = _serve(tmp_path, "--vendors", own, ADAPTER_SECRET_ACME_API_SECRET=SECRET)
    try:
        assert re.search(r"^last good +acme is served by an older version: .*SPEC001", again.greeting, re.MULTILINE)
        assert "acme: its file has mistakes" not in again.greeting
        assert _acme(again, "a-3")["spec"] == mended["hash"]
    finally:
        assert again.end(signal.SIGTERM)[0] == 0


def _acme(one: Served, message: str = "a-1") -> dict[str, Any]:
    """The data of its event, when Acme posts a receipt."""
    body = b'{"reports": [{"id": "%s", "phone": "1", "result": "000"}]}' % message.encode()
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    assert one.post(body, {"X-Acme-Signature": signature}) == (200, '{"ok":true}')
    data: dict[str, Any] = one.stored("--vendor", "acme")[-1]["data"]
    return data


def _told(one: Served, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    for _ in range(100):
        rows = {row["vendor"]: row for row in json.loads(run("specs", "--store", one.store, "-o", "json").stdout)}
        if true(rows):
            break
        time.sleep(0.1)
    found: dict[str, Any] = rows["acme"]
    return found
