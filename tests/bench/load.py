"""How does a load meet a server? One server at a time on core 0, wrk on core 1, a fresh database each."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = ("wrk", "taskset")
ADAPTER = ("-c", "from adapter.cli.main import main; main()", "serve", "--port", "0")
WARM_UP_SECONDS = 1
START_SECONDS = 60.0


@dataclass(frozen=True)
class Way:
    """A server, by the arguments of its interpreter, and the file of requests that it gets; its store comes last."""

    name: str
    arguments: Sequence[str]
    requests: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Load:
    """How hard, and for how long: medians of the rounds count."""

    connections: int = 64
    rounds: int = 3
    seconds: int = 3


def missing(*more: str) -> str:
    """What is not installed here, in words; empty where all is."""
    absent = [program for program in (*PROGRAMS, *more) if shutil.which(program) is None]
    return f"{', '.join(absent)} not installed" if absent else ""


def in_turns(ways: Sequence[Way], folder: Path, load: Load) -> dict[str, list[Run]]:
    """A B C, C B A, …"""
    runs: dict[str, list[Run]] = {way.name: [] for way in ways}
    for number in range(load.rounds):
        for way in ways if number % 2 == 0 else ways[::-1]:
            runs[way.name].append(_measure(way, folder, load))
    return runs


def slow_disk(folder: Path, milliseconds: float) -> dict[str, str]:
    """The environment in which every fsync takes that long."""
    if not milliseconds:
        return {}
    library = folder / "slow_fsync.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "slow_fsync.c"], check=True)
    return {"LD_PRELOAD": str(library), "SLOW_FSYNC_US": str(int(milliseconds * 1000))}


@contextmanager
def serving(way: Way, store: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process id, as soon as it listens."""
    command = ["taskset", "-c", "0", sys.executable, *way.arguments, str(store)]
    environment = {**os.environ, **way.environment}
    with tempfile.NamedTemporaryFile("w") as log:  # a pipe that nobody reads would hold the server up
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield _port(process, Path(log.name)), process.pid
        finally:
            process.terminate()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """What a server says of its address; ends the program with all that it said where it says nothing of the kind."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if found := re.search(r"http://127[.]0[.]0[.]1:([0-9]+)\s", log.read_text(errors="replace")):
            return int(found[1])
        time.sleep(0.005)
    raise SystemExit(f"a server did not start:\n{log.read_text(errors='replace')}")


def fire(way: Way, port: int, connections: int, seconds: int, place: int = 0) -> dict[str, float]:
    """What wrk says. Ends the program where an answer was not 2xx."""
    command = [
        "taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
        "-s", str(HERE / "seed5.lua"), f"http://localhost:{port}", "--", str(way.requests), str(place),
    ]  # fmt: skip
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    if found["wrong"] or found["broken"]:
        raise SystemExit(f"{way.name}: {found['wrong']} answers were not 2xx, {found['broken']} connections broke")
    return found


def _measure(way: Way, folder: Path, load: Load) -> Run:
    store = folder / f"{way.name}.db"
    with serving(way, store) as (port, _):
        sent = fire(way, port, load.connections, WARM_UP_SECONDS)["requests"]
        found = fire(way, port, load.connections, load.seconds, int(sent) + 1000)
    for path in folder.glob(f"{store.name}*"):
        path.unlink()
    return Run(found["requests"] / found["seconds"], found["p50_ms"], found["p99_ms"])
