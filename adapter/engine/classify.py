"""What do the vendor's codes mean in our words?"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from adapter.expressions.values import as_text
from adapter.model import Json
from adapter.spec.language import Codes, Kind, Row, Status

IGNORE = "ignore"
"""The status half that drops a record on purpose."""


@dataclass(frozen=True, slots=True)
class Classified:
    """A status word (or `ignore`), the reason, the vendor's own code, and the rows that decided.

    `guessed` says that the vendor sent neither a code nor a flag, so that only `otherwise` was left. `results` are
    the kind's results by their names; none of what is ignored.
    """

    status: str
    reason: str | None
    code: str | None
    known: bool | None
    rows: tuple[Row, ...] = ()
    guessed: bool = False
    results: Mapping[str, Json] = field(default_factory=dict)


def classify(kind: Kind, status: Status, codes: Sequence[Json], success: bool | None, mapped: Json) -> Classified:
    """Search each half on its own: inputs in order, for one input the layers in order.

    A success flag, where the vendor has one, alone decides success; codes then choose among failures. `mapped` is
    the value of the field `code`: where it is one of the inputs, it is the one that is known or not, else the first.
    """
    texts = tuple([text for code in codes if (text := _text(code))])
    chosen = _text(mapped)
    if sum(map(len, texts)) + len(chosen) > MAX_REMEMBERED:
        return _searched(kind, status, texts, success, chosen)
    return _remembered(kind, status, texts, success, chosen)


def _searched(kind: Kind, status: Status, texts: tuple[str, ...], success: bool | None, mapped: str) -> Classified:
    rows = _Rows(status.layers, texts)
    word = _status(kind, status, rows, success)
    code = texts[0] if texts else None
    guessed = not texts and success is None
    known = _known(kind, status, word, texts, mapped) if texts else None
    reason = None if word == IGNORE or not kind.words[word].reasoned else rows.reason() or kind.unknown_reason
    return Classified(word, reason, code, known, tuple(rows.met), guessed, _results(kind, word, reason, known))


def _results(kind: Kind, word: str, reason: str | None, known: bool | None) -> dict[str, Json]:
    if word == IGNORE:
        return {}
    found = {"status": word, "reason": reason, "final": kind.words[word].final, "code_known": known}
    return {name: found.get(name) for name in kind.results}


_remembered = lru_cache(maxsize=8192)(_searched)
MAX_REMEMBERED = 200
"""Codes repeat, and are short; what is longer is no code, and would only fill the memory."""


def _known(kind: Kind, status: Status, word: str, texts: Sequence[str], mapped: str) -> bool:
    """Does any row take the code? Of a failure that is the code itself: what a coarser input says beside it tells
    nobody why."""
    failure = word != IGNORE and kind.words[word].reasoned
    asked = texts if not failure else [mapped if mapped in texts else texts[0]]
    rows = (row for text in asked for layer in status.layers for row in candidates(layer, text))
    return any(row.code != "*" for row in rows)


def constant(kind: Kind, status: str, reason: str | None) -> Classified:
    """A status that the author set: no code decides."""
    reason = reason or (kind.unknown_reason if kind.words[status].reasoned else None)
    return Classified(status, reason, None, None, results=_results(kind, status, reason, None))


def _status(kind: Kind, status: Status, rows: "_Rows", success: bool | None) -> str:
    if success:
        return kind.success
    word = rows.status() or status.otherwise
    if success is False and word != IGNORE and kind.words[word].success:
        return status.otherwise
    return word


def _text(code: Json) -> str:
    return (as_text(code) or "").strip()


class _Rows:
    """The rows that texts find in layers; `met` remembers the ones that were used."""

    def __init__(self, layers: Sequence[Codes], texts: Sequence[str]) -> None:
        self._layers, self._texts = layers, texts
        self.met: list[Row] = []

    def status(self) -> str | None:
        row = next((row for row in self._found() if row.status), None)
        return self._meet(row).status if row else None

    def reason(self) -> str | None:
        row = next((row for row in self._found() if row.reason), None)
        return self._meet(row).reason if row else None

    def _meet(self, row: Row) -> Row:
        self.met.append(row)
        return row

    def _found(self) -> Iterator[Row]:
        for text in self._texts:
            for layer in self._layers:
                yield from candidates(layer, text)


def candidates(layer: Codes, text: str) -> Iterator[Row]:
    """Rows that take a code, the best first: exact, then a range, then the glob with the most literal characters."""
    if layer.fold:
        text = fold(text)
    if text in layer.exact:
        yield layer.exact[text]
    if layer.ranges and text.isascii() and text.isdecimal() and len(text) <= 100:
        number = int(text)
        yield from (row for low, high, row in layer.ranges if low <= number and (high is None or number <= high))
    for glob in layer.globs:
        if fnmatchcase(text, glob.pattern):
            yield glob.row


def fold(text: str) -> str:
    """How folded codes are compared: full-width forms and case do not matter."""
    return unicodedata.normalize("NFKC", text).upper()
