"""What does a check find?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from adapter.spec.diagnostics import Path


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake at a path; `offset` points inside the value there, and `None` at its key."""

    severity: str
    path: Path
    message: str
    help: str
    offset: int | None = None


Found: TypeAlias = Iterator[Complaint]


def error(path: Path, message: str, help_text: str, offset: int | None = None) -> Complaint:
    return Complaint("error", path, message, help_text, offset)


def warning(path: Path, message: str, help_text: str, offset: int | None = None) -> Complaint:
    return Complaint("warning", path, message, help_text, offset)
