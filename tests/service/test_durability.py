"""Is what was answered really there, whatever happens next?"""

import asyncio
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from adapter.store.reading import read_events

ROOT = Path(__file__).parents[2]
POSTERS, AMOUNT = 64, 1000


TINY = [sys.executable, "-m", "tests.service.killable"]
WHOLE = [sys.executable, "-c", "from adapter.cli.main import main; main()", "serve", "--port", "0", "--store"]


@contextmanager
def server(store: Path, command: list[str] = TINY) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [*command, str(store)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        try:
            found = next(filter(None, (re.search(r"http://127[.]0[.]0[.]1:[0-9]+", line) for line in process.stderr)))
            yield process, found[0]
        finally:
            process.kill()


def post(url: str, message: str, padding: int = 0) -> int:
    body = {"messages": [message], "padding": "x" * padding}
    return httpx.post(f"{url}/notify/sms/1/t", json=body, timeout=10).status_code


def stored(store: Path) -> list[str]:
    return [json.loads(event.envelope)["subject"] for event in read_events(str(store))]


async def post_until_killed(process: subprocess.Popen[str], url: str, name: str) -> list[str]:
    """Sixty-four vendors at once, each posting the next report as soon as the one before was answered."""
    acked: list[str] = []

    async def poster(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        with closing(writer):
            for turn in count():
                message = f"{name}-{number}-{turn}"
                body = f"status=DELIVRD&smsMsgId={message}&updateTime=2018-04-13T06:31:46Z"
                writer.write(f"POST /notify/sms/1/t HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                             f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode())  # fmt: skip
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
                acked.append(message)
                if len(acked) == AMOUNT:
                    process.send_signal(signal.SIGKILL)

    ends = await asyncio.gather(*map(poster, range(POSTERS)), return_exceptions=True)
    assert {type(end) for end in ends} <= {asyncio.IncompleteReadError, ConnectionResetError}
    return acked


def test_every_answered_request_survives_kills_amid_sixty_four_posters(tmp_path: Path) -> None:
    store = tmp_path / "adapter.db"
    acked: list[str] = []
    for name in ("first", "second"):
        with server(store, WHOLE) as (process, url):
            acked += asyncio.run(post_until_killed(process, url, name))
    events = stored(store)
    assert len(acked) >= 2 * AMOUNT
    assert set(acked) <= set(events)
    assert len(events) == len(set(events))


def test_a_terminated_server_answers_what_it_took_and_folds_its_log_back(tmp_path: Path) -> None:
    store = tmp_path / "adapter.db"
    with server(store) as (process, url):
        assert post(url, "1") == 200
        process.terminate()
        assert process.wait(10) in {0, -signal.SIGTERM}
    assert not (tmp_path / "adapter.db-wal").exists()
    assert stored(store) == ["1"]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit another process")
def test_a_disk_that_takes_no_more_means_come_again_until_it_does(tmp_path: Path) -> None:
    store = tmp_path / "adapter.db"
    with server(store) as (process, url):
        assert post(url, "before") == 200
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, hard))
        assert [post(url, "large", 500_000) for _ in range(2)] == [599, 599]
        assert httpx.get(f"{url}/healthz").status_code == 200
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert post(url, "large", 500_000) == 200
        assert httpx.get(f"{url}/readyz").json()["store"] == "ok"
    assert stored(store) == ["before", "large"]


def test_a_database_that_another_holds_means_come_again_until_it_is_free(tmp_path: Path) -> None:
    store = tmp_path / "adapter.db"
    with server(store) as (_, url):
        with closing(sqlite3.connect(store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert post(url, "held up") == 599
            assert httpx.get(f"{url}/readyz").status_code == 503
            other.execute("ROLLBACK")
        assert httpx.get(f"{url}/readyz").status_code == 200
        assert post(url, "held up") == 200
    assert stored(store) == ["held up"]


def test_a_commit_that_takes_long_does_not_keep_others_from_being_refused(tmp_path: Path) -> None:
    store = tmp_path / "adapter.db"
    with server(store) as (_, url), closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def both() -> tuple[float, int]:
            async with httpx.AsyncClient(base_url=url) as client:
                waiting = asyncio.create_task(client.post("/notify/sms/1/t", json={"messages": ["1"]}))
                await asyncio.sleep(0.02)
                began = time.monotonic()
                await client.post("/notify/sms/1/t", json={"refuse": True})
                return time.monotonic() - began, (await waiting).status_code

        took, status = asyncio.run(both())
    assert (took < 0.15, status) == (True, 599)
