"""Which channel has been silent for longer than it usually is? Learned from the gaps between its callbacks."""

from collections.abc import Iterator
from dataclasses import dataclass, field

CHANNELS = 1000
"""How many are followed: in open mode anybody names them."""

BUCKETS = 24
"""Powers of two, in seconds: the last ends after three months."""

SHARE = 0.99
"""Of all the time that passed so much lay in gaps up to the usual one. Counted in time, not in gaps: a night weighs
more than a burst of thousands."""

MEMORY_SECONDS = 28 * 86400.0
"""When gaps add up to this, each is believed half as much."""

GAPS = 20
"""Fewer say nothing yet."""


@dataclass(slots=True)
class Rhythm:
    """Of one channel: when it was last heard (seconds since 1970), and how much time passed in gaps of which size."""

    last: float
    gaps: int = 0
    passed: float = 0.0
    buckets: list[float] = field(default_factory=lambda: [0.0] * BUCKETS)

    def hear(self, moment: float) -> None:
        gap = moment - self.last
        if gap < 0:
            return
        self.last = moment
        self.gaps += 1
        self.passed += gap
        self.buckets[min(int(gap).bit_length(), BUCKETS - 1)] += gap
        if self.passed > MEMORY_SECONDS:
            self.passed /= 2
            self.buckets = [seconds / 2 for seconds in self.buckets]

    @property
    def usual(self) -> float | None:
        """The longest silence that is nothing special, in seconds, as the next power of two. None while unknown."""
        if self.gaps < GAPS:
            return None
        so_far = 0.0
        for place, seconds in enumerate(self.buckets):
            so_far += seconds
            if so_far >= self.passed * SHARE:
                return float(1 << place)
        return float(1 << BUCKETS)  # sums of halves may stay a little short


@dataclass(slots=True)
class Rhythms:
    """By channel."""

    channels: dict[str, Rhythm] = field(default_factory=dict)

    def hear(self, channel: str, moment: float) -> None:
        known = self.channels.get(channel)
        if known is not None:
            known.hear(moment)
        elif len(self.channels) < CHANNELS:
            self.channels[channel] = Rhythm(moment)

    def remember(self, heard: Iterator[tuple[str, float]]) -> None:
        """What came before this process began, oldest first; what has been heard since stands."""
        past = Rhythms()
        for channel, moment in heard:
            past.hear(channel, moment)
        for channel, before in past.channels.items():
            now = self.channels.get(channel)
            if now is not None:
                before.hear(now.last)
            self.channels[channel] = before
