"""Does `try` show what would become of one callback?"""

import asyncio
import base64
import hmac
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from adapter.cli.main import main
from adapter.http_text import parse, request
from adapter.model import Request
from adapter.store.reading import read_request
from adapter.store.store import Store, open_store
from tests.cli.command import CALLBACKS, acme, run
from tests.service.tiny import event, outcome

SECRET = "ADAPTER_SECRET_NETEASE_APP_SECRET"
UNSET: dict[str, str | None] = {SECRET: None, "ADAPTER_SECRETS_DIR": None}

TRIED = [
    ("aliyun", (), {}, 0, "accepted", None, ["12345"], (200, '{"code":0,"msg":"接收成功"}')),
    ("cloopen", (), {}, 0, "accepted", None, ["4121908f3d1b4edb9210f0eb4742f62c"], (200, '{"statuscode":"000000"}')),
    ("huawei", (), {}, 0, "accepted", None, ["xxxxxxxxxxx"], (200, '{"returnCode":0,"returnCodeDesc":"Success"}')),
    ("tencent", (), {}, 0, "accepted", None, ["xxxxxxx"], (200, '{"result":0,"errmsg":"OK"}')),
    ("netease", (), {}, 1, "refused", "secret_unset", [], (503, "unavailable")),
    ("netease", (), {SECRET: "made up"}, 1, "refused", "bad_signature", [], (401, "unauthorized")),
    ("netease", ("--sign",), {}, 0, "accepted", None, ["1490", "1491"], (200, '{"code":200}')),
    ("netease", ("--sign", "--spec", "netease"), {}, 0, "accepted", None, ["1490", "1491"], (200, '{"code":200}')),
]


@pytest.mark.parametrize(("vendor", "flags", "environ", "exit_code", "outcome", "code", "ids", "ack"), TRIED)
def test_each_captured_callback_becomes_what_it_should(
    vendor: str,
    flags: tuple[str, ...],
    environ: dict[str, str],
    exit_code: int,
    outcome: str,
    code: str | None,
    ids: list[str],
    ack: tuple[int, str],
) -> None:
    result = run("try", CALLBACKS / f"{vendor}.http", "-o", "json", *flags, **{**UNSET, **environ})
    found: dict[str, Any] = json.loads(result.stdout)
    assert (result.exit_code, found["vendor"], found["outcome"], found["code"]) == (exit_code, vendor, outcome, code)
    assert [event["data"]["message_id"] for event in found["events"]] == ids
    assert (found["ack"]["status"], found["ack"]["body"]) == ack


@pytest.mark.parametrize(
    ("vendor", "flags", "told"),
    [
        (
            "tencent",
            (),
            ["claimed by  tencent", "json, 1 record", "accepted   1 event", "用户短信送达成功", "ack  200"],
        ),
        ("netease", ("--sign",), ["holds (2 rules)", "event 1   sms.delivery", "extra.template_id  1234"]),
        ("netease", (), ["no: secret_unset", "netease.app_secret is not set", f"help: set {SECRET}", "ack  503"]),
    ],
)
def test_the_text_shows_every_step(vendor: str, flags: tuple[str, ...], told: list[str]) -> None:
    result = run("try", CALLBACKS / f"{vendor}.http", *flags, **UNSET)
    for words in told:
        assert words in result.stdout


def test_a_body_that_nobody_knows_is_unmatched(tmp_path: Path) -> None:
    result = _tried(tmp_path, b'POST /notify/sms/1/111\n\n{"a": 1}')
    assert result.exit_code == 1
    assert "claimed by  nobody" in result.stdout


def test_a_bound_request_is_unclaimed_when_its_format_is_another(tmp_path: Path) -> None:
    result = _tried(tmp_path, b'POST /notify/sms/1/111\n\n{"a": 1}', "--spec", "tencent")
    assert result.exit_code == 1
    assert "unclaimed" in result.stdout
    assert "its match does not claim this request" in result.stdout


def test_a_bad_record_is_shown_with_its_place(tmp_path: Path) -> None:
    body = (CALLBACKS / "tencent.http").read_text(encoding="utf-8").replace('"sid"', '"dis"')
    result = _tried(tmp_path, body.encode())
    assert result.exit_code == 1
    assert "quarantined" in result.stdout
    assert "record 0   extract: " in result.stdout
    assert "tencent.yaml:" in result.stdout


def test_a_body_in_the_vendors_own_charset_keeps_its_bytes(tmp_path: Path) -> None:
    change = ("body: json\n", "body: json\ncharset: [gb18030]\n")
    folder = acme(tmp_path / "own", change, ("to: phone", "to: phone, description: info"))
    request = 'POST /notify/sms/1/111\r\n\r\n{"reports": [{"id": "1", "result": "021", "info": "关机"}]}\r\n'.encode(
        "gb18030"
    )
    result = _tried(tmp_path, request, "--vendors", str(folder), "--sign")
    assert result.exit_code == 0, result.output
    assert "关机" in result.stdout


def test_the_vendor_is_found_by_the_signature_that_is_missing(tmp_path: Path) -> None:
    request = b'POST /notify/sms/1/111\n\n{"reports": [{"id": "1", "phone": "1380000****", "result": "000"}]}'
    result = _tried(tmp_path, request, "--vendors", str(acme(tmp_path / "own")), "--sign")
    assert result.exit_code == 0, result.output
    assert "claimed by  acme" in result.stdout


ID = "01a21019401def0998cf5d20cc62468d"
RECEIVED = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)


async def _saved(store: Store, asked: Request) -> None:
    assert await store.save(asked, outcome(event("1"))) is False


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A store that holds one callback, its query and headers in bytes of an old charset."""
    written = parse((CALLBACKS / "tencent.http").read_text(encoding="utf-8"))
    asked = replace(request(written, RECEIVED, ID), query=b"a=%E5\xff", path="/tail")
    asked = replace(asked, headers=(*asked.headers, (b"x", b"\xe9")))
    path = tmp_path / "kept.db"
    with closing(open_store(str(path))) as store:
        asyncio.run(_saved(store, asked))
    assert read_request(str(path), ID) == replace(asked, url="")
    return path


def test_a_stored_request_is_tried_by_its_id_as_of_the_moment_when_it_came(kept: Path) -> None:
    result = run("try", ID, "--store", kept, "-o", "json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["vendor"], found["outcome"]) == (0, "tencent", "accepted")
    assert found["request"]["target"].startswith("/notify/sms/1/stored/tail?a=%E5")
    assert found["events"][0]["recordedtime"] == "2024-02-29T23:59:59.000Z"
    explained = run("try", ID, "--store", kept, "--explain")
    assert "detect     tencent" in explained.stdout
    assert "accepted" in explained.stdout


@pytest.mark.parametrize(
    ("asked", "store", "message"),
    [
        ("f" * 32, "{kept}", f"no request {'f' * 32} is stored there"),
        (ID, "none.db", "there is no such file"),
        (ID, "mysql://here/db", "mysql"),
        ("f" * 31, "{kept}", "No such file or directory"),
    ],
)
def test_an_id_that_is_not_stored_is_said(kept: Path, asked: str, store: str, message: str) -> None:
    result = run("try", asked, "--store", store.format(kept=kept))
    assert result.exit_code == 2
    assert message in result.stderr


PUBLIC = "adapter: v1\nlisten: {{public_url: {url}}}\nchannels: {{sms/2: {{vendor: twilio, {gate}}}}}\n"
GIVEN = "https://hooks.example.com/notify/sms/2/tok-123"
AUTH = {"ADAPTER_SECRET_TWILIO_AUTH_TOKEN": "auth", "ADAPTER_SECRETS_DIR": None}
TOKEN = {**AUTH, "ADAPTER_SECRET_SMS_2": "tok-123"}


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    """What Twilio posted to GIVEN, as a file and in a store, and the deployment file of each host and gate."""
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": "AC1", "To": "+15550000000"}
    signed = GIVEN + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.digest(b"auth", signed.encode(), "sha1")).decode()
    text = (
        "POST /notify/sms/2/tok-123\nContent-Type: application/x-www-form-urlencoded\n"
        f"X-Twilio-Signature: {signature}\n\n{urlencode(fields)}\n"
    )
    (tmp_path / "captured.http").write_text(text, encoding="utf-8")
    with closing(open_store(str(tmp_path / "kept.db"))) as store:
        asyncio.run(_saved(store, request(parse(text), RECEIVED, ID)))
    for name, url, gate in (
        ("here", "https://hooks.example.com", "token: sms_2"),
        ("there", "https://other.example.com", "token: sms_2"),
        ("open", "https://hooks.example.com", "open: a firewall"),
    ):
        (tmp_path / f"{name}.yaml").write_text(PUBLIC.format(url=url, gate=gate), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "config", "secrets", "note"),
    [
        ("captured.http", "here", AUTH, ""),
        ("captured.http", "open", AUTH, ""),
        ("captured.http", "there", AUTH, "elsewhere"),
        ("captured.http", None, AUTH, "twilio signs the URL, and no public_url is known for it"),
        (ID, "here", TOKEN, ""),
        (ID, "here", AUTH, "the token in it was not stored: set ADAPTER_SECRET_SMS_2"),
        (ID, "open", AUTH, "any token opens sms/2, and the one in the vendor's URL was not stored"),
        (ID, None, AUTH, "twilio signs the URL, and no public_url is known for it"),
    ],
)
def test_a_signature_over_the_url_is_held_against_the_url_that_the_vendor_was_given(
    posted: Path, asked: str, config: str | None, secrets: dict[str, str | None], note: str
) -> None:
    flags: list[str | Path] = ["--config", posted / f"{config}.yaml"] if config else []
    result = run("try", posted / asked if asked != ID else ID, "--store", posted / "kept.db", *flags, **secrets)
    found = " ".join(result.stdout.split())
    assert (result.exit_code, "refused (bad_signature)" in found) == ((1, True) if note else (0, False))
    assert ("tok-123" in found) == (asked != ID)
    assert ("twilio signs the URL" in found) == (config != "there" and bool(note))
    assert not note or config == "there" or note in found


def test_standard_input_is_a_file_too() -> None:
    text = (CALLBACKS / "huawei.http").read_bytes()
    result = CliRunner().invoke(main, ["try", "-"], input=text)
    assert result.exit_code == 0
    assert "claimed by  huawei" in result.stdout


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", ("done_at: when}", "done_at: when}\n    extra: {price: price, big: big}"))
    request = (
        b'POST /notify/sms/1/111\n\n{"reports": [{"id": 1, "price": 0.10, "big": 123456789012345678901234567890}]}'
    )
    result = _tried(tmp_path, request, "--vendors", str(folder), "--sign", "-o", "json")
    assert '"price":0.10' in result.stdout
    assert '"big":123456789012345678901234567890' in result.stdout


WRONG = [
    (b"hello", (), "no request line"),
    (b"POST /notify/sms/1/111\nno header\n\n{}", (), "no header"),
    (b"POST /notify/sms/1/111\n\n{}", ("--spec", "nobody"), "no such vendor"),
    (b"POST /notify/sms/1/111\n\n{}", ("--sign",), "--spec NAME"),
    (b"POST /notify/sms/1/111\n\n{}", ("--sign", "--spec", "netease"), "cannot sign"),
]


@pytest.mark.parametrize(("request_text", "flags", "told"), WRONG)
def test_what_cannot_be_tried_is_wrong_usage(
    tmp_path: Path, request_text: bytes, flags: tuple[str, ...], told: str
) -> None:
    result = _tried(tmp_path, request_text, *flags)
    assert result.exit_code == 2, result.output
    assert told in result.stderr


def _tried(folder: Path, request: bytes, *flags: str) -> Any:
    (folder / "request.http").write_bytes(request)
    return run("try", folder / "request.http", *flags, **UNSET)


def test_the_code_that_reads_the_records_is_shown_with_the_fields_and_expressions_of_the_file() -> None:
    shown = run("try", CALLBACKS / "tencent.http", "--show-code").stdout
    assert "code of sms.delivery" in shown
    assert "def read(value, request):" in shown
    assert "# message_id: sid\n" in shown
    assert "# status.success: report_status == 'SUCCESS'\n" in shown
    found = json.loads(run("try", CALLBACKS / "tencent.http", "--show-code", "-o", "json").stdout)
    assert [one["kind"] for one in found["generated"]] == ["sms.delivery"]
    assert found["generated"][0]["source"] in shown
    for name in ("tencent.http", "aliyun.http"):
        assert "generated" not in json.loads(run("try", CALLBACKS / name, "-o", "json").stdout)
