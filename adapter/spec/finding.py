"""What does a report need to know of one mistake? All of it flat, and nothing that could move a cursor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Lines and columns count characters from 1, the end is exclusive; `line` is 0 where it has no place."""

    code: str
    severity: str
    message: str
    help: str
    path: str
    file: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    @property
    def text(self) -> str:
        return f"{self.message}\n{self.help}" if self.help else self.message
