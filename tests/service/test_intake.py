"""How does a callback come in and its answer go out? Over real HTTP, on real sockets."""

import json
import logging
import socket
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapter.model import Event, Outcome, Request, Secrets
from adapter.service.metrics import DISTINCT, Counts
from adapter.service.server import bind
from adapter.service.settings import Settings
from adapter.spec.language import Registry
from tests.service.tiny import LATER, Served, process, serving
from tests.service.told import told

LIMIT = 1000
PHONE = "13800001234"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("intake"), body_limit=LIMIT, body_seconds=0.3) as server:
        yield server


def raw(served: Served, *pieces: bytes, pause: float = 0.02) -> bytes:
    """Everything the server says to these bytes, until it hangs up or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=2) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        answer = b""
        while b"\r\n\r\n" not in answer and (chunk := connection.recv(65536)):
            answer += chunk
        return answer


def head(*lines: str, target: str = "/notify/sms/1/t") -> bytes:
    return "\r\n".join([f"POST {target} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def test_a_callback_is_stored_then_answered_in_the_vendors_words(served: Served) -> None:
    answer = served.post("plain 1", "plain 2")
    assert (answer.status_code, answer.text) == (200, "thanks")
    assert {"plain 1", "plain 2"} <= set(served.stored())


def test_a_retried_callback_is_answered_again_but_stored_once(served: Served) -> None:
    served.post("retried")
    announced = len(served.announced)
    assert served.post("retried").text == "again"
    assert served.stored().count("retried") == 1
    assert len(served.announced) == announced


def test_a_callback_that_is_not_authentic_is_answered_and_not_stored(served: Served) -> None:
    answer = served.post("forged", refuse=True)
    assert (answer.status_code, answer.text) == (401, "no")
    assert "forged" not in served.stored()


def test_each_stored_event_is_announced(served: Served) -> None:
    before = len(served.announced)
    served.post("announced 1", "announced 2")
    assert len(served.announced) == before + 2


PATHS = [
    ("/notify/sms/1/111", 200),
    ("/notify/sms/1/111/", 200),
    ("/notify/sms/1/111/status/more", 200),
    ("/notify/a.b-c_d/" + "x" * 64 + "/t", 200),
    ("/notify/sms/1", 404),
    ("/notify/sms/1/", 404),
    ("/notify//1/t", 404),
    ("/notify/sms/" + "x" * 65 + "/t", 404),
    ("/notify/sms/a%20b/t", 404),
    ("/notify/sms/1/%E4%B8%AD", 404),
    ("/notify/", 404),
    ("/elsewhere", 404),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_a_channels_address_has_three_plain_segments(served: Served, path: str, status: int) -> None:
    assert served.client.post(path, json={"messages": []}).status_code == status


STRANGERS = [
    ({"Host": "localhost:9000"}, 200),
    ({"Host": "LOCALHOST"}, 200),
    ({"Host": "[::1]:8000"}, 200),
    ({"Host": "127.0.0.1"}, 200),
    ({"Host": "evil.example"}, 403),
    ({"Host": "localhost.evil.example"}, 403),
    ({"Host": "127.0.0.1.nip.io"}, 403),
    ({"Host": ""}, 403),
    ({"X-Forwarded-For": "1.2.3.4"}, 403),
    ({"X-Forwarded-Host": "public.example"}, 403),
    ({"X-Forwarded-Proto": "https"}, 403),
    ({"Forwarded": "for=1.2.3.4"}, 403),
    ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
    ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), STRANGERS)
def test_open_mode_serves_this_machine_only(served: Served, headers: dict[str, str], status: int) -> None:
    assert served.client.post("/notify/sms/1/t", headers=headers, json={"messages": []}).status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "OPTIONS"])
def test_a_method_that_no_vendor_uses_is_not_allowed(served: Served, method: str) -> None:
    answer = served.client.request(method, "/notify/sms/1/t")
    assert (answer.status_code, answer.headers["allow"], answer.text) == (405, "POST", "method_not_allowed")


def test_a_head_only_asks_whether_the_channel_exists(served: Served) -> None:
    before = served.stored()
    assert served.client.head("/notify/sms/1/t").status_code == 200
    assert served.client.head("/notify/sms").status_code == 404
    assert served.stored() == before


def test_a_put_is_taken(served: Served) -> None:
    assert served.client.put("/notify/sms/1/t", json={"messages": ["put"]}).text == "thanks"


def fits(size: int) -> bytes:
    return b'{"messages": []}'.ljust(size)


SIZES = [
    ("at the limit", [head(f"Content-Length: {LIMIT}"), fits(LIMIT)], b"200"),
    ("declared above", [head(f"Content-Length: {LIMIT + 1}")], b"413"),
    ("declared above and sent", [head(f"Content-Length: {LIMIT + 1}"), fits(LIMIT + 1)], b"413"),
    ("declared far above", [head("Content-Length: 99999999999999999999"), b"{"], b"4"),
    ("chunked within", [head("Transfer-Encoding: chunked"), b"10\r\n" + fits(16) + b"\r\n", b"0\r\n\r\n"], b"200"),
    ("chunked above", [head("Transfer-Encoding: chunked"), *[b"200\r\n" + fits(512) + b"\r\n"] * 2], b"413"),
    ("one chunk above", [head("Transfer-Encoding: chunked"), b"400\r\n" + fits(1024) + b"\r\n0\r\n\r\n"], b"413"),
    ("in small pieces", [head("Content-Length: 16"), b'{"messages"', b": []}"], b"200"),
]


@pytest.mark.parametrize(("pieces", "status"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_a_body_is_taken_whole_or_not_at_all(served: Served, pieces: list[bytes], status: bytes) -> None:
    assert raw(served, *pieces).startswith(b"HTTP/1.1 " + status)


def test_a_body_above_the_limit_closes_the_connection(served: Served) -> None:
    answer = raw(served, head(f"Content-Length: {LIMIT * 1000}"), b"x" * LIMIT * 500)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer


def test_a_body_that_takes_too_long_is_given_up(served: Served) -> None:
    began = time.monotonic()
    answer = raw(served, head("Content-Length: 16"), b'{"mess')
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 1.5


def test_a_caller_that_hangs_up_amid_its_body_leaves_nothing(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    before = served.stored()
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(head("Content-Length: 100") + b'{"messages": ["half')
    time.sleep(0.1)
    assert served.stored() == before
    assert caplog.records == []
    assert served.post().status_code == 200


def test_what_nobody_foresaw_means_come_again(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    answer = served.client.post("/notify/sms/1/secret-token", content=f"{{{PHONE}")
    assert (answer.status_code, answer.text) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    (line,) = told(caplog)
    assert json.loads(line)["error"] == "JSONDecodeError"
    assert "json.loads" in json.loads(line)["traceback"]


def test_a_request_that_cannot_be_written_means_come_again(served: Served) -> None:
    answer = served.client.post("/notify/sms/1/t", json={"unwritable": True})
    assert (answer.status_code, answer.text) == (LATER.status, "later")
    assert served.post("behind the unwritable").text == "thanks"


def test_logs_name_neither_token_nor_content(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        served.post(PHONE, refuse=True)
        served.client.post("/notify/sms/1/secret-token", content=PHONE)
        served.client.post("/notify/sms/1/secret-token", headers={"Host": "x"}, content=PHONE)
        served.client.get("/notify/sms/1/secret-token")
        served.client.post("/notify/sms/1/secret-token/a", json={"unwritable": PHONE})
    assert len(told(caplog)) == 5
    assert not [line for line in told(caplog, level=logging.DEBUG) if "secret-token" in line or PHONE in line]


def test_a_token_stands_in_no_part_of_a_request_but_the_url(tmp_path: Path) -> None:
    seen: list[Request] = []

    def watching(registry: Registry, request: Request, secrets: Secrets) -> Outcome:
        seen.append(request)
        return process(registry, request, secrets)

    with serving(tmp_path, process=watching) as server:
        server.client.post("/notify/sms/1/secret-token/tail?a=%E5", json={"messages": []}, headers={"X-A": "1"})
    (request,) = seen
    assert request.url == f"http://127.0.0.1:{server.port}/notify/sms/1/secret-token/tail?a=%E5"  # as it was signed
    assert "secret-token" not in repr(replace(request, url=""))
    assert (request.channel, request.path, request.query, request.peer) == ("sms/1", "/tail", b"a=%E5", "127.0.0.1")
    assert request.header(b"x-a") == b"1"
    assert request.received_at.utcoffset() is not None
    assert len(bytes.fromhex(request.id)) == 16


def test_an_announcer_that_fails_costs_no_answer(tmp_path: Path) -> None:
    def torn(_: Sequence[Event]) -> None:
        raise OSError("nobody reads")

    with serving(tmp_path, announce=torn) as server:
        answers = [httpx.post(f"http://127.0.0.1:{server.port}/notify/sms/1/t", json={"messages": [n]}) for n in "12"]
    assert [answer.text for answer in answers] == ["thanks", "thanks"]


def test_counts_tell_what_became_of_requests(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.post("1")
        server.post("1")
        server.post("2", refuse=True)
        server.client.get("/notify/sms/1/t")
        assert server.counts.snapshot() == {
            ("acme", "sms/1", "accepted", ""): 1,
            ("acme", "sms/1", "duplicate", ""): 1,
            ("acme", "sms/1", "refused", "refused"): 1,
            ("", "", "refused", "method_not_allowed"): 1,
        }


def test_counts_stay_within_bounds_whatever_channels_are_called() -> None:
    counts = Counts()
    for number in range(DISTINCT + 5):
        counts.add("", f"sms/{number}", "unmatched", "")
    counted = counts.snapshot()
    assert counted["other", "other", "unmatched", ""] == 5
    assert len(counted) == DISTINCT + 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
def test_open_mode_refuses_a_public_address(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        bind(Settings(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_open_mode_listens_on_a_loopback_address(host: str) -> None:
    with bind(Settings(host=host, port=0)) as listener:
        assert listener.getsockname()[1] > 0


def test_a_request_of_many_records_does_not_stop_its_neighbours(tmp_path: Path) -> None:
    ends: list[str] = []

    def slowly(registry: Registry, request: Request, secrets: Secrets) -> Generator[None, None, Outcome]:
        for _ in range(50 if b"many" in request.body else 0):
            time.sleep(0.01)
            yield
        return process(registry, request, secrets)

    def post(server: Served, message: str) -> None:
        assert server.post(message).status_code == 200
        ends.append(message)

    with serving(tmp_path, steps=slowly) as server:
        large = threading.Thread(target=post, args=(server, "many"))
        large.start()
        time.sleep(0.1)
        post(server, "one")
        large.join()
    assert ends == ["one", "many"]
