"""Which Python function reads a record? One for each shape, written once from all of its expressions.

It gives the readings of the interpreter, which is its oracle. The function is made when the first record asks for it:
most of a thousand vendors never send one to a process that has just started, and no validation needs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapter.expressions.coercions import coercion, complaint_code, typed
from adapter.expressions.evaluate import Evaluate
from adapter.expressions.following import follow, members
from adapter.expressions.given import GIVEN
from adapter.expressions.interpreter import Note, Read, Reading, about, must_be_known
from adapter.expressions.page import Page
from adapter.expressions.writer import truth, write
from adapter.model import Json
from adapter.spec.language import Clock, Column, Condition, Expression, Shape, Tree

HEADER = "def read(value, request):"


@dataclass(frozen=True, slots=True)
class Code:
    """A function as Python text, and the values that the text only names."""

    source: str
    constants: Mapping[str, Json]
    name: str = "read"

    def function(self) -> Callable[..., Any]:
        namespace = {**GIVEN, **self.constants}
        exec(compile(self.source, "<expressions>", "exec"), namespace)  # noqa: S102
        made: Callable[..., Any] = namespace[self.name]
        return made


def reader(shape: Shape) -> Read:
    """A shape as a function of a record's value and the request (`_`)."""
    made: Read | None = None

    def read(value: Json, request: Mapping[str, Json]) -> Reading:
        nonlocal made
        if made is None:
            made = code(shape).function()
        return made(value, request)

    return read


def quick(one: Expression) -> Expression:
    """The same expression, evaluated by a function of its own."""
    return replace(one, evaluate=evaluator(one.tree))


def evaluator(tree: Tree) -> Evaluate:
    """A tree as a function of (value, request), which raises what the interpreter raises."""
    made: Evaluate | None = None

    def evaluate(value: Json, request: Json) -> Json:
        nonlocal made
        if made is None:
            made = expression_code(tree).function()
        return made(value, request)

    return evaluate


def quick_condition(condition: Condition) -> Condition:
    """The same condition, asked by a function of its own."""
    made: Callable[..., bool] | None = None

    def holds(value: Json, view: Callable[[], Any]) -> bool:
        nonlocal made
        if made is None:
            made = condition_code(condition).function()
        return made(value, view)

    return replace(condition, quick=holds)


def condition_code(condition: Condition) -> Code:
    """All parts of a condition, on a tree; the view is made only for `when`. One that raises does not hold."""
    page = Page()
    if condition.has or condition.equals:
        page.line("seen = value if type(value) is dict else looked_at(value)")
    for path in condition.has:
        page.under(f"if {follow('seen', path, page).text} is None:", "return False")
    for one in condition.equals:
        found = page.variable(follow("seen", one.path, page))
        page.under(f"if ({found} if type({found}) is str else as_text({found})) not in {one.words!r}:", "return False")
    if condition.when is None:
        page.line("return True")
    else:
        _when(condition.when, page)
    return Code(page.source("def holds(value, view):"), page.constants, "holds")


def _when(when: Expression, page: Page) -> None:
    def asked() -> None:
        page.line("request = view()")
        found = truth(when.tree, "value", page)
        page.line(f"return {found.text}" if found.boolean else f"return True if {found.text} else False")

    start = len(page.lines)
    page.guarded(asked, ["return False"])
    page.explain(start, f"when: {when.text}")


def expression_code(tree: Tree) -> Code:
    page = Page()
    page.line(f"return {write(tree, 'value', page).text}")
    return Code(page.source(HEADER), page.constants)


def code(shape: Shape) -> Code:
    """The function that reads a record by a shape."""
    page = Page()
    shaping = _Shaping(shape, page, {})
    shaping.write()
    return Code(page.source(HEADER), page.constants)


@dataclass(frozen=True, slots=True)
class _Shaping:
    """A shape on its way to a function: `values` are the variables of the fields, by name."""

    shape: Shape
    page: Page
    values: dict[str, str]

    def write(self) -> None:
        """In the order of the interpreter, so that the warnings have it too."""
        self.page.line("notes = []")
        members("value", self.page)
        for one in self.shape.fields:
            name = one.column.name
            self.values[name] = self._chain(name, one.inputs)
        codes, success = self._codes(), self._success()
        extra = self._extra()
        data = self._data()
        parts = self._parts(codes, success)
        self.page.line(f"values = {_display(self.values.items())}")
        self.page.line(f"data = {_display(data.items())}")
        self.page.line(f"missing = {self._missing(data)}")
        codes_ = f"[{', '.join(codes)}]"
        self.page.line(f"return Reading(values, data, {extra}, {codes_}, {success}, {parts}, missing, notes)")

    def _chain(self, name: str, inputs: tuple[Expression, ...]) -> str:
        """The first input that gives something; the later ones are only asked when it gives nothing."""
        if not inputs:
            return "None"
        found = self._attempt(name, inputs[0])
        if len(inputs) > 1:
            self.page.forget(found)
        for one in inputs[1:]:
            with self.page.block(f"if {found} is None or {found} == '':"):
                other = self._attempt(name, one)
                self.page.under(f"if {other} is not None:", f"{found} = {other}")
        return found

    def _attempt(self, name: str, one: Expression) -> str:
        """An expression's value; one that raises counts as null, with a warning that names its line."""
        page, start, found = self.page, len(self.page.lines), self.page.name("f")

        def value() -> None:
            written = write(one.tree, "value", page)
            page.line(f"{found} = {written.text}")
            page.remember(written.key, found)

        page.guarded(value, [_warn(name, one), f"{found} = None"])
        page.explain(start, f"{name}: {one.text}")
        return found

    def _codes(self) -> list[str]:
        status = self.shape.status
        if status is None:
            return []
        if status.inputs is None:
            return [self.values.get("code", "None")]
        return [
            self.values.get(one.field, "None") if one.field else self._attempt("status", one) for one in status.inputs
        ]

    def _success(self) -> str:
        one = self.shape.status.success if self.shape.status else None
        if one is None:
            return "None"
        page, start, found = self.page, len(self.page.lines), self.page.name("f")

        def value() -> None:
            asked = truth(one.tree, "value", page)
            page.line(f"{found} = {asked.text if asked.boolean else f'(True if {asked.text} else False)'}")

        page.guarded(value, [_warn("status", one), f"{found} = False"])
        page.explain(start, f"status.success: {one.text}")
        return found

    def _extra(self) -> str:
        extra = self.shape.extra
        named = _display([(name, self._chain(f"extra.{name}", inputs)) for name, inputs in extra.named])
        return f"merged({self._attempt('extra', extra.whole)}, {named})" if extra.whole else named

    def _data(self) -> dict[str, str]:
        """A variable or a literal for every field of the kind, typed in the kind's order."""
        columns = self.shape.kind.columns if self.shape.kind else {}
        return {name: self._typed(column) for name, column in columns.items()}

    def _typed(self, column: Column) -> str:
        if column.name not in self.values:
            return self._constant(column)
        value, found = self.values[column.name], self.page.name("v")
        take = f"{self.page.constant(_taking(column, self.shape.clock))}({value}, notes)"
        as_it_is = _AS_IT_IS.get(column.type, "{0} is None").format(value)
        start = len(self.page.lines)
        self.page.line(f"{found} = {value} if {as_it_is} else {take}" if as_it_is else f"{found} = {take}")
        self.page.explain(start, f"{column.name} as {column.type}")
        return found

    def _constant(self, column: Column) -> str:
        value, complaint = typed(self.shape.constants.get(column.name), column, self.shape.clock)
        if complaint:
            note = self.page.constant(Note(complaint_code(column), column.name, complaint))
            self.page.line(f"notes.append({note})")
        return "[]" if value == [] else self.page.literal(value)

    def _parts(self, codes: list[str], success: str) -> str:
        """The first alternative that knows anything."""
        found = self.page.name("p")
        alternatives = [
            [part for name in names for part in self._part(name, codes, success)] for names in self.shape.key
        ]
        for place, parts in enumerate([*alternatives, []]):
            text = f"{found} = [{', '.join(parts)}]"
            if place:
                self.page.under(f"if not any({found}):", text)
            else:
                self.page.line(text)
        return found

    def _part(self, name: str, codes: list[str], success: str) -> list[str]:
        if name == "status.from":
            return [_source(one) for one in codes]
        if name == "status.success":
            return ["''" if success == "None" else f"('true' if {success} else 'false')"]
        return [_source(self.values.get(name, "None"))]

    def _missing(self, data: Mapping[str, str]) -> str:
        text = "''"
        for group in reversed(must_be_known(self.shape.kind)):
            if all(name in self.values or data.get(name, "None") in ("None", "''") for name in group):
                mapped = [data[name] for name in group if name in self.values]
                unknown = " and ".join(f"({one} is None or {one} == '')" for one in mapped)
                text = f"({' or '.join(group)!r} if {unknown or 'True'} else {text})"
        return text


_AS_IT_IS = {
    "text": "{0} is None or type({0}) is str",
    "integer": "{0} is None or type({0}) is int",
    "list of text": "",
}
"""When is a value of that type what it will be already?"""


def _taking(column: Column, clock: Clock) -> Callable[[Json, list[Note]], Json]:
    """A value as its column wants it, what there is to warn of among the notes."""
    code, coerce = complaint_code(column), coercion(column, clock)

    def take(value: Json, notes: list[Note]) -> Json:
        found, complaint = coerce(value)
        if complaint:
            notes.append(Note(code, column.name, complaint))
        return found

    return take


def _source(value: str) -> str:
    if value == "None":
        return "''"
    return f"({value} if type({value}) is str else '' if {value} is None else source_text({value}))"


def _warn(name: str, one: Expression) -> str:
    return f"notes.append(failed({name!r}, {about(one)!r}, error))"


def _display(members: Any) -> str:
    return f"{{{', '.join(f'{name!r}: {value}' for name, value in members)}}}"
