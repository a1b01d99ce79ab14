"""Is what the deployment file says of keeping kept to?"""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.service.deployment import read_deployment
from adapter.service.keeping import hourly, limits, retention
from adapter.spec.packaged import schemas
from adapter.store.retention import Retention
from adapter.store.store import Limits
from tests.replay.shop import AT, Shop, acme, callback, report
from tests.store.place import Place


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ({}, {}),
        ({"requests": "12h"}, {"requests": timedelta(hours=12)}),
        ({"problems": "90m", "events": "400d"}, {"problems": timedelta(minutes=90), "events": timedelta(days=400)}),
    ],
)
def test_what_is_not_said_stays_as_it_is(said: dict[str, str], changed: dict[str, Any]) -> None:
    assert retention({"retention": said}) == Retention(**changed)


def test_limits_are_said_in_mebibytes() -> None:
    said = {"limits": {"quarantine": 3, "refused": 2, "waiting": 9}, "retention": {"compress": True}}
    assert limits(said, Limits()) == Limits(waiting=9, quarantine_bytes=3 << 20, refused_bytes=2 << 20, packed=True)
    assert limits({}, Limits()) == Limits()


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("retention: {requests: 30}", ("retention", "requests")),
        ("retention: {requests: 1y}", ("retention", "requests")),
        ("retention: {events: 0d}", ("retention", "events")),
        ("retention: {evnts: 1d}", ("retention", "evnts")),
        ("limits: {refused: 0}", ("limits", "refused")),
    ],
)
def test_a_slip_is_told_at_its_place(tmp_path: Path, line: str, path: tuple[str, ...]) -> None:
    file = tmp_path / "adapter.yaml"
    file.write_text(f"adapter: v1\nchannels: {{sms/1: {{vendor: acme, token: t}}}}\n{line}\n")
    found, mistakes, _ = read_deployment(file, schemas(), acme())
    assert found is None
    assert [one.path for one in mistakes] == [path]


def test_a_server_removes_what_is_old(tmp_path: Path) -> None:
    shop = Shop(Place(f"sqlite:///{tmp_path / 'a.db'}"))
    came = [callback(n, report(f"m{n}", "000"), received_at=AT + timedelta(n)) for n in range(0, 45, 5)]
    shop.arrive(acme(), *came)
    asyncio.run(_for_a_moment(shop, AT + timedelta(40)))
    assert shop.place.rows("SELECT count(*) FROM requests") == [(7,)]


def test_a_server_that_doubts_its_clock_says_so_and_removes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(Place(f"sqlite:///{tmp_path / 'a.db'}"))
    shop.arrive(acme(), callback(1, report("a", "000")))
    with caplog.at_level(logging.WARNING):
        asyncio.run(_for_a_moment(shop, datetime(2099, 1, 1, tzinfo=UTC)))
    assert "the clock may be wrong" in caplog.text
    assert shop.place.rows("SELECT count(*) FROM requests") == [(1,)]


async def _for_a_moment(shop: Shop, now: datetime) -> None:
    task = asyncio.create_task(hourly(shop.place.where, Retention(), lambda: now, first=0))
    await asyncio.sleep(0.6)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
