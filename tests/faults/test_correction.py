"""A mapping was wrong all night: is it mended, replayed, and does the sink hear of it?"""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.consumer import Consumer
from tests.faults.deployment import ROOT, Deployment
from tests.faults.vendor import post

CALLBACKS, POSTERS, SECONDS = 1000, 8, 60.0
ADAPTER = [sys.executable, "-c", "from adapter.cli.main import main; main()"]
HUAWEI = (ROOT / "vendors.d" / "huawei.yaml").read_text(encoding="utf-8")


def spec(folder: Path, delivered: str) -> Path:
    """Huawei's file, with another meaning of its commonest code."""
    folder.mkdir(exist_ok=True)
    head = HUAWEI[: HUAWEI.index("examples:")].replace('"DELIVRD": delivered', f'"DELIVRD": {delivered}')
    (folder / "huawei.yaml").write_text(head + EXAMPLE.format(delivered=delivered), encoding="utf-8")
    return folder


EXAMPLE = """examples:
  - name: a receipt
    request: |
      POST /notify/sms/1/t
      Content-Type: application/x-www-form-urlencoded

      status=DELIVRD&smsMsgId=1&updateTime=2018-04-13T06:31:46Z
    expect: [{{kind: sms.delivery, message_id: "1", status: {delivered}}}]
"""


def adapter(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [*ADAPTER, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(180)
def test_a_thousand_callbacks_are_corrected_and_the_sink_sees_it(tmp_path: Path) -> None:
    assert asyncio.run(corrected(tmp_path)) == {"undelivered": CALLBACKS, "delivered": CALLBACKS}


async def corrected(folder: Path) -> dict[str, int]:
    consumer = Consumer(random.Random(1), faults=0, keep=True)
    sink = await consumer.listen()
    deployment = Deployment(folder, f"sqlite:///{folder / 'adapter.db'}", sink.sockets[0].getsockname()[1], 1)
    (server,) = deployment.servers
    server.more = ["--vendors", str(spec(folder / "vendors", "undelivered"))]
    await deployment.start()
    await asyncio.gather(*(several(server.port, number) for number in range(POSTERS)))
    await heard(consumer, CALLBACKS)
    options = ["--vendors", str(spec(folder / "mended", "delivered")), "--config", str(folder / "adapter.yaml")]
    changes, plan = await asyncio.to_thread(adapter, folder, "replay", "--vendor", "huawei", "--dry-run", *options)
    assert changes == 1, plan
    assert "1,000 × status: undelivered → delivered" in plan, plan
    code, said = await asyncio.to_thread(adapter, folder, "replay", "--vendor", "huawei", *options)
    assert code == 0, said
    await heard(consumer, 2 * CALLBACKS)
    unchanged, plan = await asyncio.to_thread(adapter, folder, "replay", "--vendor", "huawei", "--dry-run", *options)
    assert unchanged == 0, plan
    server.stop()
    sink.close()
    return told(consumer)


async def several(port: int, number: int) -> None:
    for turn in range(CALLBACKS // POSTERS):
        assert await post(port, f"m{number}-{turn}") == 200


async def heard(consumer: Consumer, events: int) -> None:
    async with asyncio.timeout(SECONDS):
        while len(consumer.got) < events:
            await asyncio.sleep(0.05)


def told(consumer: Consumer) -> dict[str, int]:
    """How many events have each status; a correction names what it supersedes, and nothing else is one."""
    envelopes = [json.loads(text) for text in consumer.kept]
    first = {one["id"]: one for one in envelopes if "supersedes" not in one}
    for one in envelopes:
        if "supersedes" in one:
            assert first[one["supersedes"]]["subject"] == one["subject"]
    return dict(Counter(one["data"]["status"] for one in envelopes))
