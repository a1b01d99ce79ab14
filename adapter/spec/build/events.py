"""The entries under `events`: which records they list, and how a record is read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from adapter.expressions.compiler import quick, quick_condition, reader
from adapter.expressions.interpreter import first_that_gives
from adapter.expressions.times import NAMED, BadFormat, has_offset, pattern, zone
from adapter.spec.build.codes import IGNORE, codes, for_kind, words
from adapter.spec.build.draft import Draft
from adapter.spec.diagnostics import Path, nearest, suggestion
from adapter.spec.language import (
    Clock,
    Codes,
    Condition,
    Entry,
    Equals,
    Expression,
    Extra,
    Field,
    Kind,
    Place,
    Shape,
    Status,
)

_NO_CODES = Codes({}, (), (), False, "")


def entries(draft: Draft) -> tuple[Entry, ...]:
    """Every entry with the function that reads a record by it."""
    check_status(draft, ("status",))
    check_time(draft, ("time",))
    shapes = [_shape(draft, ("events", place), entry) for place, entry in enumerate(draft.get(("events",), []))]
    return tuple(Entry(shape, reader(shape)) for shape in shapes)


def _shape(draft: Draft, path: Path, entry: Mapping[str, Any]) -> Shape:
    kind = draft.kinds.get(entry.get("kind", ""))
    for part, check in (("status", check_status), ("time", check_time)):
        if part in entry:
            check(draft, (*path, part))
    shape = Shape(
        kind=kind,
        condition=condition(draft, path),
        each=tuple(map(quick, draft.expressions((*path, "each")))),
        where=_quick(draft.expression((*path, "where"))),
        fields=_fields(draft, path, kind),
        constants=entry.get("set", {}),
        extra=_extra(draft, (*path, "extra")),
        status=_status(draft, path, kind) if kind and kind.words else None,
        clock=_clock(draft, path),
        key=_key(draft, path, kind),
        place=draft.place(path),
    )
    if kind:
        _check_kind(draft, path, kind, shape)
    return shape


def condition(draft: Draft, path: Path) -> Condition:
    """`when`, `has` and `equals` of an entry or a match."""
    when = _quick(draft.expression((*path, "when")))
    return quick_condition(Condition(when, draft.name_paths((*path, "has")), _equals(draft, path)))


def _quick(one: Expression | None) -> Expression | None:
    return one and quick(one)


def _equals(draft: Draft, path: Path) -> tuple[Equals, ...]:
    found = []
    for text, value in draft.get((*path, "equals"), {}).items():
        names = draft.name_path((*path, "equals", text), text)
        if names:
            found.append(Equals(names, tuple(_word(one) for one in (value if isinstance(value, list) else [value]))))
    return tuple(found)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(draft: Draft, path: Path, kind: Kind | None) -> tuple[Field, ...]:
    if kind is None:
        return ()
    names = [name for name in draft.get((*path, "fields"), {}) if name in kind.columns]
    return tuple(Field(kind.columns[name], draft.expressions((*path, "fields", name))) for name in names)


def _extra(draft: Draft, path: Path) -> Extra:
    value = draft.get(path)
    if isinstance(value, str):
        return Extra(whole=draft.expression(path))
    if isinstance(value, list):
        listed = [(str(text), (*path, at)) for at, text in enumerate(value)]
        return Extra(tuple((text, draft.expressions(at)) for text, at in listed if draft.name_path(at, text)))
    return Extra(tuple((name, draft.expressions((*path, name))) for name in value or {}))


def _status(draft: Draft, path: Path, kind: Kind) -> Status | None:
    where = {key: base for base in (("status",), (*path, "status")) for key in draft.get(base, {})}
    if not where:
        return None
    rows = [base for base in (("status",), (*path, "status")) if draft.get((*base, "codes"))]
    fold = bool(draft.get((*where["fold"], "fold"))) if "fold" in where else False
    layers = [_own_codes(draft, (*rows[-1], "codes"), fold)] if rows else []
    if "otherwise" not in where and not draft.get(("status",)):
        draft.key_error("CODE011", (*path, "status"), "status has no otherwise",
                        "add otherwise: such as otherwise: unknown")  # fmt: skip
    for table in draft.listed((*where["tables"], "tables")) if "tables" in where else []:
        layers.append(draft.tables.get(table, _NO_CODES))
    return Status(
        inputs=_inputs(draft, path, (*where["from"], "from")) if "from" in where else None,
        success=draft.expression((*where["success"], "success")) if "success" in where else None,
        layers=tuple(for_kind(layer, kind) for layer in layers),
        otherwise=_otherwise(draft, (*where["otherwise"], "otherwise"), kind) if "otherwise" in where else IGNORE,
        place=draft.place(where.get("otherwise", path)),
    )


def _inputs(draft: Draft, path: Path, at: Path) -> tuple[Expression, ...]:
    """The chain of inputs; `fields.code` is what the entry maps to code, as in the default."""
    found: list[Expression] = []
    for place, text in enumerate(draft.listed(at)):
        name = str(text).removeprefix("fields.")
        if str(text).startswith("fields.") and name in draft.get((*path, "fields"), {}):
            found.append(_of_field(str(text), draft.expressions((*path, "fields", name))))
        else:
            one = draft.expression(draft.item_path(at, place))
            found += [one] if one else []
    return tuple(found)


def _of_field(text: str, inputs: tuple[Expression, ...]) -> Expression:
    """The first of a field's expressions that gives something, as one expression."""

    def evaluate(value: Any, request: Any) -> Any:
        return first_that_gives(inputs, value, request, text, [])

    tree = inputs[0].tree if inputs else {}
    return Expression(text, tree, evaluate, inputs[0].place if inputs else Place(), text.removeprefix("fields."))


def _otherwise(draft: Draft, path: Path, kind: Kind) -> str:
    word = str(draft.get(path))
    if word == IGNORE or (word in kind.words and not kind.words[word].success):
        return word
    if word in kind.words:
        draft.error("CODE008", path, f"'{word}' for an unknown code: what nobody knows would count as a success",
                    "say what an unknown code is, such as unknown or undelivered")  # fmt: skip
    else:
        failures = [name for name, each in kind.words.items() if not each.success]
        draft.error("CODE001", path, f"'{word}' is not a status of {kind.name}", suggestion(word, (*failures, IGNORE)))
    return IGNORE


def _own_codes(draft: Draft, path: Path, fold: bool) -> Codes:
    """The file's own rows; what is wrong with them is noted once, by check_status."""
    known = draft.rows.get(path)
    if known and known.fold == fold:
        return known
    return codes(draft.get(path), words(_used(draft)), fold, "", path, replace(draft, mistakes=[]))


def _used(draft: Draft) -> Mapping[str, Kind]:
    """The kinds of the file's entries; all kinds where none is known."""
    named = {entry.get("kind") for entry in draft.listed(("events",))}
    if named - {"ignore", *draft.kinds}:  # a kind nobody knows has its own message
        return draft.kinds
    return {name: kind for name, kind in draft.kinds.items() if name in named} or draft.kinds


def check_status(draft: Draft, path: Path) -> None:
    """The rows and table names of a `status`, once for the file."""
    rows = draft.get((*path, "codes"))
    if rows:
        at, fold = (*path, "codes"), bool(draft.get((*path, "fold")))
        draft.rows[at] = codes(rows, words(_used(draft)), fold, "", at, draft)
    for place, table in enumerate(draft.listed((*path, "tables"))):
        if table not in draft.tables:
            draft.error(
                "CODE003",
                draft.item_path((*path, "tables"), place),
                f"there is no table '{table}'",
                suggestion(str(table), draft.tables) or f"write tables/{table}.yaml beside this file",
            )


def check_time(draft: Draft, path: Path) -> None:
    """The zone and formats of a `time`."""
    name = draft.get((*path, "zone"))
    try:
        _ = name and zone(str(name))
    except KeyError:
        draft.error(
            "TIME001", (*path, "zone"), f"there is no time zone '{name}'", "write one such as Asia/Shanghai or UTC"
        )
    for place, form in enumerate(draft.listed((*path, "formats"))):
        try:
            _ = form in NAMED or pattern(str(form))
        except BadFormat as bad:
            hint = suggestion(str(form), NAMED) if str(form).replace("_", "").isalnum() else bad.help
            draft.error("TIME002", draft.item_path((*path, "formats"), place), bad.message, hint)


def _clock(draft: Draft, path: Path) -> Clock:
    own = {**draft.get(("time",), {}), **draft.get((*path, "time"), {})}
    base = (*path, "time") if draft.get((*path, "time", "formats")) else ("time",)
    known = []
    for place, form in enumerate(draft.listed((*base, "formats"))):
        try:
            offset = has_offset(str(form)) or form == "iso8601"
        except BadFormat:
            continue
        known.append(str(form))
        if not offset and not own.get("zone"):
            at = draft.item_path((*base, "formats"), place)
            hint = "add zone: under time, such as zone: Asia/Shanghai"
            _once(draft, "TIME007", at, f"'{form}' has no offset, and no zone is given", hint)
    try:
        _ = own.get("zone") and zone(str(own["zone"]))
    except KeyError:
        own["zone"] = None
    return Clock(own.get("zone"), tuple(known))


def _once(draft: Draft, code: str, path: Path, message: str, hint: str) -> None:
    if not any(one.code == code and one.path == path for one in draft.mistakes):
        draft.error(code, path, message, hint)


def _key(draft: Draft, path: Path, kind: Kind | None) -> tuple[tuple[str, ...], ...]:
    base = (*path, "key") if draft.get((*path, "key")) else ("key",)
    names = draft.listed(base)
    if not names or kind is None:
        return kind.key if kind else ()
    for place, name in enumerate(names):
        if name not in kind.columns and name not in ("status.from", "status.success"):
            _once(
                draft,
                "FIELD001",
                draft.item_path(base, place),
                f"'{name}' is not a field of {kind.name}",
                suggestion(name, kind.columns),
            )
    return (tuple(names),)


def _check_kind(draft: Draft, path: Path, kind: Kind, shape: Shape) -> None:
    mapped = _written_names(draft, (*path, "fields"), kind) | set(shape.constants)
    for group in kind.required:
        if not mapped & set(group) and not set(group) & set(kind.results):
            wanted = " or ".join(group)
            draft.error("FIELD002", (*path, "kind"), f"{kind.name} needs {wanted}, and nothing is mapped to it",
                        f"add {group[0]}: under fields")  # fmt: skip
    _check_constants(draft, path, kind, shape)
    if kind.words and "status" not in shape.constants:
        _check_codes(draft, path, kind, shape, mapped)


def _written_names(draft: Draft, path: Path, kind: Kind) -> set[str]:
    """The fields that the author wrote, right or wrong: a wrong one has its own message."""
    written: Any = draft.document.data
    for step in path:
        try:
            written = written[step]
        except (LookupError, TypeError):
            return set()
    if not isinstance(written, dict):
        return set(kind.columns)
    return {name if name in kind.columns else nearest(str(name), kind.columns) or name for name in written}


def _check_constants(draft: Draft, path: Path, kind: Kind, shape: Shape) -> None:
    allowed: Mapping[str, Iterable[str]] = {"status": kind.words, "reason": kind.reasons}
    for name, value in shape.constants.items():
        column = kind.columns.get(name)
        possible = allowed.get(name, column.words if column else ())
        if possible and value not in possible:
            draft.error("CODE001", (*path, "set", name), f"'{value}' is not a {name}", suggestion(str(value), possible))


def _check_codes(draft: Draft, path: Path, kind: Kind, shape: Shape, mapped: set[str]) -> None:
    if shape.status is None:
        draft.error("CODE007", (*path, "kind"), f"{kind.name} needs a status, and there is no status: here or above",
                    "add status: with the field that holds the vendor's code")  # fmt: skip
    elif shape.status.inputs is None and shape.status.success is None and "code" not in mapped:
        draft.error("CODE007", (*path, "kind"), "nothing says which field holds the vendor's code",
                    "map code: under fields, or give status: a from:")  # fmt: skip
