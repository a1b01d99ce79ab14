"""How many callbacks a second are durable before they are answered? `python -m tests.bench.durable`

The shipped vendors against the bare server and against code written by hand, as ratios inside interleaved rounds:
one server at a time on core 0, wrk on core 1, a fresh database each, every request a new message. Needs `wrk` and
`taskset`; `--fsync-ms` needs `gcc`. Single figures of a shared machine mean nothing; ratios do, give or take 15 %.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import seed5

HERE = Path(__file__).parent
COMMANDS = {
    "raw": ["-m", "tests.bench.servers", "raw"],
    "hand": ["-m", "tests.bench.servers", "hand"],
    "adapter": ["-c", "from adapter.cli.main import main; main()", "serve", "--port", "0", "--store"],
}
NAMES = tuple(COMMANDS)
AMOUNT = 150_000
WARM_UP = 1


@dataclass(frozen=True)
class Run:
    per_second: float
    p50_ms: float
    p99_ms: float


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as name:
        folder = Path(name)
        seed5.write(folder / "requests", AMOUNT)
        environment = _slow_disk(folder, options.fsync_ms)
        runs: dict[str, list[Run]] = {name: [] for name in NAMES}
        for number in range(options.rounds):
            for server in NAMES if number % 2 == 0 else NAMES[::-1]:
                runs[server].append(_measure(server, folder, environment, options))
    _report(runs, options)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--fsync-ms", type=float, default=0, help="make every fsync take that long")
    parser.add_argument("--folder", type=Path, help="where the databases lie; a disk, not a tmpfs")
    options = parser.parse_args(arguments)
    for program in ("wrk", "taskset", *(("gcc",) if options.fsync_ms else ())):
        if shutil.which(program) is None:
            parser.error(f"{program} is not installed")
    return options


def _slow_disk(folder: Path, milliseconds: float) -> dict[str, str]:
    if not milliseconds:
        return {}
    library = folder / "slow_fsync.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "slow_fsync.c"], check=True)
    return {"LD_PRELOAD": str(library), "SLOW_FSYNC_US": str(int(milliseconds * 1000))}


def _measure(server: str, folder: Path, environment: Mapping[str, str], options: argparse.Namespace) -> Run:
    store = folder / f"{server}.db"
    with _serving(server, store, environment) as port:
        sent = _load(folder, port, options.connections, WARM_UP, 0)["requests"]
        found = _load(folder, port, options.connections, options.seconds, int(sent) + 1000)
    for path in folder.glob(f"{store.name}*"):
        path.unlink()
    if found["wrong"] or found["broken"]:
        raise SystemExit(f"{server}: {found['wrong']} answers were not 2xx, {found['broken']} connections broke")
    return Run(found["requests"] / found["seconds"], found["p50_ms"], found["p99_ms"])


@contextmanager
def _serving(server: str, store: Path, environment: Mapping[str, str]) -> Iterator[int]:
    command = ["taskset", "-c", "0", sys.executable, *COMMANDS[server], str(store)]
    secret = {"ADAPTER_SECRET_NETEASE_APP_SECRET": seed5.SECRET}
    with subprocess.Popen(
        command,
        env={**os.environ, **secret, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        try:
            found = next(filter(None, (re.search(r"http://127[.]0[.]0[.]1:([0-9]+)", line) for line in process.stderr)))
            yield int(found[1])
        finally:
            process.terminate()


def _load(folder: Path, port: int, connections: int, seconds: int, place: int) -> dict[str, float]:
    command = [
        "taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
        "-s", str(HERE / "seed5.lua"), f"http://localhost:{port}", "--", str(folder / "requests"), str(place),
    ]  # fmt: skip
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def _report(runs: Mapping[str, Sequence[Run]], options: argparse.Namespace) -> None:
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()} {sysconfig.get_platform()}"
    )
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s", end="")
    print(f", fsync takes {options.fsync_ms:g} ms" if options.fsync_ms else "")
    middle = {name: statistics.median(run.per_second for run in found) for name, found in runs.items()}
    for name, found in runs.items():
        p50, p99 = (
            statistics.median(values) for values in zip(*((run.p50_ms, run.p99_ms) for run in found), strict=True)
        )
        each = " ".join(f"{run.per_second:.0f}" for run in found)
        print(f"{name:8} {middle[name]:8.0f} /s   p50 {p50:.2f} ms   p99 {p99:.2f} ms   ({each})")
    for other in ("raw", "hand"):
        ratios = [mine.per_second / its.per_second for mine, its in zip(runs["adapter"], runs[other], strict=True)]
        print(f"adapter / {other}: {statistics.median(ratios):.2f}   ({' '.join(f'{one:.2f}' for one in ratios)})")


if __name__ == "__main__":
    main(sys.argv[1:])
