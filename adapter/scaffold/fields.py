"""Which of a record's values is which field of ours?"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapter.scaffold import clock, names, shapes, words
from adapter.scaffold.nouns import Guess, Leaf, World
from adapter.spec.language import Column, Kind

ENOUGH = 40
CLOSE = 4
"""Two values this near each other: a person must decide."""


@dataclass(frozen=True, slots=True)
class _Asked:
    world: World
    kind: Kind
    column: Column
    leaf: Leaf


def guesses(world: World, kind: Kind, leaves: Sequence[Leaf]) -> dict[str, Guess]:
    """The best value for every field that has one; no value stands for two."""
    rated = [one for column in kind.columns.values() for leaf in leaves if (one := rate(world, kind, column, leaf))]
    rated.sort(key=lambda one: (-one.score, one.leaf.around))
    found: dict[str, Guess] = {}
    for one in rated:
        if one.field not in found and not _taken(one.leaf, found.values()):
            found[one.field] = one
    return {name: replace(one, others=_others(one, rated, found)) for name, one in _in_order(kind, found)}


def _in_order(kind: Kind, found: Mapping[str, Guess]) -> list[tuple[str, Guess]]:
    return [(name, found[name]) for name in kind.columns if name in found]


def _taken(leaf: Leaf, found: Iterable[Guess]) -> bool:
    return any(leaf.expression == one.leaf.expression for one in found)


def _others(chosen: Guess, rated: Sequence[Guess], found: Mapping[str, Guess]) -> tuple[Leaf, ...]:
    near = [one for one in rated if one.field == chosen.field and chosen.score - CLOSE <= one.score <= chosen.score]
    return tuple(one.leaf for one in near if not _taken(one.leaf, found.values()))


def rate(world: World, kind: Kind, column: Column, leaf: Leaf) -> Guess | None:
    """How well a value would do for a field, by its name and its looks; None where it would not."""
    asked = _Asked(world, kind, column, leaf)
    look = _look(asked)
    if not leaf.texts or (look == "integer" and leaf.around):  # what stands beside the records counts them
        return None
    fit = LOOKS[look](asked) if look in LOOKS else (0, "")
    if fit is None:
        return None
    extra, why = fit
    if look == "time":
        return Guess(column.name, leaf, extra, why) if extra >= ENOUGH else None
    named, said = names.score(kind.name, column.name, world.mapped_from.get(kind.name, {}).get(column.name, ()), leaf)
    total = named + extra - (8 if leaf.around else 0)
    reasons = ", ".join(part for part in (why, "" if why else said) if part)
    return Guess(column.name, leaf, total, reasons) if total >= ENOUGH and (named or extra >= ENOUGH) else None


_BY_NAME = {
    "message_id": "id",
    "call_id": "id",
    "event_id": "id",
    "code": "code",
    "description": "words",
    "text": "words",
}


def _look(asked: _Asked) -> str:
    column = asked.column
    if column.type in ("date-time", "integer", "number", "enum", "object", "list of text", "boolean"):
        return "time" if column.type == "date-time" else column.type
    if column.name in ("to", "from"):
        return "email" if asked.kind.name.startswith("email.") else "phone"
    return _BY_NAME.get(column.name, "")


_Fit = tuple[int, str] | None


def _phone(asked: _Asked) -> _Fit:
    ours = asked.column.name == ("to" if asked.kind.name.endswith(".inbound") else "from")
    if asked.kind.name.startswith(("chat.", "generic.", "voice.")):
        return 0, ""
    if all(map(shapes.is_service_number, asked.leaf.texts)) and not ours:
        return 0, ""
    if not all(map(shapes.may_be_phone, asked.leaf.texts)):
        return (0, "") if ours else None
    why = shapes.is_phone(asked.leaf.first)
    return (0, why) if ours else (40, why) if why else (5, "digits")


def _email(asked: _Asked) -> _Fit:
    return (40, "an e-mail address") if all(map(shapes.is_email, asked.leaf.texts)) else None


def _id(asked: _Asked) -> _Fit:
    texts = asked.leaf.texts
    if not all(map(shapes.may_be_id, texts)) or any(shapes.is_phone(text) for text in texts):
        return None
    if any(isinstance(value, bool) for value in asked.leaf.values) or (clock.format_of(texts[0]) and _timely(asked)):
        return None
    why = shapes.is_id(texts[0])
    return (45, why) if why else (0, "")


def _timely(asked: _Asked) -> bool:
    return bool(re.search("time|date|stamp", names.plain(asked.leaf.name)))


def _code(asked: _Asked) -> _Fit:
    text = asked.leaf.first
    if isinstance(asked.leaf.values[0], bool) or not all(map(shapes.may_be_code, asked.leaf.texts)):
        return None
    if shapes.is_phone(text) or shapes.is_id(text) or (clock.format_of(text) and _timely(asked)):
        return None
    table = words.table_of(asked.world.tables, text) if not asked.leaf.around else ""
    if table:
        return 60, f'"{text}" is in table {table}'
    word = words.meaning(asked.kind, text)
    if word and text.lower() not in words.TRUE + words.FALSE:
        return 10, f'"{text}" says {word}'
    return (-25, "") if shapes.is_words(text) else (0, f'"{text}"')


def _words(asked: _Asked) -> _Fit:
    text = asked.leaf.first
    if shapes.is_id(text) or shapes.is_phone(text) or words.table_of(asked.world.tables, text):
        return None
    return (20, "words for people") if shapes.is_words(text) else (0, "")


def _count(asked: _Asked) -> _Fit:
    return (0, "a small number") if all(map(shapes.is_count, asked.leaf.texts)) else None


def _number(asked: _Asked) -> _Fit:
    return (0, "a number") if all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) for text in asked.leaf.texts) else None


def _enum(asked: _Asked) -> _Fit:
    return (0, "") if all(text in asked.column.words for text in asked.leaf.texts) else None


def _never(_: _Asked) -> _Fit:
    return None


def _listed(asked: _Asked) -> _Fit:
    return (0, "a list") if any(isinstance(value, list) for value in asked.leaf.values) else None


def _time(asked: _Asked) -> _Fit:
    """Which time it is follows from its name; a time without such a name is the one that an event is about."""
    form, name = clock.format_of(asked.leaf.first), names.plain(asked.leaf.name)
    if not form or not all(map(clock.format_of, asked.leaf.texts)):
        return None
    if form in ("unix", "unix_ms", "yyMMddHHmm", "yyMMddHHmmss", "yyyyMMddHHmm") and not _named_a_time(name):
        return None
    said = names.TIMES.get(asked.column.name, "")
    listed = asked.world.mapped_from.get(asked.kind.name, {}).get(asked.column.name, ())
    if asked.leaf.name in listed:
        return 100, form
    if said and re.search(said, name):
        return 80 - (10 if asked.leaf.around else 0), form
    return (50 - (10 if asked.leaf.around else 0), form) if asked.column.name == asked.kind.times[0] else None


def _named_a_time(name: str) -> bool:
    return bool(re.search(r"time|date|stamp|at$|^ts$|when", name))


LOOKS: Mapping[str, Callable[[_Asked], _Fit]] = {
    "phone": _phone,
    "email": _email,
    "id": _id,
    "code": _code,
    "words": _words,
    "integer": _count,
    "number": _number,
    "enum": _enum,
    "object": _never,
    "boolean": _never,
    "list of text": _listed,
    "time": _time,
}
