"""What do the rows of a code table say?"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Protocol

from adapter.spec.diagnostics import Path, suggestion
from adapter.spec.language import Codes, Glob, Kind, Place, Row


class Notes(Protocol):
    """Who knows where a row stands, and notes what is wrong with it."""

    def error(self, code: str, path: Path, message: str, help_text: str = "") -> None: ...

    def warning(self, code: str, path: Path, message: str, help_text: str = "") -> None: ...

    def place(self, path: Path) -> Place: ...


_RANGE = re.compile(r"([0-9]+)\.\.([0-9]*)")
IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Words:
    """The status words and reasons that rows may use; `silent` statuses are no failures and never show a reason."""

    statuses: tuple[str, ...]
    reasons: tuple[str, ...]
    silent: frozenset[str]


def words(kinds: Mapping[str, Kind]) -> Words:
    """All words of these kinds."""
    statuses = dict.fromkeys(word for kind in kinds.values() for word in kind.words)
    reasons = dict.fromkeys(reason for kind in kinds.values() for reason in kind.reasons)
    telling = {word.name for kind in kinds.values() for word in kind.words.values() if word.reasoned}
    return Words(tuple(statuses), tuple(reasons), frozenset(statuses) - telling)


def codes(rows: Mapping[str, Any], known: Words, fold: bool, name: str, path: Path, notes: Notes) -> Codes:
    """One layer of rows, in the order in which they are searched; what is wrong with a row is noted."""
    exact: dict[str, Row] = {}
    ranges: list[tuple[int, int | None, Row]] = []
    globs: list[Glob] = []
    for code, meaning in rows.items():
        at = (*path, code)
        row = _row(code, str(meaning), known, at, notes)
        found = _RANGE.fullmatch(code) if ".." in code else None
        if found:
            ranges.append((int(found[1]), int(found[2]) if found[2] else None, row))
        elif "*" in code:
            globs.append(_glob(_folded(code) if fold else code, row))
        else:
            key = _folded(code.strip()) if fold else code.strip()
            if key in exact:
                notes.error("CODE006", at, f"'{code}' and '{exact[key].code}' are the same code", "keep one of them")
            exact[key] = row
    _check_ranges(ranges, path, notes)
    globs.sort(key=lambda glob: -glob.literals)
    return Codes(exact, tuple(ranges), tuple(globs), fold, name)


def _row(code: str, meaning: str, known: Words, path: Path, notes: Notes) -> Row:
    status, _, reason = meaning.partition("/")
    if status and status != IGNORE and status not in known.statuses:
        notes.error("CODE001", path, f"'{status}' is not a status", suggestion(status, (*known.statuses, IGNORE)))
        status = ""
    if reason and reason not in known.reasons:
        notes.error("CODE009", path, f"'{reason}' is not a reason", suggestion(reason, known.reasons))
        reason = ""
    if reason and status in known.silent:
        message = f"'{status}' is no failure, so its reason '{reason}' is never shown"
        notes.warning("CODE013", path, message, f"write {status}")
    if not meaning.strip("/"):
        notes.error("CODE001", path, f"code '{code}' has no meaning", "write status, status/reason or /reason")
    return Row(code, status or None, reason or None, notes.place(path))


def _glob(code: str, row: Row) -> Glob:
    literals = code.replace("*", "")
    return Glob(re.sub(r"([\[?])", r"[\1]", code), len(literals), row)


def _check_ranges(ranges: list[tuple[int, int | None, Row]], path: Path, notes: Notes) -> None:
    ordered = sorted(ranges, key=lambda one: one[0])
    for low, high, row in ordered:
        if high is not None and high < low:
            notes.error("CODE010", (*path, row.code), f"the range {row.code} ends before it begins", "write low..high")
    for (_, high, row), (low, _, following) in combinations(ordered, 2):
        if high is None or low <= high:
            message = f"the range {following.code} overlaps {row.code}"
            notes.error("CODE010", (*path, following.code), message, "a code must be in one range only")


def _folded(code: str) -> str:
    return unicodedata.normalize("NFKC", code).upper()


def for_kind(layer: Codes, kind: Kind) -> Codes:
    """The halves of the rows that this kind has words for: a table may serve several kinds."""

    def fit(row: Row) -> Row | None:
        status = row.status if row.status == IGNORE or row.status in kind.words else None
        reason = row.reason if row.reason in kind.reasons else None
        if (status, reason) == (row.status, row.reason):
            return row if status or reason else None
        return replace(row, status=status, reason=reason) if status or reason else None

    return Codes(
        {code: fitting for code, row in layer.exact.items() if (fitting := fit(row))},
        tuple((low, high, fitting) for low, high, row in layer.ranges if (fitting := fit(row))),
        tuple(
            glob if fitting is glob.row else replace(glob, row=fitting)
            for glob in layer.globs
            if (fitting := fit(glob.row))
        ),
        layer.fold,
        layer.name,
    )
