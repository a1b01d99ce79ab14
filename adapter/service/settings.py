"""How does this process serve? What may be chosen, with the values that fit most."""

from dataclasses import dataclass, field

from adapter.store.retention import Retention
from adapter.store.store import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """`open_mode`: this machine only, every channel takes every vendor. `limits` are the store's. Port 0 takes any
    free one. Sizes in bytes, times in seconds. `memory` is for the bodies of all requests together.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    store: str = "sqlite:///adapter.db"
    open_mode: bool = True
    body_limit: int = 1 << 20
    body_seconds: float = 10.0
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    grace_seconds: int = 10
    connections: int = 1000
    memory: int = 256 << 20
