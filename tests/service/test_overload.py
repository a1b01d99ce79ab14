"""What does a vendor hear when there is too much of everything? To come again, and when; and memory stays bounded."""

import asyncio
import io
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.engine.flow import process
from adapter.model import Ack, Outcome, Request, Secrets
from adapter.service import wire
from adapter.service.announce import Lines
from adapter.service.intake import RETRY_AFTER, later
from adapter.service.outlet import Descriptor, Outlet
from adapter.service.wire import HEAD_BYTES
from adapter.spec.language import Registry
from adapter.spec.loader import load
from adapter.spec.packaged import schemas
from tests.service import tiny
from tests.service.test_intake import head, raw
from tests.service.test_metrics import numbers
from tests.service.tiny import LATER, serving
from tests.service.vendors import COMMON, QUERYING


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Another process has the database to itself."""
    with closing(sqlite3.connect(store / "adapter.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


async def flood(port: int, amount: int, size: int) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=amount)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits) as client:

        async def post(number: int) -> httpx.Response:
            body = {"messages": [str(number)], "padding": "x" * size}
            return await client.post("/notify/sms/1/t", json=body)

        return await asyncio.gather(*map(post, range(amount)))


BOUNDS = [
    ("queue_full", {"waiting": 4}, {"queue_full"}),
    ("memory_full", {"memory": 100_000, "body_limit": 20_000}, {"memory_full"}),
]


@pytest.mark.parametrize(("changed", "codes"), [row[1:] for row in BOUNDS], ids=[row[0] for row in BOUNDS])
def test_while_the_store_is_held_everybody_hears_when_to_come_again_and_afterwards_all_is_well(
    tmp_path: Path, changed: dict[str, Any], codes: set[str]
) -> None:
    with serving(tmp_path, busy_seconds=0.3, **changed) as server:
        with locked(tmp_path):
            answers = asyncio.run(flood(server.port, 40, 10_000))
            assert {one.status_code for one in answers} <= {LATER.status, 503}
            assert {one.headers["retry-after"] for one in answers} == {"10"}
            assert server.stored() == []
            reasons = {key[3] for key in server.counts.snapshot() if key[2] == "not_stored"}
            assert codes | {"store_failed"} == reasons
            assert server.client.get("/readyz").status_code == 503
            assert numbers(server)["adapter_store_writable", ()] == 0
            assert server.client.get("/healthz").status_code == 200
        assert {one.status_code for one in asyncio.run(flood(server.port, 4, 10_000))} == {200}
        assert len(server.stored()) == 4
        assert server.client.get("/readyz").status_code == 200
        assert numbers(server)["adapter_bodies_held_bytes", ()] == 0


def test_bodies_that_are_still_on_their_way_take_their_part_of_the_memory_too(tmp_path: Path) -> None:
    with serving(tmp_path, memory=50_000, body_limit=20_000, body_seconds=5) as server:
        half = head("Transfer-Encoding: chunked") + b"3e80\r\n" + b"x" * 16_000 + b"\r\n"
        connections = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(4)]
        for connection in connections[:3]:
            connection.sendall(half)
        until = time.monotonic() + 5
        while numbers(server)["adapter_bodies_held_bytes", ()] < 48_000 and time.monotonic() < until:
            time.sleep(0.01)
        connections[3].sendall(half)
        answer = connections[3].recv(65536)
        for connection in connections:
            connection.close()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 10" in answer
        while (held := numbers(server)["adapter_bodies_held_bytes", ()]) and time.monotonic() < until:
            time.sleep(0.01)
        assert held == 0
        assert server.post("1").status_code == 200


def test_connections_behind_the_limit_are_told_to_come_again_and_far_behind_it_dropped(tmp_path: Path) -> None:
    with serving(tmp_path, connections=3) as server:
        assert server.post("1").status_code == 200  # its connection stays
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        time.sleep(0.05)
        answer = raw(server, head("Content-Length: 16"), b'{"messages": []}').lower()
        assert answer.startswith(b"http/1.1 503 ")
        assert b"retry-after: 10" in answer
        assert b"connection: close" in answer
        assert server.post("2").status_code == 200
        idle += [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        time.sleep(0.05)
        try:
            dropped = raw(server, head("Content-Length: 0"))
        except ConnectionError:
            dropped = b""
        for connection in idle:
            connection.close()
        time.sleep(0.05)
        assert raw(server, head("Content-Length: 16"), b'{"messages": []}').startswith(b"HTTP/1.1 200 ")
        codes = {key[3] for key in server.counts.snapshot() if key[2] == "not_stored"}
    assert dropped == b""
    assert codes == {"connections_full"}


HEADS = [
    ("one endless header", head("X-A: " + "x" * (HEAD_BYTES + 300_000))[:-4]),
    ("many headers", head(*(f"X-{number}: {'x' * 100}" for number in range(1000)), "Content-Length: 0")),
    ("a long path", head("Content-Length: 0", target="/notify/" + "x" * (HEAD_BYTES + 1))),
]


@pytest.mark.parametrize("sent", [row[1] for row in HEADS], ids=[row[0] for row in HEADS])
def test_a_head_is_bounded(tmp_path: Path, sent: bytes) -> None:
    with serving(tmp_path) as server:
        assert raw(server, sent).startswith(b"HTTP/1.1 400 ")
        assert server.post("1").status_code == 200


def test_a_head_just_within_is_taken(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        answer = raw(server, head("X-A: " + "x" * (HEAD_BYTES - 1000), "Content-Length: 16"), b'{"messages": []}')
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_head_that_takes_too_long_is_given_up_and_so_is_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    with serving(tmp_path) as server:
        whole = head("Content-Length: 16") + b'{"messages": []}'
        for pieces, status in (([], b""), ([b"POST /notify/sms"], b""), ([whole, b"POST /no"], b"HTTP/1.1 200 ")):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(0.1)
                said = b"".join(iter(partial(connection.recv, 65536), b""))  # until it hangs up
            assert said[: len(status)] == status
            assert bool(said) == bool(status)


def test_a_writer_that_hangs_is_not_ready_until_it_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, busy_seconds=20, stuck_seconds=0.1) as server:
        with locked(tmp_path):
            hanging = threading.Thread(target=server.post, args=("1",))
            hanging.start()
            until = time.monotonic() + 5
            while (ready := server.client.get("/readyz")).status_code == 200 and time.monotonic() < until:
                time.sleep(0.02)
            busy = numbers(server)
            assert server.client.get("/healthz").status_code == 200
        hanging.join()
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        assert "busy with one group" in ready.json()["store"]
        assert (busy["adapter_store_writable", ()], busy["adapter_store_busy_seconds", ()] > 0.1) == (0, True)
        assert server.client.get("/readyz").status_code == 200
        assert server.stored() == ["1"]


# The vendor's own words

RETRIES = [
    (Ack(503), Ack(503, (RETRY_AFTER,))),
    (Ack(200, ((b"content-type", b"text/plain"),)), Ack(200, ((b"content-type", b"text/plain"), RETRY_AFTER))),
    (Ack(503, ((b"retry-after", b"60"),)), Ack(503, ((b"retry-after", b"60"),))),
]


@pytest.mark.parametrize(("said", "sent"), RETRIES)
def test_come_again_says_when_unless_the_vendors_file_does(said: Ack, sent: Ack) -> None:
    assert later(said) == sent


def test_a_vendor_whose_file_has_a_status_of_its_own_hears_it_and_when(tmp_path: Path) -> None:
    text = f"{QUERYING.lstrip()}ack: {{status: 200, retry_status: 500}}\n{COMMON.lstrip()}"
    (tmp_path / "querying.yaml").write_text(text, encoding="utf-8")
    loaded = load([tmp_path], [schemas()])
    assert [one for one in loaded.diagnostics if one.severity == "error"] == []
    with serving(tmp_path, loaded.registry, process) as server:
        server.store.close()
        answer = server.client.get("/notify/sms/1/t?id=1&code=0")
    assert (answer.status_code, answer.headers["retry-after"]) == (500, "10")


def test_a_secret_that_is_unset_is_come_again_too(tmp_path: Path) -> None:
    def unset(_: Registry, __: Request, ___: Secrets) -> Outcome:
        return replace(tiny.outcome(name="refused", keep=False), ack=LATER)

    with serving(tmp_path, process=unset) as server:
        answer = server.post("1")
    assert (answer.status_code, answer.headers["retry-after"]) == (LATER.status, "10")


# Readers that stall


def test_a_reader_that_stalls_costs_no_answer_and_the_loss_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reading, writing = socket.socketpair()
    lines = Lines(Descriptor(writing.fileno()), limit=10_000)
    with serving(tmp_path, announce=lines) as server:
        for number in range(60):
            assert server.post(f"{number}-{'x' * 20_000}").status_code == 200
        assert len(server.stored()) == 60
    assert lines.dropped() > 0
    assert [record.getMessage() for record in caplog.records].count("events.not_printed") == 1
    reading.close()
    lines.close()
    writing.close()


def test_a_loss_is_said_again_once_the_reader_had_caught_up() -> None:
    gate, said = threading.Event(), list[None]()

    class Slow(io.BytesIO):
        def write(self, data: object) -> int:
            gate.wait(5)
            return 0

    outlet = Outlet(Slow(), lambda: said.append(None), limit=10)
    for _ in repeat(None, 2):
        gate.clear()
        for _ in repeat(None, 5):
            outlet.put(b"12345678")
        gate.set()
        until = time.monotonic() + 5
        while outlet.waiting and time.monotonic() < until:
            time.sleep(0.005)
    assert (len(said), outlet.dropped) == (2, 8)
    assert outlet.close()


def test_an_end_does_not_wait_long_for_a_reader_that_stalls() -> None:
    reading, writing = socket.socketpair()
    outlet = Outlet(Descriptor(writing.fileno()), lambda: None)
    outlet.put(b"x" * 4_000_000)
    began = time.monotonic()
    assert not outlet.close()
    assert time.monotonic() - began < 10
    reading.close()
    writing.close()
