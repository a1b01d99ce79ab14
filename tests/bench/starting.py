"""How long from the start of the process until it listens, against a bare Starlette application under uvicorn?

python -m tests.bench.starting
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.durable import COMMANDS
from tests.bench.figures import Figure, at_most, ratios
from tests.bench.load import Way, missing, serving

START = at_most(11, "process start to listening ÷ bare Starlette application", 2, 1.5)
WAYS = {"bare": ["-m", "tests.bench.servers", "starlette"], "adapter": COMMANDS["adapter"]}


def figures(rounds: int) -> Iterator[Figure]:
    if missing():
        yield Figure(START, note=missing())
        return
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        compiled = {"PYTHONPYCACHEPREFIX": name, "PYTHONDONTWRITEBYTECODE": ""}  # as an installed package is
        for number in range(rounds + 1):
            for way in list(WAYS) if number % 2 else list(WAYS)[::-1]:
                found[way].append(_took(Way(way, WAYS[way], Path(), compiled), Path(name)))
    yield Figure(START, ratios(found["adapter"][1:], found["bare"][1:]))  # the first round warms up


def _took(way: Way, folder: Path) -> float:
    """Seconds; the store is there already, as it is whenever a server is started again."""
    start = time.perf_counter()
    with serving(way, folder / f"{way.name}.db"):
        return time.perf_counter() - start


if __name__ == "__main__":
    print(*figures(5), sep="\n")
