"""How is the way to a value written: as an expression, as a path?"""

import re

from adapter.scaffold.nouns import Leaf, Names

_SEGMENT = re.compile(r"[^\s.|&!<>=()\[\]{}*@,:?'\"`]+")
_WORDS = ("true", "false", "null", "_")


def path(names: Names) -> str:
    """As `has` and `equals` write it, or nothing where they cannot."""
    texts = [str(name) for name in names]
    return ".".join(texts) if texts and all(map(_SEGMENT.fullmatch, texts)) else ""


def spelled(names: Names) -> str:
    """An expression: a plain path where the names allow it."""
    plain = path(names)
    return plain if plain and str(names[0]) not in _WORDS else _chained(names)


def of_the_body(names: Names) -> str:
    """An expression for what stands beside the records."""
    plain = path(names)
    return f"_.body.{plain or _chained(names)}"


def of_the_parent(names: Names) -> str:
    return f"_.parents[-1].{_chained(names)}"


def operand(leaf: Leaf) -> str:
    """A value's expression inside a larger one, where a place in a list stands in brackets."""
    if leaf.around:
        return leaf.expression if leaf.expression.startswith("_.parents") else f"_.body.{_chained(leaf.names)}"
    return _chained(leaf.names)


def _chained(names: Names) -> str:
    text = "".join(f"[{name}]" if isinstance(name, int) else f".{_quoted(name)}" for name in names)
    return text.removeprefix(".")


def _quoted(name: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name not in _WORDS:
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
