"""What data do a parser's events make? Our own tree, because YAML's would retype codes and merge keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from adapter.spec.diagnostics import Diagnostic, Path
from adapter.spec.slips import QUOTE_IT, Plain, cut_end, in_quotes, is_cut, literal, spot
from adapter.spec.source import Source, Stretch
from adapter.spec.syntax import more_documents, tab, too_deep

MAX_NODES = 20_000
MAX_DEPTH = 60

STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*")
GLUED = re.compile(r"([A-Za-z_][\w.-]*):(\S.*)", re.ASCII | re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")


class Stop(Exception):
    """Reading on makes no sense; carries why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class _Node:
    """What was read, and where it ends."""

    data: Any
    end: int


@dataclass(slots=True)
class Tree:
    """Events on their way to data, with the places of keys and values.

    While `muted`, nothing is recorded or reported: what is read belongs to a mistake that was told already.
    Entries of a flow collection that begin before `passed` are the rest of an expression that YAML cut; `cut`
    says that such a collection is still open.
    """

    source: Source
    events: Iterator[Any]
    found: list[Diagnostic] = field(default_factory=list)
    keys: dict[Path, Stretch] = field(default_factory=dict)
    values: dict[Path, Stretch] = field(default_factory=dict)
    nodes: int = 0
    muted: int = 0
    passed: int = -1
    cut: bool = False
    broken: bool = False

    def document(self) -> dict[str, Any]:
        """The one document of the file; raises Stop, and what the parser raises."""
        self._take()
        if isinstance(self._take(), yaml.StreamEndEvent):
            raise Stop(self._empty())
        root = self._take()
        if not isinstance(root, yaml.MappingStartEvent):
            raise Stop(self._no_mapping(root))
        data: dict[str, Any] = self._node(root, (), False, True).data
        self._take()
        after = self._take()
        if isinstance(after, yaml.DocumentStartEvent):
            raise Stop(more_documents(self.source, self._start(after)))
        return data

    def _empty(self) -> Diagnostic:
        return self.source.error("YAML003", "the file is empty", (0, 0), "write 'key: value' lines")

    def _no_mapping(self, root: Any) -> Diagnostic:
        start, end = self._start(root), self._end(root)
        if not isinstance(root, yaml.ScalarEvent):
            return self.source.error("YAML003", "the file is not a mapping", (start, end), "write 'key: value' lines")
        if not root.value and root.implicit[0]:
            return self._empty()
        slip = spot(Plain(self.source, start, end, root.value, (), False, False, True))
        if slip and slip.meant is None:
            return slip.diagnostic
        glued = GLUED.match(root.value)
        advice = f"write a blank behind the colon: '{glued[1]}: …'" if glued else "write 'key: value' lines"
        return self.source.error("YAML003", "the file is one text, not a mapping", (start, end), advice)

    def _take(self) -> Any:
        event = next(self.events)
        self.nodes += isinstance(event, yaml.NodeEvent)
        if self.nodes > MAX_NODES:
            start, message = self._start(event), f"the file has more than {MAX_NODES} keys and values"
            raise Stop(self.source.error("YAML009", message, (start, start + 1), "split the file"))
        return event

    def _start(self, event: Any) -> int:
        return int(event.start_mark.index)

    def _end(self, event: Any) -> int:
        return int(event.end_mark.index)

    def _report(self, diagnostic: Diagnostic) -> None:
        if not self.muted:
            self.found.append(diagnostic)

    def _node(self, event: Any, path: Path, in_flow: bool, fresh: bool) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            node = self._alias(event, path)
        else:
            self._properties(event, path)
            node = self._content(event, path, in_flow, fresh)
        if not self.muted:
            style = STYLES[event.style] if isinstance(event, yaml.ScalarEvent) else ""
            self.values[path] = self._start(event), node.end, style
        return node

    def _content(self, event: Any, path: Path, in_flow: bool, fresh: bool) -> _Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, in_flow, fresh)
        if len(path) >= MAX_DEPTH:
            raise Stop(too_deep(self.source, self._start(event), str(MAX_DEPTH)))
        node = self._mapping(event, path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(event, path)
        if event.flow_style and not self.muted:
            self.passed, self.cut = -1, self.cut and in_flow
        return node

    def _unheard(self, event: Any, path: Path) -> None:
        self.muted += 1
        self._node(event, path, False, False)
        self.muted -= 1

    def _alias(self, event: Any, path: Path) -> _Node:
        start, end = self._start(event), self._end(event)
        self.broken = self.broken or not self.muted
        message = f"'{self.source.text[start:end]}' is a YAML alias; specs have none"
        advice = "write the value itself, or put it in quotes if it is an expression"
        self._report(self.source.error("YAML004", message, (start, end), advice, path))
        return _Node(None, end)

    def _properties(self, event: Any, path: Path) -> None:
        if event.anchor is None and event.tag is None:
            return
        start = self._start(event)
        hit = PROPERTY.match(self.source.text, start)
        written = hit.group() if hit else ""
        noun = "anchor" if written.startswith("&") else "tag"
        message = f"'{written}' is a YAML {noun}; specs have none"
        value = self.source.text[start : self._end(event)] if isinstance(event, yaml.ScalarEvent) else ""
        meant = f": {in_quotes(value)}" if 0 < len(value) <= 80 and "\n" not in value else ""
        advice = f"remove it, or put the value in quotes if it is an expression{meant}"
        self._report(self.source.error("YAML004", message, (start, start + len(written)), advice, path))

    def _mapping(self, event: Any, path: Path) -> _Node:
        data: dict[str, Any] = {}
        end = self._start(event)
        while not isinstance(token := self._take(), yaml.MappingEndEvent):
            end = self._entry(token, data, path, bool(event.flow_style))
        return _Node(data, self._end(token) if event.flow_style else end)

    def _sequence(self, event: Any, path: Path) -> _Node:
        data: list[Any] = []
        flow, end = bool(event.flow_style), self._start(event) + 1
        while not isinstance(token := self._take(), yaml.SequenceEndEvent):
            if flow and self._start(token) < self.passed:
                self._unheard(token, (*path, len(data)))
                continue
            node = self._node(token, (*path, len(data)), flow, not flow)
            data.append(node.data)
            end = node.end
        return _Node(data, self._end(token) if flow else end)

    def _entry(self, token: Any, data: dict[str, Any], path: Path, flow: bool) -> int:
        """Read one key and its value into `data`, unless they are a mistake; where the value ends."""
        if flow and self._start(token) < self.passed:
            self._unheard(token, (*path, ""))
            return self._passed_value(path)
        if not isinstance(token, yaml.ScalarEvent):
            return self._odd_key(token, path)
        key = str(self._key(token, path, flow))
        if (flow and self._start(token) < self.passed) or self._refused(token, key, data, path):
            return self._passed_value((*path, key))
        where, value = (*path, key), self._take()
        gap = self.source.text[self._end(token) : self._start(value)]
        self._tab(token, gap, flow)
        if flow and not self.muted and self._glued(token, value, where):
            return self._end(value)
        self._record_key(token, where)
        node = self._node(value, where, flow, "\n" in gap)
        data[key] = node.data
        return node.end

    def _passed_value(self, path: Path) -> int:
        value = self._take()
        self._unheard(value, path)
        return self._end(value)

    def _record_key(self, token: Any, path: Path) -> None:
        if not self.muted:
            self.keys[path] = self._start(token), self._end(token), STYLES[token.style]

    def _key(self, token: Any, path: Path, flow: bool) -> Any:
        self._properties(token, path)
        return self._text(token, path, flow, False, True).data

    def _odd_key(self, token: Any, path: Path) -> int:
        """A key that is no text."""
        if isinstance(token, yaml.AliasEvent):
            self._alias(token, path)
        else:
            start = self._start(token)
            message = "a list or mapping cannot be a key"
            self._report(self.source.error("YAML001", message, (start, start + 1), "put the key in quotes", path))
            self._unheard(token, (*path, ""))
        return self._passed_value((*path, ""))

    def _refused(self, token: Any, key: str, data: dict[str, Any], path: Path) -> bool:
        """Merge keys, and keys that stand twice."""
        start, end, where = self._start(token), self._end(token), (*path, key)
        if key == "<<" and STYLES[token.style] == "plain":
            self.broken = self.broken or not self.muted
            advice = "write the keys themselves; codes that several vendors share go into a table"
            message = "'<<' merges mappings; specs cannot"
            self._report(self.source.error("YAML004", message, (start, end), advice, where))
            return True
        if key not in data:
            return False
        if not self.muted:
            message = (
                f"'{key}' stands twice in one mapping, first in line {self.source.place(self.keys[where][0]).line}"
            )
            self._report(self.source.error("YAML002", message, (start, end), "remove one of the two", where))
        return True

    def _tab(self, token: Any, gap: str, flow: bool) -> None:
        """YAML lets a tab stand behind a colon, but not where a line begins; one rule is easier: nowhere."""
        if "\t" in gap and "\n" not in gap and "#" not in gap and not flow:
            self._report(tab(self.source, self._end(token) + gap.index("\t")))

    def _glued(self, token: Any, value: Any, path: Path) -> bool:
        """`{a:b}` is a key 'a:b' without a value."""
        glued = GLUED.fullmatch(token.value) if STYLES[token.style] == "plain" else None
        if not glued or not isinstance(value, yaml.ScalarEvent) or value.value or not value.implicit[0]:
            return False
        message = f"a blank is missing behind the colon in '{token.value}'"
        advice = f"write {glued[1]}: {glued[2]}"
        self._report(self.source.error("YAML001", message, (self._start(token), self._end(token)), advice, path))
        return True

    def _scalar(self, event: Any, path: Path, in_flow: bool, fresh: bool) -> _Node:
        node = self._text(event, path, in_flow, fresh, False)
        plain = STYLES[event.style] == "plain" and node.data == event.value
        return _Node(literal(node.data), node.end) if plain else node

    def _text(self, event: Any, path: Path, in_flow: bool, fresh: bool, is_key: bool) -> _Node:
        """A text as it was meant: unquoted ones are looked at for slips."""
        start, end = self._start(event), self.source.trimmed(self._start(event), self._end(event))
        if STYLES[event.style] != "plain":
            return _Node(self._sound(event, start, end, path), end)
        if event.tag and not self.source.text.startswith("!!", start):
            return _Node(self.source.text[start:end], end)  # `!ok` is an expression to its author
        plain = Plain(self.source, start, end, event.value, path, is_key, in_flow, fresh)
        if in_flow and is_cut(plain):
            return self._whole(plain)
        slip = None if self.muted else spot(plain)
        if slip is None:
            return _Node(plain.text, end)
        self._report(slip.diagnostic)
        self.broken = self.broken or slip.meant is None
        return _Node(plain.text if slip.meant is None else slip.meant, end)

    def _sound(self, event: Any, start: int, end: int, path: Path) -> str:
        """Half a surrogate pair, escaped, passes the pure parser and could not be written anywhere."""
        text = str(event.value)
        if not SURROGATE.search(text):
            return text
        message = "an escape here is half of a surrogate pair"
        self._report(self.source.error("YAML001", message, (start, end), "write the character itself", path))
        return SURROGATE.sub("\ufffd", text)

    def _whole(self, plain: Plain) -> _Node:
        """The expression that YAML cut at a comma or colon, as it was meant, if its end can be found."""
        end = cut_end(self.source.text, plain.start)
        self.passed = len(self.source.text) + 1 if end is None else end
        self.cut = self.cut or not self.muted
        end = plain.end if end is None else end
        meant = " ".join(self.source.text[plain.start : end].split("\n"))
        message = "inside { } and [ ] a comma or ': ' ends an unquoted value: this one is cut"
        advice = f"{QUOTE_IT}: {in_quotes(meant)}" if end > plain.end and len(meant) <= 80 else QUOTE_IT
        self._report(self.source.error("YAML008", message, (plain.start, end), advice, plain.path))
        return _Node(meant, end)
