"""Where does a key belong? An index over a JSON Schema, for keys that were written in the wrong place."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Places: TypeAlias = Mapping[str, tuple[str, ...]]
"""The places of each key, in words (`under 'status'`), those nearest to the top first."""

TOP = "at the top of the file"


def places(schema: Mapping[str, Any]) -> Places:
    """Every key that a file of this schema may have, wherever it may stand."""
    found: dict[str, dict[str, None]] = {}
    waiting = deque([(schema, TOP)])
    seen: set[tuple[int, str]] = set()
    while waiting:
        node, place = waiting.popleft()
        for name in node.get("properties", {}):
            found.setdefault(name, {})[place] = None
        for below in _below(node, place, schema):
            key = id(below[0]), below[1]
            if key not in seen:
                seen.add(key)
                waiting.append(below)
    return {name: tuple(known) for name, known in found.items()}


def _below(node: Mapping[str, Any], place: str, schema: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The nodes next to come, with the words for what stands in them."""
    if "$ref" in node:
        yield schema["definitions"][node["$ref"].rpartition("/")[2]], place
    for part in (*node.get("allOf", ()), node.get("then", {})):
        yield part, place
    for name, each in node.get("properties", {}).items():
        yield each, f"under '{name}'"
    if "items" in node:
        yield node["items"], place.replace("under ", "in an entry of ")
