"""How many callbacks a second are durable before they are answered?

python -m tests.bench.durable [--connections 1] [--fsync-ms 5]

The shipped vendors against the bare server and against code written by hand, as ratios inside interleaved rounds:
one server at a time on core 0, wrk on core 1, a fresh database each, every request a new message. Needs `wrk` and
`taskset`; --fsync-ms needs `gcc`. Single figures of a shared machine mean nothing; ratios do, give or take 15 %.
"""

import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from tests.bench import seed5
from tests.bench.figures import Figure, Goal, at_least, at_most, machine, ratios
from tests.bench.load import ADAPTER, Load, Run, Way, in_turns, missing, slow_disk

SECRET = {"ADAPTER_SECRET_NETEASE_APP_SECRET": seed5.SECRET, "ADAPTER_SECRET_SEED": "111"}
CHANNELS = "".join(f"  sms/{vendor}: {{vendor: {vendor}, token: seed}}\n" for vendor in seed5.VENDORS)
"""A channel for each vendor, as the handler by hand has a route for each."""

COMMANDS = {
    "raw": ["-m", "tests.bench.servers", "raw"],
    "hand": ["-m", "tests.bench.servers", "hand"],
    "adapter": [*ADAPTER, "--store"],
}
AMOUNT = 150_000

TO_RAW = at_least(1, "durable throughput ÷ raw, 64 connections", 0.40, 0.50)
TO_HAND = at_least(2, "durable throughput ÷ hand, 64 connections", 3, 4)
SLOW = {
    1: at_least(3, "durable throughput ÷ hand, fsync takes 1 ms", 15, 20),
    5: at_least(3, "durable throughput ÷ hand, fsync takes 5 ms", 25, 40),
}
ALONE = at_least(4, "one connection ÷ hand", 1.0, 1.15)
MEDIAN = at_most(12, "p50 ÷ raw p50, 64 connections", 2.5, 2)
FSYNCS = at_most(12, "p50 in fsyncs, fsync takes 5 ms", 3, 2.3)


def figures(load: Load) -> Iterator[Figure]:
    """Goals 1 to 4, and 12."""
    absent = missing("gcc")
    if absent:
        yield from (Figure(goal, note=absent) for goal in (TO_RAW, TO_HAND, *SLOW.values(), ALONE, MEDIAN, FSYNCS))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        seed5.write(folder / "requests", AMOUNT)
        yield from _fast(runs(folder, load, 0))
        for milliseconds, goal in SLOW.items():
            yield from _slow(runs(folder, load, milliseconds), milliseconds, goal)
        alone = runs(folder, Load(1, load.rounds, load.seconds), 0)
        yield Figure(ALONE, ratios(_rates(alone["adapter"]), _rates(alone["hand"])))


def _fast(found: Mapping[str, Sequence[Run]]) -> Iterator[Figure]:
    rates = {name: _rates(each) for name, each in found.items()}
    yield Figure(TO_RAW, ratios(rates["adapter"], rates["raw"]))
    yield Figure(TO_HAND, ratios(rates["adapter"], rates["hand"]))
    yield Figure(MEDIAN, ratios([run.p50_ms for run in found["adapter"]], [run.p50_ms for run in found["raw"]]))


def _slow(found: Mapping[str, Sequence[Run]], milliseconds: int, goal: Goal) -> Iterator[Figure]:
    yield Figure(goal, ratios(_rates(found["adapter"]), _rates(found["hand"])))
    if milliseconds == 5:
        yield Figure(FSYNCS, tuple(run.p50_ms / milliseconds for run in found["adapter"]))


def _rates(found: Sequence[Run]) -> list[float]:
    return [run.per_second for run in found]


def runs(folder: Path, load: Load, fsync_ms: float) -> dict[str, list[Run]]:
    environment = {**SECRET, **slow_disk(folder, fsync_ms)}
    config = folder / "adapter.yaml"
    config.write_text(f"adapter: v1\nchannels:\n{CHANNELS}", encoding="utf-8")
    commands = {**COMMANDS, "adapter": [*ADAPTER, "--config", str(config), "--store"]}
    ways = [Way(name, command, folder / "requests", environment) for name, command in commands.items()]
    return in_turns(ways, folder, load)


@click.command(help=__doc__)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=3, show_default=True)
@click.option("--connections", default=64, show_default=True)
@click.option("--fsync-ms", default=0.0, help="Make every fsync take that long.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the databases lie; a disk, not a tmpfs.")
def main(rounds: int, seconds: int, connections: int, fsync_ms: float, folder: Path | None) -> None:
    absent = missing(*(("gcc",) if fsync_ms else ()))
    if absent:
        raise click.UsageError(absent)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as name:
        seed5.write(Path(name) / "requests", AMOUNT)
        found = runs(Path(name), Load(connections, rounds, seconds), fsync_ms)
    print(machine())
    print(f"{connections} connections, {rounds} rounds of {seconds} s, fsync takes {fsync_ms:g} ms more")
    for server, each in found.items():
        middle = Run(*(statistics.median(values) for values in zip(*map(_values, each), strict=True)))
        every = " ".join(f"{run.per_second:.0f}" for run in each)
        times = f"p50 {middle.p50_ms:.2f} ms   p99 {middle.p99_ms:.2f} ms"
        print(f"{server:8} {middle.per_second:8.0f} /s   {times}   ({every})")
    for other in ("raw", "hand"):
        shares = ratios(_rates(found["adapter"]), _rates(found[other]))
        print(f"adapter ÷ {other}: {statistics.median(shares):.2f}   ({' '.join(map('{:.2f}'.format, shares))})")


def _values(run: Run) -> tuple[float, float, float]:
    return run.per_second, run.p50_ms, run.p99_ms


if __name__ == "__main__":
    main()
