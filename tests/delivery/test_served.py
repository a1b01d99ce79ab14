"""Does a whole server deliver, can its deliveries be looked after while it runs, and does it end in time?"""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import httpx
from standardwebhooks import Webhook

from adapter.delivery.sink import Sink
from tests.cli.command import run, start
from tests.delivery.receiver import receiving, slow
from tests.delivery.world import KEY, delivering, news, put, sink, states
from tests.store.place import Place

TOKEN = "a-token-that-is-long-enough"
FILE = """adapter: v1
store: {store}
channels:
  sms/1: {{vendor: huawei, token: sms_one}}
sinks:
  hook: {{webhook: "{url}", secret: hook_key, networks: [127.0.0.0/8], timeout: 30}}
  file: {{lines: {folder}/events.jsonl, statuses: [delivered]}}
  none: {{lines: {folder}/none.jsonl, kinds: [email.event]}}
"""


@dataclass(frozen=True)
class Served:
    process: Popen[bytes]
    url: str

    def post(self, message: str) -> int:
        body = f"status=DELIVRD&smsMsgId={message}&updateTime=2018-04-13T06:31:46Z"
        return httpx.post(f"{self.url}/notify/sms/1/{TOKEN}", content=body).status_code


@contextmanager
def serving(folder: Path, url: str) -> Iterator[Served]:
    config = folder / "adapter.yaml"
    config.write_text(FILE.format(store=folder / "a.db", url=url, folder=folder), encoding="utf-8")
    secrets = {"ADAPTER_SECRET_SMS_ONE": TOKEN, "ADAPTER_SECRET_HOOK_KEY": KEY.decode()}
    with start("serve", "--port", "0", "--config", config, "--strict", **secrets) as process:
        assert process.stderr
        try:
            for line in process.stderr:
                if found := re.search(r"http://127\.0\.0\.1:\d+", line.decode()):
                    break
            assert found
            yield Served(process, found[0])
        finally:
            process.kill()


def test_a_server_delivers_what_it_takes_and_waits_at_its_end_for_what_is_under_way(tmp_path: Path) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            receiver.of = {"b": [slow(1.0)]}
            with serving(tmp_path, receiver.url) as served:
                assert await asyncio.to_thread(served.post, "a") == 200
                await receiver.until(1)
                assert await asyncio.to_thread(served.post, "b") == 200
                await receiver.until(2)
                served.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(served.process.wait, 60) == 0
        heard = receiver.heard[0]
        Webhook(KEY.decode()).verify(heard.body, heard.headers)

    asyncio.run(work())
    written = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [one["subject"] for one in written] == ["a", "b"]
    assert not (tmp_path / "none.jsonl").exists()
    listed = run("deliveries", "list", "--config", tmp_path / "adapter.yaml", "-o", "json")
    found = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [(one["sink"], one["state"], one["count"], one["attempts"], one["answer"]) for one in found] == [
        ("file", "delivered", 2, 1, "written"),
        ("hook", "delivered", 2, 1, "answered 200"),
    ]


def test_what_is_dead_is_delivered_when_it_is_asked_for_while_a_dispatcher_runs(place: Place) -> None:
    async def work() -> None:
        async with receiving(*["500 No"] * 3) as receiver:
            to = sink(receiver.url, attempts=1)
            other = Sink("other", "lines", "-")
            with place.opened() as store:
                await put(store, [to], news("a"), news("b"), news("c"))
                await put(store, [other], news("d"))
                async with delivering(place, to):
                    await receiver.until(3)
                    await states_are(place, ["dead"] * 3 + ["due"])
                    event = json.loads(await asyncio.to_thread(listed, place, "--state", "dead"))
                    assert (event["count"], event["answer"]) == (3, "answered 500")
                    assert await asyncio.to_thread(retried, place, "--id", event["event"]) == (0, 1)
                    await states_are(place, ["dead"] * 2 + ["delivered", "due"])
                    assert await asyncio.to_thread(retried, place, "--sink", "in") == (0, 2)
                    await states_are(place, ["delivered"] * 3 + ["due"])
                    assert await asyncio.to_thread(retried, place, "--all-dead") == (2, None)
        assert receiver.subjects[3:] == ["c", "a", "b"]

    asyncio.run(work())


def test_a_retry_must_say_of_what(tmp_path: Path) -> None:
    assert run("deliveries", "retry", "--store", tmp_path / "a.db").exit_code == 2
    assert "say which" in run("deliveries", "retry").stderr
    assert "64 of 0-9 a-f" in run("deliveries", "retry", "--id", "e-1").stderr
    assert "no such file" in run("deliveries", "list", "--store", tmp_path / "a.db").stderr


async def states_are(place: Place, expected: list[str]) -> None:
    async with asyncio.timeout(60):
        while sorted(one[0] for one in states(place)) != sorted(expected):
            await asyncio.sleep(0.02)


def listed(place: Place, *arguments: str) -> str:
    return run("deliveries", "list", "--store", place.url, "-o", "json", *arguments).stdout


def retried(place: Place, *arguments: str) -> tuple[int, int | None]:
    """Exit code, and how many had been given up."""
    result = run("deliveries", "retry", "--store", place.url, *arguments)
    found = re.search(r"due again: (\d+)", result.stdout)
    return result.exit_code, int(found[1]) if found else None
