"""What does a value count as: text, true, nothing?"""

from collections.abc import Callable

from adapter.model import Element, Integer, Json, Number


def as_text(value: Json) -> str | None:
    """Text as our text fields see it: digits as the vendor wrote them, of a list its first item, of an object none."""
    if type(value) is str or value is None:
        return value
    return _TEXTS.get(type(value), _no_text)(value)


def _no_text(_: Json) -> str | None:
    return None


_TEXTS: dict[type, Callable[[Json], str | None]] = {
    bool: lambda value: "true" if value else "false",
    int: repr,
    Integer: int.__repr__,
    float: repr,
    Number: lambda value: value.source,
    list: lambda value: as_text(value[0]) if value else None,
    Element: lambda value: value.text,
}


def is_true(value: Json) -> bool:
    """JMESPath's truth: null, false and whatever is empty are false; 0 is true."""
    return bool(value) or (isinstance(value, int | float) and value is not False)


def gives_something(value: Json) -> bool:
    """Null and empty text give nothing; 0 and false do."""
    return value is not None and value != ""


def looked_at(tree: Json) -> Json:
    """What `has` and `equals` look at: of a list its first object."""
    if not isinstance(tree, list):
        return tree
    for item in tree:
        if isinstance(item, dict):
            return item
    return None
