"""Which functions are written out? The ones that mappings call most, for arguments of the type that they are made for.

For any other argument the function itself is called, so that what it gives, and how it complains, is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from adapter.expressions.page import Page, Written

Inlined: TypeAlias = Callable[[str, Sequence[Written], Page], Written]
"""From the name of the function itself and its arguments, which were evaluated in order."""


def _guarded(text: str, types: str, boolean: bool = False) -> Inlined:
    """`text` over the arguments `{0}`, `{1}` … where the first is one of the types, as is each other of `types`."""

    def inlined(call: str, arguments: Sequence[Written], page: Page) -> Written:
        names = [page.variable(one) for one in arguments]
        checks = [_check(name, type_) for name, type_ in zip(names, types.split(), strict=True) if type_ != "any"]
        return page.risk(
            f"{text.format(*names)} if {' and '.join(checks)} else {call}({', '.join(names)})", boolean=boolean
        )

    return inlined


def _check(name: str, types: str) -> str:
    one, *others = types.split("|")
    return f"(type({name}) is {one}{''.join(f' or type({name}) is {other}' for other in others)})"


def _not_null(_: str, arguments: Sequence[Written], page: Page) -> Written:
    *names, last = [page.variable(one) for one in arguments]
    return Written("(" + "".join(f"{name} if {name} is not None else " for name in names) + last + ")")


def _split(call: str, arguments: Sequence[Written], page: Page) -> Written:
    """An empty separator splits nothing, and Python refuses it."""
    text, separator = (page.variable(one) for one in arguments)
    fine = f"type({text}) is str and type({separator}) is str and {separator}"
    return page.risk(f"{text}.split({separator}) if {fine} else {call}({text}, {separator})")


def _text(call: str, arguments: Sequence[Written], page: Page) -> Written:
    name = page.variable(arguments[0])
    return page.risk(f"{name} if type({name}) is str else str({name}) if type({name}) is int else {call}({name})")


def _join(_: str, arguments: Sequence[Written], page: Page) -> Written:
    return page.risk(f"join({', '.join(one.text for one in arguments)})")


def _contains(call: str, arguments: Sequence[Written], page: Page) -> Written:
    subject, wanted = (page.variable(one) for one in arguments)
    inside = f"type({subject}) is list or type({subject}) is str and type({wanted}) is str"
    return page.risk(f"{wanted} in {subject} if {inside} else {call}({subject}, {wanted})", boolean=True)


INLINED: Mapping[str, Inlined] = MappingProxyType(
    {
        "contains": _contains,
        "ends_with": _guarded("{0}.endswith({1})", "str str", boolean=True),
        "join": _join,
        "length": _guarded("len({0})", "str|list|dict"),
        "lower": _guarded("{0}.lower()", "str"),
        "not_null": _not_null,
        "split": _split,
        "starts_with": _guarded("{0}.startswith({1})", "str str", boolean=True),
        "strip_prefix": _guarded("{0}.removeprefix({1})", "str str"),
        "strip_suffix": _guarded("{0}.removesuffix({1})", "str str"),
        "text": _text,
        "to_number": _guarded("{0}", "int"),
        "to_string": _text,
        "upper": _guarded("{0}.upper()", "str"),
    }
)
