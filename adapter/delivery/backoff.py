"""When is it tried again? Later each time, at a moment nobody can foresee, or when the sink says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WISH = 3600.0
"""Seconds: a sink that asks for more is asked again after an hour."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """In seconds. Twenty-four attempts with these values take three days on average, six at the most.

    `chance` gives a number from 0 to 1. Full jitter: what failed together does not come back together.
    """

    chance: Callable[[], float]
    first: float = 10.0
    longest: float = 12 * 3600.0

    def pause(self, attempts: int) -> float:
        """After so many attempts, of which the last has just failed."""
        return self.chance() * min(self.longest, self.first * 2.0 ** min(attempts - 1, 40))


def retry_after(text: str, now: datetime) -> float:
    """Seconds from now: RFC 9110, 10.2.3. 0 where it says nothing that can be understood."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WISH)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_WISH)
