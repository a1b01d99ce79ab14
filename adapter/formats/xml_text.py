"""How is XML read? What stands below the root, attributes beside children; no DTD, no entities, no namespaces."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from adapter.formats.charsets import charset
from adapter.model import Element, Json

MAX_DEPTH = 100
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


def declared(body: bytes) -> str | None:
    """The charset that an XML declaration names, if it is one that text may have.

    What can be read here is written in single bytes, so it is not the UTF-16 that it may say it is.
    """
    found = _DECLARED.match(body[:200])
    said = charset(found[1].decode()) if found else None
    return None if said and said.startswith("utf-16") else said


@dataclass(slots=True)
class _Node:
    """An element on its way: its attributes, its children by name, and its pieces of text."""

    attributes: dict[str, Json]
    children: dict[str, list[Json]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


def loads(text: str) -> Json:
    """An element with only text is that text, an empty one is ''; one with attributes and text is an object that
    also is its text. A repeated child is a list; an attribute that clashes with a child is `@name`.

    Raises ValueError for what is not XML, a DTD, or a depth over 100.
    """
    parser = expat.ParserCreate(encoding="utf-8")
    parser.buffer_text = True
    root = _Node({})
    open_nodes = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_nodes) > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        own = {_local(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        open_nodes.append(_Node(own))

    def end(name: str) -> None:
        node = open_nodes.pop()
        open_nodes[-1].children.setdefault(_local(name), []).append(_value(node))

    def data(text: str) -> None:
        open_nodes[-1].text.append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise ValueError(f"{expat.errors.messages[error.code]} in line {error.lineno}") from error
    return next(iter(root.children.values()))[0]


def _no_doctype(*_: Any) -> None:
    raise ValueError("a DTD, which no callback needs")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _value(node: _Node) -> Json:
    text = "".join(node.text)
    if not node.attributes and not node.children:
        return text
    children = {name: values if len(values) > 1 else values[0] for name, values in node.children.items()}
    attributes = {f"@{name}" if name in children else name: value for name, value in node.attributes.items()}
    members = {**attributes, **children}
    return Element(members, text.strip()) if text.strip() or not children else members
