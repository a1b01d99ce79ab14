"""How is a value written in a vendor file, so that every YAML reader reads the same?"""

import json
import re
from collections.abc import Iterable

from adapter.expressions.values import as_text
from adapter.model import Element, Json
from adapter.spec.diagnostics import visible

_PLAIN = re.compile(r"[^\W\d_](?:[\w.+*/-]| (?=[\w(]))*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
WIDE = 116


def text(value: str) -> str:
    """A text, in quotes unless it is surely read as a text without."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and len(value) <= WIDE:
        return value
    return quoted(value)


def quoted(value: str) -> str:
    """In double quotes, whose escapes are those of JSON."""
    written = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", written)


def value(found: Json) -> str:
    """Any JSON value in one line; a fraction is a text, since specs have none."""
    if isinstance(found, Element):
        found = {**found}
    if isinstance(found, dict):
        return mapping((name, value(inner)) for name, inner in found.items())
    if isinstance(found, list):
        return f"[{', '.join(map(value, found))}]"
    if found is None or isinstance(found, bool):
        return {None: "null", True: "true", False: "false"}[found]
    if isinstance(found, int):
        digits = as_text(found) or ""
        return digits if -(2**63) <= found < 2**64 else quoted(digits)
    return text(as_text(found) or "")


def mapping(members: Iterable[tuple[str, str]]) -> str:
    """Members whose values are written already, in braces."""
    return "{" + ", ".join(f"{text(name)}: {written}" for name, written in members) + "}"


def sequence(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(text, texts))}]"


def block(source: str, indent: str) -> str:
    """A text of several lines behind `key: `, as it is where YAML allows it."""
    lines = source.removesuffix("\n").split("\n")
    odd = re.search("[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", source)
    if odd or not lines[0] or lines[0][0].isspace():
        return quoted(source)
    return "|\n" + "\n".join(f"{indent}{line}" if line else "" for line in lines)


_MARK, _COLUMN = "\0", 64


def commented(line: str, comment: str) -> str:
    """A line and, behind it, why; `aligned` gives the comment its column."""
    return f"{line}{_MARK}{visible(comment)}" if comment else line


def aligned(lines: Iterable[str]) -> str:
    """Lines whose comments stand in one column."""
    parts = (line.partition(_MARK) for line in lines)
    return "\n".join(f"{line:<{_COLUMN - 2}}  # {comment}" if mark else line for line, mark, comment in parts)


def pattern(form: str) -> str:
    """A time format, as vendors print it where that is possible."""
    return form if re.fullmatch(r"[A-Za-z][\w/: .-]*", form) else quoted(form)
