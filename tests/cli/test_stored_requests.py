"""Can ops see, mend and remove what is stored, with commands alone?"""

import hashlib
import hmac
import json
import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapter.cli.phones import hidden
from adapter.cli.since import moment
from adapter.model import Request
from adapter.spec.loader import load
from adapter.spec.packaged import schemas, vendors
from tests.cli.command import AKC, acme, run, start
from tests.replay.shop import SECRET, Shop
from tests.store.place import Place

WRONG = ('"000": delivered', '"000": undelivered'), ("status: delivered", "status: undelivered")
ENVIRON = {"ADAPTER_SECRET_ACME_API_SECRET": SECRET.decode()}
NOW = datetime.now(UTC)


def callback(number: int, body: bytes, secret: bytes = SECRET, age: timedelta = timedelta()) -> Request:
    sign = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    headers = (b"x-acme-signature", sign), (b"authorization", b"Bearer hush"), (b"host", b"localhost")
    return Request("POST", "sms/1", "", b"", headers, body, NOW - age, f"{number:032x}")


def receipt(number: int, code: str = "000") -> bytes:
    row = {"id": f"m{number}", "phone": "13800001234", "result": code, "when": "2024-05-01 09:00:00"}
    return json.dumps({"reports": [row]}).encode()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of what came while Acme's file was wrong."""
    folder = tmp_path_factory.mktemp("full")
    known = load([vendors(), acme(folder / "mine", *WRONG)], [schemas()]).registry
    shop = Shop(Place(f"sqlite:///{folder / 'adapter.db'}"))
    good = [callback(n, receipt(n)) for n in range(30)]
    shop.arrive(known, *good, callback(100, b'{"reports": [{"phone": "13800001234", "result": "1"}]}'))
    shop.arrive(known, callback(101, receipt(101), b"forged"), callback(102, receipt(102), age=timedelta(days=2)))
    return folder


@pytest.fixture
def here(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it."""
    shutil.copytree(full, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def statuses() -> set[str]:
    lines = run("events", "-o", "json").stdout.splitlines()
    last = {one["subject"]: one["data"]["status"] for one in map(json.loads, lines)}
    return set(last.values())


def test_a_mended_spec_is_planned_applied_and_then_changes_nothing(here: Path) -> None:
    mended = acme(here / "mine")
    plan = run("replay", "--vendor", "acme", "--since", "2h", "--vendors", mended, "--dry-run")
    assert plan.exit_code == 1
    assert (
        "  ~ sms.delivery m0   corrected\n      status: undelivered → delivered\n      - reason unknown_reason"
        in plan.stdout
    )
    assert "  … and 10 more events; all together:\n  30 × reason: unknown_reason → null\n" in plan.stdout
    assert "  30 × status: undelivered → delivered\n" in plan.stdout
    assert "1 × left alone: still not proved: bad_signature" in plan.stdout
    assert plan.stdout.endswith("32 requests looked at: 30 corrected. Nothing was written.\n")
    assert statuses() == {"undelivered"}
    done = run("replay", "--vendor", "acme", "--since", "2h", "--vendors", mended)
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "32 requests: 0 new, 30 corrected, 0 withdrawn, 0 unchanged; due at sinks: 0\n"
        "1 left alone: --dry-run says why\n"
    )
    again = run("replay", "--vendor", "acme", "--since", "2h", "--vendors", mended, "--dry-run", "-o", "json")
    assert again.exit_code == 0
    document = json.loads(again.stdout)
    assert (document["changes"], document["events"], document["counts"]["unchanged"]) == (False, [], 30)
    assert statuses() == {"undelivered", "delivered"}, "the one of two days ago was not asked for"


def test_a_plan_as_json_is_the_same_each_time(here: Path) -> None:
    mended = acme(here / "mine")
    first, second = (run("replay", "--since", "3d", "--vendors", mended, "--dry-run", "-o", "json") for _ in range(2))
    assert first.stdout == second.stdout
    assert (first.exit_code, second.exit_code) == (1, 1)
    event = json.loads(first.stdout)["events"][0]
    assert (event["change"], event["revision"], event["vendor"]) == ("corrected", 2, "acme")
    assert {"field": "status", "before": "undelivered", "after": "delivered"} in event["fields"]


def test_a_broken_file_leaves_what_is_stored_alone_and_says_so(here: Path) -> None:
    plan = run("replay", "--since", "3d", "--vendors", acme(here / "mine", AKC), "--dry-run")
    assert plan.exit_code == 0
    assert "left alone: the file of acme is gone or has mistakes" in plan.stdout
    assert "acme.yaml:9" in plan.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay"], "say which"),
        (["replay", "--resume", "x", "--since", "2h"], "say which"),
        (["replay", "--resume", "x"], "there is no such run"),
        (["replay", "--since", "yesterday"], "neither a span such as 2h"),
        (["requests", "--since", "99999999999d"], "neither a span"),
        (["requests", "--store", "nowhere.db"], "there is no such file"),
        (["quarantine", "retry"], "say which"),
        (["quarantine", "retry", "x", "--all"], "say which"),
        (["quarantine", "show", "x"], "no request x"),
        (["purge"], "say whom"),
        (["purge", "--phone", "12"], "no phone number"),
        (["purge", "--phone", "1", "--message", "2"], "say whom"),
    ],
)
def test_what_cannot_be_meant_is_told(here: Path, arguments: list[str], words: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert words in " ".join(found.stderr.split())


def test_requests_are_listed_the_newest_first_without_anybodys_number(here: Path) -> None:
    shown = run("requests", "--limit", "3")
    assert [line.split()[-1] for line in shown.stdout.splitlines()[1:4] if line.endswith(tuple("0123456789abcdef"))]
    assert "13800001234" not in shown.stdout
    assert "adapter try" in shown.stderr
    rows = [json.loads(line) for line in run("requests", "-o", "json").stdout.splitlines()]
    assert len(rows) == 33
    assert rows == sorted(rows, key=lambda row: (row["received_at"], row["id"]), reverse=True)
    refused = [json.loads(line) for line in run("requests", "--outcome", "refused", "-o", "json").stdout.splitlines()]
    assert [(row["id"], row["code"], row["proved"]) for row in refused] == [(f"{101:032x}", "bad_signature", False)]
    assert run("requests", "--since", "1d", "--vendor", "acme", "-o", "json").stdout.count("\n") == 32
    assert run("requests", "--channel", "sms/2").stdout == "0 requests\n"


def test_what_waits_is_listed_shown_and_tried_again(here: Path) -> None:
    waiting = [json.loads(line) for line in run("quarantine", "list", "-o", "json").stdout.splitlines()]
    assert {row["id"]: row["outcome"] for row in waiting} == {f"{100:032x}": "quarantined", f"{101:032x}": "refused"}
    assert "2 requests waiting" in run("quarantine", "list").stdout
    shown = run("quarantine", "show", f"{100:032x}")
    assert shown.stdout.startswith("POST /notify/sms/1/stored\nx-acme-signature: ")
    assert "authorization: masked\n" in shown.stdout
    assert "hush" not in shown.output
    assert "missing_field" in shown.stderr
    (here / "captured.http").write_bytes(shown.stdout_bytes)
    assert "quarantined" in run("try", here / "captured.http", "--vendors", here / "mine").stdout
    assert "bad_signature" in run("try", f"{101:032x}", "--vendors", here / "mine").stdout, (
        "a refused one has its trace too"
    )
    mended = acme(here / "mine", ("message_id: id", "message_id: [id, phone]"))
    retried = run("quarantine", "retry", "--all", "--vendors", mended)
    assert "2 requests: 1 new" in retried.stdout, retried.output
    assert run("quarantine", "list", "-o", "json").stdout.count("\n") == 1


def test_a_refused_request_is_stored_once_its_secret_is_right(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAPTER_SECRET_ACME_API_SECRET", "forged")
    found = run("quarantine", "retry", f"{101:032x}", "--vendors", here / "mine", "-o", "json")
    assert json.loads(found.stdout)["counts"] == {"changed": 1, "new": 1, "proved": 1, "requests": 1}
    (row,) = [json.loads(line) for line in run("requests", "--limit", "40", "-o", "json").stdout.splitlines()
              if f"{101:032x}" in line]  # fmt: skip
    assert (row["outcome"], row["proved"], bool(row["replay"])) == ("accepted", True, True)


def test_a_killed_replay_is_resumed(here: Path) -> None:
    """However far it came: what is there afterwards is the same."""
    mended = acme(here / "mine")
    process = start("replay", "--since", "3d", "--vendors", mended, **ENVIRON)
    assert process.stderr
    name = process.stderr.readline().decode().split()[1].rstrip(";")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    resumed = run("replay", "--resume", name, "--vendors", mended)
    assert resumed.exit_code == 0, resumed.output
    assert "31 corrected" in resumed.stdout
    assert run("replay", "--since", "3d", "--vendors", mended, "--dry-run").exit_code == 0


def test_a_number_is_purged_after_it_was_asked(here: Path) -> None:
    dry = run("purge", "--phone", "+86 138 0000 1234", "--dry-run")
    assert dry.stdout == "found: 31 events, 0 deliveries, 31 messages, 1 problems, 32 requests, 0 emptied, 1 refused\n"
    assert run("purge", "--phone", "13800001234").exit_code == 1, "nobody said yes"
    assert run("requests").stdout.endswith("33 requests\n")
    done = run("purge", "--phone", "13800001234", "--yes")
    assert done.exit_code == 0, done.output
    assert "erased: 31 events" in done.stdout
    assert run("requests").stdout == "0 requests\n"


def test_what_is_old_is_pruned_as_the_deployment_file_says(here: Path) -> None:
    (here / "adapter.yaml").write_text(
        "adapter: v1\nchannels: {sms/1: {vendor: acme, open: a test}}\nretention: {requests: 1d, refused: 1h}\n"
    )
    assert "1 requests" in run("prune", "--vendors", here / "mine", "--dry-run").stdout
    done = run("prune", "--vendors", here / "mine")
    assert (done.exit_code, done.stdout.split(",")[0]) == (0, "1 requests"), done.output
    assert run("requests", "--outcome", "accepted", "-o", "json").stdout.count("\n") == 30


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2h", "2026-01-31T06:00:00+00:00"),
        ("3d", "2026-01-28T08:00:00+00:00"),
        ("30m", "2026-01-31T07:30:00+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00+00:00"),
    ],
)
def test_a_span_or_a_moment_is_understood(text: str, found: str) -> None:
    assert moment(text, datetime(2026, 1, 31, 8, tzinfo=UTC)).isoformat() == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to +8613800001234", "to +861********34"),
        ("13800001234", "138******34"),
        ("1234567", "1234567"),
        ("71d398a729d849cab268abf84a0d8f16", "71d398a729d849cab268abf84a0d8f16"),
    ],
)
def test_a_number_keeps_its_head_and_its_end(text: str, shown: str) -> None:
    assert hidden(text) == shown
