"""What do the numbers say, and to whom?"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapter.delivery.pump import Numbers
from adapter.engine.flow import process
from adapter.model import Outcome, Problem, Request, Secrets
from adapter.service.keys import ABSENT, FIRST, Keys, Learned
from adapter.service.numbers import SpecState, Told
from adapter.service.rhythm import GAPS, Rhythm, Rhythms
from adapter.spec.language import Registry
from tests.service import tiny
from tests.service.test_deployment import good, shipped
from tests.service.tiny import Served, event, outcome, serving
from tests.service.vendors import registry

Scraped = dict[tuple[str, tuple[str, ...]], float]


def scraped(answer: httpx.Response) -> Scraped:
    """Values by name and the values of their labels, in order of the labels' names."""
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def numbers(served: Served) -> Scraped:
    return scraped(served.client.get("/metrics"))


def telling(_: Registry, request: Request, __: Secrets) -> Outcome:
    """One code nobody knows, and one record nobody can read."""
    id = json.loads(request.body)["messages"][0]  # noqa: A001
    problem = Problem("extract", "required", "no message_id", 1)
    return outcome(event(id, code_known=False), name="partial", problems=(problem,))


def test_what_became_of_requests_is_told_by_vendor_channel_outcome_and_code(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.post("1")
        server.post("1")
        server.post("2", refuse=True)
        found = numbers(server)
    channels = {labels: value for (name, labels), value in found.items() if name == "adapter_requests_total"}
    assert channels == {  # channel, code, outcome, vendor
        ("sms/1", "", "accepted", "acme"): 1,
        ("sms/1", "", "duplicate", "acme"): 1,
        ("sms/1", "refused", "refused", "acme"): 1,
    }
    assert found["adapter_store_writable", ()] == 1
    assert found["adapter_store_waiting_requests", ()] in (0, 1)  # the refused one is kept off the answer's path
    assert found["adapter_store_commit_duration_seconds_count", ()] >= 2
    assert found["adapter_bodies_held_bytes", ()] == 0
    assert abs(found["adapter_channel_last_seen_timestamp_seconds", ("sms/1",)] - time.time()) < 60
    assert found["process_resident_memory_bytes", ()] > 0
    assert any(name == "adapter_build_info" for name, _ in found)


def test_problems_and_unknown_codes_are_told_once_for_a_retry(tmp_path: Path) -> None:
    with serving(tmp_path, process=telling) as server:
        for _ in range(3):
            server.post("1")
        found = numbers(server)
    assert found["adapter_problems_total", ("required", "extract", "acme")] == 1
    assert found["adapter_unknown_codes_total", ("acme",)] == 1


def test_other_parts_are_asked_for_their_numbers_at_each_scrape(tmp_path: Path) -> None:
    sinks = {"crm": Numbers(7, 2, 1, 3, 12.5, "open")}
    told = Told(lambda: sinks, lambda: {"acme": SpecState("ab12", False, 99.0)}, lambda: 4)
    with serving(tmp_path, told=told) as server:
        found = numbers(server)
        sinks["crm"] = Numbers(8, 2, 1, 2, 1.0, "closed")
        assert numbers(server)["adapter_deliveries_total", ("crm",)] == 8
    assert found["adapter_deliveries_total", ("crm",)] == 7
    assert found["adapter_delivery_failures_total", ("crm",)] == 2
    assert found["adapter_deliveries_dead_total", ("crm",)] == 1
    assert found["adapter_deliveries_due", ("crm",)] == 3
    assert found["adapter_delivery_lag_seconds", ("crm",)] == 12.5
    assert found["adapter_delivery_breaker_open", ("crm",)] == 1
    assert found["adapter_spec_live", ("ab12", "acme")] == 1
    assert found["adapter_reload_ok", ("acme",)] == 0
    assert found["adapter_reload_timestamp_seconds", ("acme",)] == 99
    assert found["adapter_lines_dropped_total", ()] == 4


def test_without_a_part_that_reloads_the_files_of_the_start_are_told(tmp_path: Path) -> None:
    with serving(tmp_path, registry(tmp_path), held_back=("broken",)) as server:
        found = numbers(server)
    assert {labels[0]: value for (name, labels), value in found.items() if name == "adapter_reload_ok"} == {
        "signing": 1, "querying": 1, "asking": 1, "broken": 0,
    }  # fmt: skip


# Who is let in

ADMIN = {"numbers": (b"first", b"second"), "sms": (b"t",)}
CHANNEL = "adapter: v1\nchannels: {sms/1: {vendor: tencent, token: sms}}\n"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("guarded")
    found = good(folder, CHANNEL + "admin: {token: numbers}\n")
    with serving(folder, shipped(), process, secrets=ADMIN, deployment=found, open_mode=False) as server:
        yield server


BEARERS = [
    ({"Authorization": "Bearer first"}, 200),
    ({"Authorization": "bearer second"}, 200),
    ({"Authorization": "Bearer third"}, 401),
    ({"Authorization": "Bearer"}, 401),
    ({"Authorization": "Basic first"}, 401),
    ({"Authorization": "first"}, 401),
    ({}, 401),
    ({"Host": "hooks.example.com", "X-Forwarded-For": "192.0.2.1", "Authorization": "Bearer first"}, 200),
]


@pytest.mark.parametrize(("headers", "status"), BEARERS)
def test_a_deployment_asks_everybody_for_the_admin_token(guarded: Served, headers: dict[str, str], status: int) -> None:
    answer = guarded.client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert (answer.headers.get("www-authenticate") == "Bearer") == (status == 401)
    assert ("adapter_" in answer.text) == (status == 200)


def test_the_token_of_a_channel_is_not_the_admin_token(guarded: Served) -> None:
    assert guarded.client.get("/metrics", headers={"Authorization": "Bearer t"}).status_code == 401


def test_without_an_admin_token_there_is_no_such_page(tmp_path: Path) -> None:
    found = good(tmp_path, CHANNEL)
    with serving(tmp_path, shipped(), process, secrets=ADMIN, deployment=found, open_mode=False) as server:
        for headers in ({}, {"Authorization": "Bearer first"}):
            answer, other = (server.client.get(path, headers=headers) for path in ("/metrics", "/elsewhere"))
            assert (answer.status_code, answer.text) == (other.status_code, other.text) == (404, "Not Found")


def test_an_admin_token_that_is_unset_lets_nobody_in_and_is_named(tmp_path: Path) -> None:
    found = good(tmp_path, CHANNEL + "admin: {token: numbers}\n")
    with serving(tmp_path, shipped(), process, secrets={"sms": (b"t",)}, deployment=found, open_mode=False) as server:
        assert server.client.get("/metrics", headers={"Authorization": "Bearer"}).status_code == 401
        ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["missing_secrets"], ready.json()["held_back"]) == (503, ["numbers"], [])


STRANGERS = [{"Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.1"}, {"Origin": "https://evil.example"}]


@pytest.mark.parametrize("headers", STRANGERS)
def test_open_mode_shows_its_numbers_to_this_machine_only(tmp_path: Path, headers: dict[str, str]) -> None:
    with serving(tmp_path) as server:
        assert server.client.get("/metrics", headers=headers).status_code == 403


# Silence

HOUR = 3600.0


def rhythm(*gaps: float) -> Rhythm:
    one = Rhythm(0.0)
    for gap in gaps:
        one.hear(one.last + gap)
    return one


RHYTHMS = [
    ("too few gaps say nothing", [60.0] * (GAPS - 1), None),
    ("one a minute", [60.0] * 100, 64.0),
    ("many a second", [0.01] * 1000, 1.0),
    ("a night outweighs thousands", ([0.5] * 5000 + [9 * HOUR]) * 3, 32768.0),
    ("one long silence in a month does not", [60.0] * 40000 + [2 * HOUR], 64.0),
]


@pytest.mark.parametrize(("gaps", "usual"), [row[1:] for row in RHYTHMS], ids=[row[0] for row in RHYTHMS])
def test_the_usual_silence_is_that_in_which_nearly_all_time_passes(gaps: list[float], usual: float | None) -> None:
    assert rhythm(*gaps).usual == usual


def test_a_clock_that_went_back_is_no_gap() -> None:
    one = rhythm(60.0, -30.0)
    assert (one.gaps, one.last) == (1, 60.0)


def test_what_was_heard_before_a_start_is_remembered_behind_what_came_since() -> None:
    known = Rhythms()
    known.hear("sms/1", 1000.0)
    known.remember(iter([("sms/1", 100.0), ("sms/1", 200.0), ("sms/2", 50.0)]))
    assert {name: (one.last, one.gaps) for name, one in known.channels.items()} == {
        "sms/1": (1000.0, 2),
        "sms/2": (50.0, 0),
    }


def test_a_server_that_starts_again_knows_when_its_channels_were_heard(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for number in range(GAPS + 1):
            server.post(str(number))
        before = numbers(server)
    with closing(sqlite3.connect(tmp_path / "adapter.db")) as connection, connection:
        connection.execute("UPDATE requests SET received_at = '2024-05-01T08:00:' || (10 + seq) || '+00:00'")
    with serving(tmp_path) as server:
        wanted = ("adapter_channel_last_seen_timestamp_seconds", ("sms/1",))
        until = time.monotonic() + 5
        while wanted not in (found := numbers(server)) and time.monotonic() < until:
            time.sleep(0.02)
    assert found[wanted] < before[wanted] - 86400
    assert found["adapter_channel_usual_silence_seconds", ("sms/1",)] == 2
    assert found["adapter_channel_silence_ratio", ("sms/1",)] > 1e6


# Keys


def test_a_key_is_new_only_after_enough_was_seen() -> None:
    learned = Learned()
    early = [name for _ in range(FIRST) for name in learned.take(frozenset({"id", "early"}))]
    assert (early, [*learned.take(frozenset({"id", "late"}))], [*learned.take(frozenset({"late"}))]) == (
        [],
        ["late"],
        [],
    )


def test_a_key_that_always_stood_there_is_missing_until_it_comes_back() -> None:
    learned = Learned()
    for turn in range(ABSENT):
        assert not [*learned.take(frozenset({"id", "code"} if turn % 5 else {"id", "code", "seldom"}))]
    for _ in range(ABSENT):
        assert not [*learned.missing()]
        assert not [*learned.take(frozenset({"id"}))]
    assert [*learned.missing()] == ["code"]
    assert not [*learned.take(frozenset({"id", "code"}))]
    assert not [*learned.missing()]


def test_keys_of_bodies_and_records_are_learned_by_name_and_numbers_of_phones_are_no_names(tmp_path: Path) -> None:
    spec = registry(tmp_path).specs["asking"]
    keys = Keys()
    for extra in ({}, {"13800001234": 1, "n138000012345": 1, "späť": 1, "a b": 1}):
        keys.take(spec, tiny.request(body=json.dumps({"id": "1", "code": "0", "asking": 1, **extra}).encode()))
    names = {kind: {*learned.keys} for (_, kind), learned in keys.learned.items()}
    assert names == {"body": {"id", "code", "asking"}, "sms.delivery": {"id", "code", "asking"}}


def test_the_first_requests_are_looked_at_and_then_one_of_many() -> None:
    keys = Keys()
    due = [keys.due("acme", "sms/1") for _ in range(1000)]
    assert all(due[:FIRST])
    assert sum(due[FIRST:]) == 12


def test_a_key_that_vanishes_from_a_vendors_callbacks_is_counted_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = registry(tmp_path)
    with serving(tmp_path, Registry({"asking": found.specs["asking"]}, found.kinds, None), process) as server:

        def post(number: int, **more: int) -> None:
            body = {"id": str(number), "code": "0", **more, "asking": 1}
            assert server.client.post("/notify/sms/1/t", json=body).status_code == 200
            time.sleep(0.003)  # a look at a time: the next waits for none

        for number in range(80):
            post(number, colour=1)
        for number in range(80, 180):
            post(number)
        counted = numbers(server)["adapter_keys_missing", ("asking",)]
    assert counted == 2  # in the body, and in the record that it is
    assert "body.colour" in str([getattr(record, "keys", "") for record in caplog.records])
