"""Is it alive, is it fit to be posted to, and what does it show while it runs?"""

import asyncio
import io
import json
from pathlib import Path

import pytest

from adapter.service.announce import Lines
from adapter.service.app import create_app
from adapter.service.secrets import faults, wanted
from adapter.service.settings import Settings
from adapter.spec.language import Channel, Registry
from adapter.store.store import open_store
from tests.service.tiny import OPEN, clock, event, in_one_step, process, serving
from tests.service.vendors import registry

WANTED = ("signing.app_key", "signing.salt")


def test_a_server_that_lives_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        answer = server.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_secrets_are_needed_for_keys_and_for_templates(tmp_path: Path) -> None:
    assert tuple(one.name for one in wanted(registry(tmp_path))) == WANTED


SECRETS = [
    ({}, WANTED),
    ({"signing.app_key": (b"k",)}, WANTED[1:]),
    ({"signing.app_key": (b"k",), "signing.salt": ()}, WANTED[1:]),
    ({"signing.app_key": (b"k",), "signing.salt": (b"s",)}, ()),
]


@pytest.mark.parametrize(("secrets", "expected"), SECRETS)
def test_a_secret_without_a_value_is_missing(
    tmp_path: Path, secrets: dict[str, tuple[bytes, ...]], expected: tuple[str, ...]
) -> None:
    found = faults(wanted(registry(tmp_path)), secrets)
    assert tuple(fault.wanted.name for fault in found if fault.missing) == expected


def test_a_vendor_without_its_secret_is_held_back_and_spares_the_others(tmp_path: Path) -> None:
    with serving(tmp_path, registry(tmp_path)) as server:
        answer = server.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "held_back": ["signing"],
        "closed_channels": [],
        "missing_secrets": ["signing.app_key", "signing.salt"],
        "unusable_secrets": [],
        "last_good": {},
        "store": "ok",
    }


def test_a_vendor_whose_file_is_wrong_is_held_back_too(tmp_path: Path) -> None:
    with serving(tmp_path, held_back=("broken",)) as server:
        assert server.client.get("/readyz").json()["held_back"] == ["broken"]


def test_a_closed_store_is_not_ready(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.store.close()
        answer = server.client.get("/readyz")
        assert (answer.status_code, answer.json()["store"]) == (503, "the store is closed")
        assert server.post("1").status_code == 599


def test_a_get_is_taken_where_a_vendor_sends_queries_or_asks_who_we_are(tmp_path: Path) -> None:
    found = registry(tmp_path)
    vendors = {"sms/1": ("querying",), "sms/2": ("asking",), "sms/3": ("signing",)}
    channels = {name: Channel(name, those) for name, those in vendors.items()}
    with serving(tmp_path, Registry(found.specs, found.kinds, channels)) as server:
        statuses = [server.client.get(f"/notify/sms/{channel}/t?id=1").status_code for channel in (1, 2, 3, 4)]
        assert server.client.delete("/notify/sms/1/t").status_code == 405
    assert statuses == [200, 200, 405, 404]


def test_a_deployment_without_channels_is_refused(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "adapter.db"), open_mode=False)
    with pytest.raises(ValueError, match="channels"):
        create_app(OPEN, in_one_step(process), open_store(settings.store), {}, settings, clock=clock, announce=print)


def test_watched_events_are_written_a_line_each_and_at_once() -> None:
    async def watch() -> None:
        lines([event("1"), event("2")])
        lines([event("短信")])
        assert stream.getvalue() == b""
        await asyncio.sleep(0)

    stream = io.BytesIO()
    lines = Lines(stream)
    asyncio.run(watch())
    lines.close()
    assert [json.loads(line)["subject"] for line in stream.getvalue().splitlines()] == ["1", "2", "短信"]


def test_a_watcher_that_left_is_not_written_to_again() -> None:
    class Torn(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError

    async def watch() -> None:
        for _ in range(2):
            lines([event("1")])
            await asyncio.sleep(0)

    lines = Lines(Torn())
    asyncio.run(watch())
    lines.close()
    assert lines.dropped() == 0
