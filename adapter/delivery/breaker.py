"""Is it worth while to try this sink now? After many failures in a row one event finds out for all the others."""

from dataclasses import dataclass
from typing import Literal

FAILURES = 10
FIRST_SECONDS = 5.0
LONGEST_SECONDS = 300.0


@dataclass(slots=True)
class Breaker:
    """Moments are of a clock that never goes back, in seconds. It opens after `after` failures in a row."""

    after: int = FAILURES
    first: float = FIRST_SECONDS
    longest: float = LONGEST_SECONDS
    failures: int = 0
    opened: int = 0
    until: float = 0.0

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        if now < self.until:
            return "open"
        return "half_open" if self.failures >= self.after else "closed"

    def room(self, now: float, most: int) -> int:
        """How many parcels may be under way."""
        return {"open": 0, "half_open": 1, "closed": most}[self.state(now)]

    def succeeded(self) -> None:
        """Whoever was answered while it is open had asked before: one answer is enough."""
        self.failures, self.opened, self.until = 0, 0, 0.0

    def failed(self, now: float) -> None:
        if self.state(now) == "open":
            return
        self.failures += 1
        if self.failures >= self.after:
            self.until = now + min(self.longest, self.first * 2.0 ** min(self.opened, 20))
            self.opened += 1

    def rest(self, now: float, seconds: float) -> None:
        """The sink wants to be left alone."""
        self.until = max(self.until, now + seconds)
