"""What does a file say in which nothing is wrong? Doubt about one word leaves the whole file to careful reading.

Reading at a glance never reports: whatever might be a slip, or could not be told apart from one, is doubted, and
the careful reading finds the words for it. Where nothing is doubted both must say the same of every key and value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from adapter.spec.diagnostics import Path
from adapter.spec.slips import CURLY, INVISIBLE, Plain, is_cut, literal, spot
from adapter.spec.source import Source, Stretch
from adapter.spec.tree import MAX_DEPTH, MAX_NODES, STYLES, SURROGATE

MAX_LENGTH = 1 << 16
"""Of a file that is glanced at: a longer one might have too many nodes, and they are made before they are counted."""

PROPERTY = re.compile("[&!]")
ODD = f"{CURLY}{INVISIBLE}：，"
SURE = {
    True: re.compile(rf"(?!(?i:yes|no|on|off|true|false|null)\Z)[^-+.0-9~{ODD}(\[{{'\"`][^{ODD}(\[{{'\"`]*").fullmatch,
    False: re.compile(rf"(?!(?i:yes|no|on|off|true|false|null)\Z)[^-+.0-9~{ODD}][^{ODD}]*").fullmatch,
}
"""Unquoted texts that cannot have a slip, in a flow collection and outside of one."""

BARE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Untyped(BARE):  # type: ignore[misc]
    """YAML's parser, which need not guess the types of texts: only their literal spelling is used."""

    descend_resolver = ascend_resolver = resolve = "".format
    """Whatever it is asked, it says "", and is as quick as C."""


class Doubt(Exception):
    """Something here needs a careful look."""


@dataclass(slots=True)
class Glance:
    """A file's data, and the stretch of each key and value; `marked` is where an anchor or a tag may begin."""

    source: Source
    marked: frozenset[int]
    keys: dict[Path, Stretch] = field(default_factory=dict)
    values: dict[Path, Stretch] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    def document(self, root: Any) -> None:
        if not isinstance(root, yaml.MappingNode):
            raise Doubt
        self.data = self._mapping(root, (), False, -1)[0]
        if len(self.keys) + len(self.values) > MAX_NODES:
            raise Doubt

    def _mapping(self, node: Any, path: Path, _: bool, __: int) -> tuple[dict[str, Any], int]:
        start, flow = self._begin(node, path), bool(node.flow_style)
        keys, data = self.keys, dict[str, Any]()
        end = start
        for key, value in node.value:
            name = self._key(key, value, flow)
            if name in data:
                raise Doubt
            where, key_end = (*path, name), key.end_mark.index
            keys[where] = key.start_mark.index, key_end, STYLES[key.style]
            data[name], end = READ[type(value)](self, value, where, flow, key_end)
        end = node.end_mark.index if flow else end
        self.values[path] = start, end, ""
        return data, end

    def _sequence(self, node: Any, path: Path, _: bool, __: int) -> tuple[list[Any], int]:
        start, flow = self._begin(node, path), bool(node.flow_style)
        data: list[Any] = []
        end = start + 1
        for at, value in enumerate(node.value):
            item, end = READ[type(value)](self, value, (*path, at), flow, -1)
            data.append(item)
        end = node.end_mark.index if flow else end
        self.values[path] = start, end, ""
        return data, end

    def _begin(self, node: Any, path: Path) -> int:
        start: int = node.start_mark.index
        if len(path) >= MAX_DEPTH or start in self.marked:
            raise Doubt
        return start

    def _key(self, key: Any, value: Any, flow: bool) -> str:
        name, start = key.value, key.start_mark.index
        if not isinstance(key, yaml.ScalarNode) or start in self.marked or name == "<<":
            raise Doubt
        if key.style:
            self._sound(key)
        elif flow and ":" in name and value.value == "":  # `{a:b}`
            raise Doubt
        elif not SURE[flow](name):
            self._look(Plain(self.source, start, key.end_mark.index, name, (), True, flow, False))
        return str(name)

    def _scalar(self, node: Any, path: Path, flow: bool, key_end: int) -> tuple[Any, int]:
        """`key_end` is where the key ended that the value belongs to; -1 for a list's item."""
        text, start, end, style = node.value, node.start_mark.index, node.end_mark.index, node.style
        if start in self.marked:
            raise Doubt
        if style:
            self._sound(node)
            end = self.source.trimmed(start, end)
        elif not SURE[flow](text) or self.source.text.startswith(" ", end):
            fresh = not flow if key_end < 0 else "\n" in self.source.text[key_end:start]
            self._look(Plain(self.source, start, end, text, path, False, flow, fresh))
            text = literal(text)
        self.values[path] = start, end, STYLES[style]
        return text, end

    def _sound(self, node: Any) -> None:
        if node.style == '"' and SURROGATE.search(node.value):
            raise Doubt

    def _look(self, plain: Plain) -> None:
        if (plain.in_flow and is_cut(plain)) or spot(plain):
            raise Doubt


READ: dict[type, Callable[[Glance, Any, Path, bool, int], tuple[Any, int]]] = {
    yaml.ScalarNode: Glance._scalar,
    yaml.MappingNode: Glance._mapping,
    yaml.SequenceNode: Glance._sequence,
}


def glance(source: Source, loader: Any) -> Glance | None:
    """What a file says, unless something in it needs a careful look. Never raises."""
    if len(source.text) > MAX_LENGTH or "\t" in source.text:
        return None
    seen = Glance(source, frozenset(hit.start() for hit in PROPERTY.finditer(source.text)))
    try:
        seen.document(yaml.compose(source.text, Loader=loader))
    except (Doubt, yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return None
    return seen
