"""From a captured callback to a checked and tested vendor: what somebody does who has never written a file.

Each row is a vendor: what was captured, and every line that a person then changes, five at most.
"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from pathlib import Path

import pytest

from tests.cli.command import CALLBACKS, run

SEED = [f"{name}.http" for name in ("aliyun", "tencent", "huawei", "netease", "cloopen")]
Edit = tuple[str, str]
DOCS: Edit = (
    'docs: ["TODO: the address of the page that describes these callbacks"]',
    "docs: [https://docs.example/callbacks]",
)
UNSIGNED: Edit = (
    'unsigned: "TODO: nothing here looks like a signature; say so, or write verify: as its page says"',
    "unsigned: the page knows no signature; the token in the URL protects it",
)
ACK = "ack: {status: 200, text: OK}                                    # TODO: the answer that its page asks for"
ZONE = "time: {zone: Asia/Shanghai, formats: [%s]}%s# TODO: the zone is a guess (as others with the table cn-carrier)"
SECONDS: Edit = (ZONE % ("yyyy-MM-dd HH:mm:ss", " " * 5), "time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}")
DIGITS: Edit = (ZONE % ("yyyyMMddHHmmss", " " * 10), "time: {zone: Asia/Shanghai, formats: [yyyyMMddHHmmss]}")
SIGNED: Edit = ("    request: |", "    sign: true\n    request: |")


def answer(ack: str) -> Edit:
    return ACK, f"ack: {ack}"


def verified(names: str) -> Edit:
    return f'unsigned: "TODO: whether {names} proves who sent it; nothing is checked yet"', "verify:"


def rule(text: str) -> Edit:
    return f"#  - {text}", f"   - {text}"


NESTED = """\
POST /hooks/1 HTTP/1.1
Content-Type: application/json
X-Acme-Timestamp: 1714525231
X-Acme-Signature: sha256=6f1ed002ab5595859014ebf0951522d9f5f1c2b6e2b7a9b6f3f1d1f7f7b0a9d1

{"meta": {"version": 3}, "batches": [{"jobNo": "J1", "reports": [
 {"msgId": "m-1", "receiver": {"phone": "+4915112345678"}, "state": {"name": "delivered"}, "doneAt": "2024-05-01T09:00:05+02:00"},
 {"msgId": "m-2", "receiver": {"phone": "+4915187654321"}, "state": {"name": "expired"}, "doneAt": "2024-05-01T09:00:09+02:00"}]}]}
"""
FORM = """\
POST /cb HTTP/1.1
Content-Type: application/x-www-form-urlencoded

msgno=889912&phone=13912345678&stat=0&errdesc=%E6%88%90%E5%8A%9F&done_date=20240501090007&ts=1714525207&sign=0123456789abcdef0123456789abcdef
"""
QUERY = "GET /dlr?id=7f3c2b1a-0d9e-4c55-8a6b-1f2e3d4c5b6a&msisdn=491511234567&status=delivered&ts=1714525207&parts=2 HTTP/1.1\nHost: x\n"
JSON_IN_FORM = "type=REPORT&reports=%5B%7B%22smsId%22%3A%22s1%22%2C%22mobile%22%3A%2213912345678%22%2C%22status%22%3A%22MK%3A0001%22%2C%22reportTime%22%3A%222024-05-01%2009%3A00%3A00%22%7D%5D"
BATCH = """{"cmd": "DLR", "total": 2, "list": [
 {"taskid": 123456789012345678901, "tel": 13912345678, "result": "UNDELIV", "recv_time": "20240501090000", "ext": "o-1"},
 {"taskid": 123456789012345678902, "tel": 13912345679, "result": "DELIVRD", "recv_time": "20240501090001", "ext": "o-2"}]}"""
REPLY = """{"cmd": "MO", "list": [{"moId": "mo-1", "tel": "13912345678", "content": "TD", "spNumber": "106912345", "moTime": "20240501090000"}]}"""
XML = """\
POST /cb
Content-Type: text/xml

<?xml version="1.0"?><push><report><msgid>90001</msgid><mobile>13912345678</mobile><status>DELIVRD</status></report>
<report><msgid>90002</msgid><mobile>13912345679</mobile><status>BLACK</status></report></push>
"""
CURL = """curl 'https://x.example/cb' -H 'Content-Type: application/json' -H 'X-Push-Token: t0k3n-value' \\
  --data-raw '{"event": "bounce", "email": "someone@b.example", "id": "e-1", "timestamp": 1714525207}'"""

VENDORS: dict[str, tuple[list[str], list[Edit]]] = {
    "aliyun": ([], [DOCS, UNSIGNED, answer("{status: 200, json: {code: 0, msg: 接收成功}}"), SECONDS]),
    "tencent": ([], [DOCS, UNSIGNED, answer("{status: 200, json: {result: 0, errmsg: OK}}"), SECONDS]),
    "huawei": ([], [DOCS, UNSIGNED, answer("{status: 200, json: {returnCode: 0}}")]),
    "netease": ([], [DOCS, verified("MD5 with CheckSum"), rule('{header: MD5, is: md5, of: "{body}"}'), rule('{header: CheckSum, is: sha1, of: "{secret.app_secret}{header.MD5}{header.CurTime}"}'), SIGNED]),
    "cloopen": ([], [DOCS, UNSIGNED, answer('{status: 200, json: {statuscode: "000000"}}'), DIGITS]),
    "nested": ([NESTED], [DOCS, verified("X-Acme-Signature"), rule('{header: X-Acme-Signature, prefix: "sha256=", is: hmac-sha256, key: app_secret, of: "{header.X-Acme-Timestamp}{body}"}'), SIGNED, answer("{status: 204}")]),
    "form": ([FORM], [DOCS, verified("sign"), rule('{form: sign, is: md5, of: "{secret.app_secret}{form.ts}"}'), SIGNED, ('    "0": delivered                                              # TODO: what does it mean?', '    "0": delivered')]),
    "query": ([QUERY], [DOCS, UNSIGNED, answer("{status: 200, text: ok}")]),
    "json-in-form": ([JSON_IN_FORM], [DOCS, UNSIGNED, answer("{status: 200, text: SUCCESS}"), SECONDS]),
    "batch": ([BATCH, REPLY], [DOCS, UNSIGNED, answer("{status: 200, json: {code: 0}}"), DIGITS]),
    "xml": ([XML], [DOCS, UNSIGNED, answer("{status: 200, xml: <ok/>}")]),
    "curl": ([CURL], [DOCS, verified("X-Push-Token"), rule('{header: X-Push-Token, is: equal, of: "{secret.token}"}'), SIGNED, answer("{status: 200}")]),
}  # fmt: skip


def _codes(target: Path) -> set[str]:
    found = run("validate", target, "-o", "json")
    assert found.exit_code == 0, found.stdout
    return {one["code"] for one in json.loads(found.stdout)}


@pytest.mark.parametrize("name", VENDORS)
def test_a_newcomer_has_a_vendor_after_one_command_and_five_lines(tmp_path: Path, name: str) -> None:
    texts, edits = VENDORS[name]
    assert len(edits) <= 5
    sources = [tmp_path / f"{place}.txt" for place, _ in enumerate(texts)] or [CALLBACKS / f"{name}.http"]
    for source, text in zip(sources, texts, strict=False):
        source.write_text(text, encoding="utf-8")
    folder = tmp_path / "my-vendors"
    made = run("new", name, *(each for source in sources for each in ("--from", source)), "--folder", folder)
    assert made.exit_code == 0, made.output
    target = folder / f"{name}.yaml"
    assert _codes(target) == {"SPEC012"}
    text = target.read_text(encoding="utf-8")
    for before, after in edits:
        assert text.count(before) == 1, f"{before}\n{text}"
        text = text.replace(before, after)
    target.write_text(text, encoding="utf-8")
    strict = run("validate", target, "--strict")
    assert strict.exit_code == 0, strict.stdout
    tested = run("test", target)
    assert tested.exit_code == 0, tested.stdout
    assert ("forged" in tested.stdout) is (SIGNED in edits)


def test_the_seed_is_complete() -> None:
    assert sorted(path.name for path in CALLBACKS.glob("*.http")) == sorted(SEED)
    assert set(VENDORS) >= {name.removesuffix(".http") for name in SEED}
