"""What do a thousand vendors cost the one whose callback arrives? Memory, too.

python -m tests.bench.many
"""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from tests.bench import seed5
from tests.bench.durable import COMMANDS, SECRET
from tests.bench.figures import Figure, at_least, at_most, ratios
from tests.bench.load import ADAPTER, Load, Way, fire, in_turns, missing, serving
from tests.bench.loading import SPEC

BOUND = at_least(8, "1,000 vendors ÷ 1 vendor, on bound channels", 0.9, 0.97)
DETECTED = at_least(8, "1,000 vendors ÷ 1 vendor, found by match on one channel", 0.8, 0.9)
SMALL = at_most(10, "memory ÷ raw, shipped vendors", 1.7, 1.4)
LARGE = at_most(10, "memory ÷ raw, 1,000 vendors more", 2.0, 1.6)
VENDORS = 1000
AMOUNT = 60_000
MEMORY_SECONDS = 2


def figures(load: Load) -> Iterator[Figure]:
    absent = missing()
    if absent:
        yield from (Figure(goal, note=absent) for goal in (BOUND, DETECTED, SMALL, LARGE))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        _vendors(folder)
        for goal, form in ((BOUND, "bound"), (DETECTED, "shared")):
            found = in_turns(_ways(folder, form), folder, load)
            many, one = ([run.per_second for run in runs] for runs in found.values())
            yield Figure(goal, ratios(many, one))
        yield from _memory(folder, load.rounds)


def _vendors(folder: Path) -> None:
    (folder / "vendors").mkdir()
    for n in range(VENDORS):
        text = SPEC.format(n=n)
        verify = text[text.index("verify:") : text.index("ack:")]
        text = text.replace(verify, "unsigned: a test\n").replace("    sign: true\n", "")
        (folder / "vendors" / f"v{n}.yaml").write_text(text, encoding="utf-8")


def _ways(folder: Path, form: str) -> list[Way]:
    """A thousand vendors are loaded both times; one of them is hit, or all in turn."""
    names = [f"v{n}" for n in range(VENDORS)]
    return [_way(folder, f"{form}-{len(some)}", form, some) for some in (names, names[:1])]


def _way(folder: Path, name: str, form: str, names: Sequence[str]) -> Way:
    if form == "bound":
        channels = "".join(f"  sms/{one}: {{vendor: {one}, open: a test}}\n" for one in names)
    else:
        channels = f"  sms/all: {{vendor: [{', '.join(names)}], open: a test}}\n"
    config = folder / f"{name}.yaml"
    config.write_text(f"adapter: v1\nchannels:\n{channels}", encoding="utf-8")
    arguments = [*ADAPTER, "--vendors", str(folder / "vendors"), "--config", str(config), "--store"]
    return Way(name, arguments, _requests(folder, name, form, names))


def _requests(folder: Path, name: str, form: str, names: Sequence[str]) -> Path:
    path = folder / f"{name}.requests"
    with path.open("wb") as stream:
        for number in range(AMOUNT):
            vendor = names[number % len(names)]
            record = {f"{vendor}_id": f"m{number}", f"{vendor}_status": "DELIVRD", "mobile": "1380000", "count": "1"}
            body = orjson.dumps(record)
            channel = vendor if form == "bound" else "all"
            head = f"POST /notify/sms/{channel}/t HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            request = head.encode() + body
            stream.write(b"%d\n%s" % (len(request), request))
    return path


def _memory(folder: Path, rounds: int) -> Iterator[Figure]:
    seed5.write(folder / "requests", AMOUNT)
    more = [*ADAPTER, "--vendors", str(folder / "vendors"), "--store"]
    commands = {"raw": COMMANDS["raw"], "shipped": COMMANDS["adapter"], "many": more}
    ways = [Way(name, command, folder / "requests", SECRET) for name, command in commands.items()]
    found = {way.name: [_resident(way, folder) for _ in range(rounds)] for way in ways}
    raw = [statistics.median(found["raw"])] * rounds
    yield Figure(SMALL, ratios(found["shipped"], raw))
    yield Figure(LARGE, ratios(found["many"], raw))


def _resident(way: Way, folder: Path) -> float:
    """KiB, after a while of load."""
    store = folder / f"memory-{way.name}.db"
    with serving(way, store) as (port, pid):
        fire(way, port, 64, MEMORY_SECONDS)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    for path in folder.glob(f"{store.name}*"):
        path.unlink()
    return float(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    print(*figures(Load()), sep="\n")
