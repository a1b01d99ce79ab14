"""How much may be in memory at once? Bodies on their way in, and those that wait for the disk."""

from dataclasses import dataclass, field

from adapter.model import Refused


class Crowded(Refused):
    """No room now: the vendor is to come again."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, 503)


@dataclass(slots=True)
class Room:
    """Bytes of bodies, all requests together."""

    limit: int
    held: int = 0


@dataclass(slots=True)
class Share:
    """One request's part of the room. Given back when it is answered."""

    room: Room
    size: int = field(default=0)

    def ask(self, size: int) -> None:
        """Would there be room? Raises Crowded before anything is read."""
        if self.room.held + size > self.room.limit:
            raise Crowded("memory_full", f"{self.room.held} bytes of bodies are held already")

    def take(self, size: int) -> None:
        """Raises Crowded."""
        self.ask(size)
        self.size += size
        self.room.held += size

    def give_back(self) -> None:
        self.room.held -= self.size
        self.size = 0
