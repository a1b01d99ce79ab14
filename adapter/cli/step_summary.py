"""What does a person see who opens a workflow's page? A table in its summary, where GitHub gives a file for it.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapter.spec.diagnostics import visible

VARIABLE = "GITHUB_STEP_SUMMARY"
ROWS = 200
"""GitHub takes a mebibyte; nobody reads more than this."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~!&$@])")


def append(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], last: str) -> None:
    """Add a table to the summary of this step, if there is one. Raises OSError."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    with Path(name).open("a", encoding="utf-8") as file:
        file.write(table(title, columns, list(rows), last))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], last: str) -> str:
    """Markdown: what a file says shows as it is, whatever is in it."""
    lines = [f"### {_plain(title)}", ""]
    if rows:
        lines += [_row(columns), _row(["---"] * len(columns))]
        lines += [_row(map(_plain, cells)) for cells in rows[:ROWS]]
        lines += ["", f"… and {len(rows) - ROWS} more"] if len(rows) > ROWS else []
        lines += [""]
    return "\n".join([*lines, _plain(last), ""]) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text))
