"""How does this process serve? What may be chosen, with the values that fit most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`open_mode`: this machine only, every channel takes every vendor. `queue_limit` counts requests that wait
    for the disk; the next one is told to come again. Port 0 takes any free one. Sizes in bytes, times in seconds.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    store: str = "sqlite:///adapter.db"
    open_mode: bool = True
    body_limit: int = 1 << 20
    body_seconds: float = 10.0
    queue_limit: int = 4096
    busy_seconds: float = 5.0
    grace_seconds: int = 10
