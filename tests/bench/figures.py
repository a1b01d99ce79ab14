"""What was measured, and what should have been? A goal of the adapter's speed, and how near it one run came."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """`number` is the goal's; a ratio `at_least` or, without that, at most `value`."""

    number: int
    work: str
    value: float
    stretch: float
    at_least: bool

    def reached(self, ratio: float) -> bool:
        return ratio >= self.value if self.at_least else ratio <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


@dataclass(frozen=True)
class Figure:
    """The ratio of a goal in each round; without rounds it was not measured, for the reason that `note` gives."""

    goal: Goal
    rounds: tuple[float, ...] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.rounds) if self.rounds else None

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return f"not measured: {self.note}"
        if not self.goal.reached(self.ratio):
            return "not reached"
        return "stretch" if Goal(0, "", self.goal.stretch, 0, self.goal.at_least).reached(self.ratio) else "reached"

    def __str__(self) -> str:
        value = "" if self.ratio is None else f"{self.ratio:.3g}"
        return f"{self.goal.number:3}  {self.goal.work:58} {value:>8}   {self.goal!s:8} {self.verdict}"


def at_least(number: int, work: str, value: float, stretch: float) -> Goal:
    return Goal(number, work, value, stretch, True)


def at_most(number: int, work: str, value: float, stretch: float) -> Goal:
    return Goal(number, work, value, stretch, False)


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """Of two series that were measured in turns."""
    return tuple(a / b for a, b in zip(over, under, strict=True))


def machine() -> str:
    """What was measured on, in a line."""
    models = [line for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    model = models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine()
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores of {model}, {system}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
