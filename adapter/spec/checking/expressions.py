"""Does an expression say what its author means, and at what price?"""

import re
from collections.abc import Iterator

from adapter.expressions.parse import nodes, tokens
from adapter.expressions.values import is_true
from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, error, warning
from adapter.spec.diagnostics import Path, suggestion
from adapter.spec.language import Expression, Spec, Tree

CONDITIONS = ("when", "where")


def true_only_if_full(draft: Draft, spec: Spec) -> Found:
    for place, entry in enumerate(spec.entries):
        texts = {one.text for each in entry.shape.fields if each.column.type == "text" for one in each.inputs}
        for word in CONDITIONS:
            asked = draft.get(("events", place, word))
            if asked in texts:
                message = f"'{asked}' is false for empty text too: such a record is dropped"
                yield warning(("events", place, word), message, f"write {asked} != null, or use has:")


def _jmespath(draft: Draft) -> Iterator[tuple[Path, Expression]]:
    """The expressions that are more than a plain path."""
    return ((path, one) for path, one in draft.parsed.items() if one.tree["type"] != "path")


_COMPARED = ("eq", "ne", "lt", "lte", "gt", "gte")
_GOES_ON = ("dot", "lbracket", "filter", "flatten")


def quoted_names(draft: Draft, _: Spec) -> Found:
    """In JMESPath text stands in single quotes; double ones are for names."""
    for path, expression in draft.parsed.items():
        for offset, name in _quoted(expression.text) if '"' in expression.text else ():
            message = f'"{name}" in double quotes is the name of a field: compared is what that field holds'
            hint = f"text stands in single quotes: '{name}' (if the field is meant, write @.\"{name}\")"
            yield error(path, message, hint, offset)


def _quoted(text: str) -> Iterator[tuple[int, str]]:
    words = tokens(text)
    for at, word in enumerate(words):
        if word["type"] not in _COMPARED or not 0 < at < len(words) - 1:
            continue
        left, right = words[at - 1], words[at + 1]
        if right["type"] == "quoted_identifier" and words[at + 2]["type"] not in _GOES_ON and left["type"] != "literal":
            yield right["start"], right["value"]
        elif left["type"] == "quoted_identifier" and right["type"] != "literal" and not _behind_dot(words, at - 1):
            yield left["start"], left["value"]


def _behind_dot(words: list[dict[str, object]], at: int) -> bool:
    return at > 0 and words[at - 1]["type"] == "dot"


def decided_already(draft: Draft, _: Spec) -> Found:
    """`type == 'a' || 'b'`: a text by itself is true."""
    for path, expression in _jmespath(draft):
        verdict = decided(expression.tree) if path[-1] in (*CONDITIONS, "success") else None
        if verdict is not None:
            hint = "compare on both sides of || and &&: x == 'a' || x == 'b'"
            yield warning(path, f"this is always {str(verdict).lower()}, whatever the vendor sends", hint, 0)


def decided(tree: Tree) -> bool | None:
    """True or false where no record can change it."""
    kind, children = tree["type"], tree.get("children", ())
    if kind == "literal":
        return bool(is_true(tree["value"]))
    if kind == "not_expression":
        inner = decided(children[0])
        return inner if inner is None else not inner
    if kind not in ("or_expression", "and_expression"):
        return None
    sides = [decided(child) for child in children]
    strong: bool = kind == "or_expression"
    if strong in sides:
        return strong
    return None if None in sides else not strong


def unknown_settings(draft: Draft, _: Spec) -> Found:
    known = draft.get(("settings",), {})
    for path, expression in draft.parsed.items():
        for name in settings_of(expression.tree):
            if name is not None and name not in known:
                hint = suggestion(name, known) or f"declare it: settings: {{{name}: …}}"
                offset = max(expression.text.find(f"settings.{name}"), 0)
                yield error(path, f"the file declares no setting '{name}'", hint, offset)


def settings_of(tree: Tree) -> Iterator[str | None]:
    """The settings that an expression reads; None where it takes them all."""
    if tree["type"] == "path":
        if tree["value"][:2] == ("_", "settings"):
            yield tree["value"][2] if len(tree["value"]) > 2 else None
        return
    for node in nodes(tree):
        children = node.get("children", ())
        if node["type"] == "subexpression" and children[0]["type"] == "request" and _names(children[1]) == "settings":
            yield _names(children[2]) if len(children) > 2 else None


def _names(tree: Tree) -> str | None:
    return str(tree["value"]) if tree["type"] == "field" else None


_GOES_OVER = re.compile(r"[\[{(*]")
"""Without one of them nothing goes over a list, and nothing is written twice."""

MAX_LOOPS = 5
MAX_SCANS = 1
MAX_COPIES = 10_000

_LOOPS = ("projection", "value_projection", "filter_projection", "flatten")
_CHAINS = ("subexpression", "pipe", "index_expression", "projection", "value_projection", "filter_projection")


def too_costly(draft: Draft, _: Spec) -> Found:
    """A vendor's body of a megabyte must not keep the adapter busy for minutes."""
    for path, expression in _jmespath(draft):
        complaint = _complaint(expression.tree) if _GOES_OVER.search(expression.text) else ""
        if complaint:
            yield error(path, f"the expression is too costly: {complaint}", "list the records in steps under each:", 0)


def _complaint(tree: Tree) -> str:
    if loops(tree) > MAX_LOOPS:
        return f"{loops(tree)} lists inside each other, more than {MAX_LOOPS}"
    if loops(tree, scans_only=True) > MAX_SCANS:
        return "for each item it goes over a whole list, and for each item of that over another"
    if copies(tree) > MAX_COPIES:
        return f"it may write what it reads more than {MAX_COPIES} times"
    return ""


def loops(tree: Tree, inside: bool = False, scans_only: bool = False) -> int:
    """How many loops stand inside each other. A scan is a loop that does not go over its own item: every item of
    the loop around it pays for the whole of it."""
    children = [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if tree["type"] in _LOOPS:
        base, *rest = children
        own = int(inside and _starts_anew(base)) if scans_only else 1
        return max([loops(base, inside, scans_only), *(own + loops(one, True, scans_only) for one in rest)], default=0)
    if tree["type"] == "function_expression" and any(child["type"] == "expref" for child in children):
        others = [loops(child, inside, scans_only) for child in children if child["type"] != "expref"]
        own = int(inside and any(_starts_anew(child) for child in children)) if scans_only else 1
        return max([*others, *(own + loops(one, True, scans_only) for one in children if one["type"] == "expref")])
    return max((loops(child, inside, scans_only) for child in children), default=0)


def _starts_anew(tree: Tree) -> bool:
    return any(node["type"] == "request" for node in nodes(tree))


def copies(tree: Tree) -> int:
    """How often what goes in may come out: lists that name the same thing several times multiply it."""
    children = [copies(child) for child in tree.get("children", ()) if isinstance(child, dict)]
    if not children:
        return 1
    if tree["type"] in _CHAINS:
        product = 1
        for each in children:
            product *= each
        return product
    if tree["type"].startswith(("multi_select", "function")):
        return sum(children)
    return max(children)
