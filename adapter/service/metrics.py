"""How many requests came to which end? Plain counters: whoever asks for them does the rest."""

from collections import Counter
from collections.abc import Hashable
from typing import TypeAlias, TypeVar

from adapter.model import Outcome

Key: TypeAlias = tuple[str, str, str, str]
"""vendor, channel, outcome, code; of a note: vendor, channel, "note", which"""

DISTINCT = 10_000

K = TypeVar("K", bound=Hashable)


class Counts:
    """Counts by key. In open mode anybody names channels, so beyond `DISTINCT` keys new ones share one name.

    `problems` are by vendor, stage and code, `unknown` codes by vendor: names out of vendor files.
    """

    def __init__(self) -> None:
        self._counter: Counter[Key] = Counter()
        self.problems: Counter[tuple[str, str, str]] = Counter()
        self.unknown: Counter[str] = Counter()

    def add(self, vendor: str, channel: str, outcome: str, code: str) -> None:
        key = (vendor, channel, outcome, code)
        if key not in self._counter and len(self._counter) >= DISTINCT:
            key = ("other", "other", outcome, code)
        self._counter[key] += 1

    def look(self, outcome: Outcome) -> None:
        """What in it a person may have to mend. Once for each that was new: a retry says nothing more."""
        vendor = outcome.vendor
        for problem in outcome.problems:
            self.problems[vendor, problem.stage, problem.code] += 1
        for event in outcome.events:
            if event.envelope["data"].get("code_known") is False:
                self.unknown[vendor] += 1

    def snapshot(self) -> dict[Key, int]:
        return dict(self._counter)


def copied(counter: Counter[K]) -> dict[K, int]:
    """All of a counter that others write to meanwhile: a dict is copied in one step."""
    return dict(counter)
