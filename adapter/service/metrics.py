"""How many requests came to which end?"""

from collections import Counter

Key = tuple[str, str, str, str]
"""vendor, channel, outcome, code"""

DISTINCT = 10_000


class Counts:
    """Counts by key. In open mode anybody names channels, so beyond `DISTINCT` keys new ones share one name."""

    def __init__(self) -> None:
        self._counter: Counter[Key] = Counter()

    def add(self, vendor: str, channel: str, outcome: str, code: str) -> None:
        key = (vendor, channel, outcome, code)
        if key not in self._counter and len(self._counter) >= DISTINCT:
            key = ("other", "other", outcome, code)
        self._counter[key] += 1

    def snapshot(self) -> dict[Key, int]:
        return dict(self._counter)
