"""How long did it take, mostly and at worst? Counts by size, written by one thread and read by any."""

from bisect import bisect_left
from dataclasses import dataclass, field

EDGES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: up to and including. What took longer is counted behind the last."""


@dataclass(slots=True)
class Durations:
    counts: list[int] = field(default_factory=lambda: [0] * (len(EDGES) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(EDGES, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, int]]:
        """How many took at most so long, by the edge's text; the last is `+Inf`."""
        found, so_far = [], 0
        for edge, count in zip((*map(str, EDGES), "+Inf"), self.counts, strict=True):
            so_far += count
            found.append((edge, so_far))
        return found
