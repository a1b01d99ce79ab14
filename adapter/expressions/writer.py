"""How is an expression written as Python? Each node of its tree becomes a text, behind lines that it needs first.

What is written gives what `evaluate` gives, which stays the oracle. What may raise is a line of its own, in the order
of evaluation; what never does may wait in a text. Below a certain depth the interpreter goes on.
"""

from collections.abc import Callable
from typing import TypeAlias

from adapter.expressions.evaluate import compiled
from adapter.expressions.following import follow, member
from adapter.expressions.given import called
from adapter.expressions.inlined import INLINED
from adapter.expressions.page import Page, Written
from adapter.model import Json
from adapter.spec.language import Tree

MAX_LEVEL = 24
MAX_DEPTH = 12
"""Python allows a hundred indents, twenty loops in each other, and texts that are not nested too deep."""


def write(tree: Tree, value: str, page: Page) -> Written:
    """A tree that stands on the variable `value`."""
    if page.level > MAX_LEVEL or page.depth > MAX_DEPTH:
        return page.risk(f"{page.constant(compiled(tree))}({value}, request)")
    page.level += 1
    written = _WRITERS[tree["type"]](tree, value, page)
    page.level -= 1
    return written


def truth(tree: Tree, value: str, page: Page) -> Written:
    """What Python takes for true where JMESPath does."""
    joint = _JOINTS.get(tree["type"])
    if joint is None or page.level > MAX_LEVEL:
        return true(write(tree, value, page), page)
    left, right = tree["children"]
    page.level += 1
    first = truth(left, value, page)
    second, lines = page.aside(lambda: truth(right, value, page))
    page.level -= 1
    boolean = first.boolean and second.boolean
    if not lines:
        return Written(f"({first.text} {joint} {second.text})", boolean=boolean)
    name = page.name()
    page.line(f"{name} = {first.text}")
    page.under(f"if {name}:" if joint == "and" else f"if not {name}:", f"{name} = {second.text}", lines=lines)
    return Written(name, True, boolean)


_JOINTS = {"and_expression": "and", "or_expression": "or"}


def true(written: Written, page: Page) -> Written:
    """Null, false and whatever is empty are false for Python too; but 0 is true."""
    if written.boolean:
        return written
    name = page.bind(written)
    return Written(f"({name} or type({name}) in NUMBERS)")


def _path(tree: Tree, value: str, page: Page) -> Written:
    names: tuple[str, ...] = tree["value"]
    if names[0] != "_":
        return follow(value, names, page)
    if len(names) == 1:
        return _request(tree, value, page)
    return follow(page.risk(f"request[{names[1]!r}]").text, names[2:], page)


def _request(_: Tree, __: str, page: Page) -> Written:
    return page.risk("whole_request(None, request)")


def _field(tree: Tree, value: str, page: Page) -> Written:
    return member(value, tree["value"], page)


def _chain(tree: Tree, value: str, page: Page) -> Written:
    children = tree["children"]
    found = Written(value, True)
    if tree["type"] == "subexpression" and children[0]["type"] == "request" and children[1]["type"] == "field":
        found = page.risk(f"request[{children[1]['value']!r}]")
        children = children[2:]
    for child in children:
        found = write(child, page.variable(found), page)
    return found


def _index(tree: Tree, value: str, page: Page) -> Written:
    place: int = tree["value"]
    enough = f"len({value}) > {place}" if place >= 0 else f"len({value}) >= {-place}"
    return Written(f"({value}[{place}] if type({value}) is list and {enough} else None)")


def _slice(tree: Tree, value: str, page: Page) -> Written:
    cut = ":".join("" if one is None else str(int(one)) for one in tree["children"])
    text = f"({value}[{cut}] if type({value}) is list else None)"
    return page.risk(text) if tree["children"][2] == 0 else Written(text)


def _projection(tree: Tree, value: str, page: Page) -> Written:
    base, each = tree["children"]
    items = page.variable(write(base, value, page))
    return _collected(f"type({items}) is list", items, each, None, page)


def _value_projection(tree: Tree, value: str, page: Page) -> Written:
    base, each = tree["children"]
    items = page.variable(write(base, value, page))
    return _collected(f"isinstance({items}, dict)", f"{items}.values()", each, None, page)


def _filter_projection(tree: Tree, value: str, page: Page) -> Written:
    base, each, condition = tree["children"]
    items = page.variable(write(base, value, page))
    return _collected(f"type({items}) is list", items, each, condition, page)


def _collected(check: str, items: str, each: Tree, condition: Tree | None, page: Page) -> Written:
    """What each item gives, without nulls."""
    found, item = page.name(), page.name("i")
    page.line(f"{found} = None")
    with page.block(f"if {check}:"):
        page.line(f"{found} = []")
        with page.block(f"for {item} in {items}:"):
            if condition is not None:
                page.under(f"if not {truth(condition, item, page).text}:", "continue")
            one = page.variable(write(each, item, page))
            page.under(f"if {one} is not None:", f"{found}.append({one})")
    return Written(found, True)


def _flatten(tree: Tree, value: str, page: Page) -> Written:
    return Written(f"flatten({write(tree['children'][0], value, page).text})")


def _comparator(tree: Tree, value: str, page: Page) -> Written:
    sides = tree["children"]
    if tree["value"] not in ("eq", "ne"):
        both = [write(side, value, page).text for side in sides]
        return page.risk(f"{tree['value']}({', '.join(both)})")
    if sides[0]["type"] == "literal":
        sides = sides[::-1]
    one = write(sides[0], value, page)
    if sides[1]["type"] == "literal":
        text = _equals_literal(one, sides[1]["value"], page)
    else:
        text = f"equals({one.text}, {write(sides[1], value, page).text})"
    return Written(text if tree["value"] == "eq" else f"(not {text})", boolean=True)


def _equals_literal(one: Written, literal: Json, page: Page) -> str:
    """Python's 1 equals true, JMESPath's does not."""
    if literal is None or type(literal) is bool:
        return f"({page.variable(one)} is {literal!r})"
    text = page.literal(literal)
    if type(literal) in (int, float) and literal in (0, 1):
        name = page.variable(one)
        return f"({name} == {text} and type({name}) is not bool)"
    return f"({one.text} == {text})"


def _or(tree: Tree, value: str, page: Page) -> Written:
    left, right = tree["children"]
    found = write(left, value, page)
    first = Written(page.bind(found), True, found.boolean)
    return _either(true(first, page), lambda: first, lambda: write(right, value, page), page)


def _and(tree: Tree, value: str, page: Page) -> Written:
    left, right = tree["children"]
    found = write(left, value, page)
    first = Written(page.bind(found), True, found.boolean)
    return _either(true(first, page), lambda: write(right, value, page), lambda: first, page)


def _if(tree: Tree, value: str, page: Page) -> Written:
    condition, then, *otherwise = tree["children"]
    asked = truth(condition, value, page)
    return _either(
        asked,
        lambda: write(then, value, page),
        lambda: write(otherwise[0], value, page) if otherwise else Written("None", True),
        page,
    )


def _either(asked: Written, then: Callable[[], Written], otherwise: Callable[[], Written], page: Page) -> Written:
    """Only the branch that is taken is evaluated."""
    yes, before_yes = page.aside(then)
    no, before_no = page.aside(otherwise)
    boolean = yes.boolean and no.boolean
    if not before_yes and not before_no:
        return Written(f"({yes.text} if {asked.text} else {no.text})", boolean=boolean)
    name = page.name()
    page.under(f"if {asked.text}:", f"{name} = {yes.text}", lines=before_yes)
    page.under("else:", f"{name} = {no.text}", lines=before_no)
    return Written(name, True, boolean)


def _not(tree: Tree, value: str, page: Page) -> Written:
    return Written(f"(not {truth(tree['children'][0], value, page).text})", boolean=True)


def _multi_select_list(tree: Tree, value: str, page: Page) -> Written:
    children = tree["children"]
    return _selected(lambda: f"[{', '.join(write(child, value, page).text for child in children)}]", value, page)


def _multi_select_dict(tree: Tree, value: str, page: Page) -> Written:
    def text() -> str:
        found = [(child["value"], write(child["children"][0], value, page).text) for child in tree["children"]]
        return f"{{{', '.join(f'{name!r}: {one}' for name, one in found)}}}"

    return _selected(text, value, page)


def _selected(write_members: Callable[[], str], value: str, page: Page) -> Written:
    """Of null nothing is selected."""
    return _either(
        Written(f"{value} is not None"), lambda: Written(write_members()), lambda: Written("None", True), page
    )


def _function(tree: Tree, value: str, page: Page) -> Written:
    name, children = tree["value"], tree["children"]
    if name == "if":
        return _if(tree, value, page)
    if name == "map" and children[0]["type"] == "expref":
        return _map(children[0], children[1], value, page)
    call = called(name)
    arguments = [write(child, value, page) for child in children]
    inlined = INLINED.get(name)
    if inlined is None:
        return page.risk(f"{call}({', '.join(one.text for one in arguments)})")
    return inlined(call, arguments, page)


def _map(reference: Tree, items: Tree, value: str, page: Page) -> Written:
    given = page.variable(write(items, value, page))
    found, item = page.name(), page.name("i")
    with page.block(f"if type({given}) is list:"):
        page.line(f"{found} = []")
        with page.block(f"for {item} in {given}:"):
            page.line(f"{found}.append({write(reference['children'][0], item, page).text})")
    page.under("else:", f"{found} = {called('map')}({_expref(reference, value, page).text}, {given})")
    page.risky = True
    return Written(found, True)


def _expref(tree: Tree, _: str, page: Page) -> Written:
    return Written(f"by_reference({page.constant(compiled(tree['children'][0]))}, request)")


def _literal(tree: Tree, _: str, page: Page) -> Written:
    constant = tree["value"]
    return Written(page.literal(constant), True, type(constant) is bool)


def _itself(_: Tree, value: str, __: Page) -> Written:
    return Written(value, True)


Writer: TypeAlias = Callable[[Tree, str, Page], Written]

_WRITERS: dict[str, Writer] = {
    "path": _path,
    "request": _request,
    "field": _field,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "index": _index,
    "slice": _slice,
    "projection": _projection,
    "value_projection": _value_projection,
    "filter_projection": _filter_projection,
    "flatten": _flatten,
    "comparator": _comparator,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "multi_select_list": _multi_select_list,
    "multi_select_dict": _multi_select_dict,
    "function_expression": _function,
    "expref": _expref,
    "literal": _literal,
    "current": _itself,
    "identity": _itself,
}
