"""What does a record cost in a batch of a thousand, of a hundred, and alone? Durable, over HTTP.

python -m tests.bench.batches
"""

import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import orjson

from tests.bench.figures import Figure, at_most, ratios
from tests.bench.load import ADAPTER, Load, Way, in_turns, missing

LARGE = at_most(7, "µs a record, batch of 1,000 ÷ batch of 100", 1.25, 1.1)
SMALL = at_most(7, "µs a record, batch of 100 ÷ alone", 0.15, 0.10)
SIZES = {1: 60_000, 100: 6_000, 1000: 600}
"""How many requests of each size are prepared: none is sent twice."""

RECORD = {
    "phone_number": "13900000001", "send_time": "2017-08-30 00:00:00", "report_time": "2017-08-30 00:00:00",
    "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "out_id": "67890",
}  # fmt: skip


def figures(load: Load) -> Iterator[Figure]:
    absent = missing()
    if absent:
        yield from (Figure(goal, note=absent) for goal in (LARGE, SMALL))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        ways = [Way(str(size), [*ADAPTER, "--store"], _write(folder, size, amount)) for size, amount in SIZES.items()]
        found = in_turns(ways, folder, Load(8, load.rounds, load.seconds))
    cost = {int(size): [1e6 / run.per_second / int(size) for run in runs] for size, runs in found.items()}
    yield Figure(LARGE, ratios(cost[1000], cost[100]))
    yield Figure(SMALL, ratios(cost[100], cost[1]))


def _write(folder: Path, size: int, amount: int) -> Path:
    """Reports of aliyun's form, so many in each request."""
    path, ids = folder / f"requests-{size}", count()
    with path.open("wb") as stream:
        for _ in range(amount):
            body = orjson.dumps([{**RECORD, "biz_id": f"m{number:09}"} for number in islice(ids, size)])
            kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            head = f"POST /notify/sms/1/t HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n\r\n"
            request = head.encode() + body
            stream.write(b"%d\n%s" % (len(request), request))
    return path


if __name__ == "__main__":
    print(*figures(Load()), sep="\n")
