"""How does generated code follow a path? Objects are asked for members, and what was looked up once is known."""

from adapter.expressions.page import Page, Written


def member(value: str, name: str, page: Page) -> Written:
    """A member of an object, as the key of a field."""
    key = ("member", value, name)
    known = page.known(key)
    return Written(known, True) if known else Written(f"{members(value, page)}.get({name!r})", key=key)


def members(value: str, page: Page) -> str:
    """A variable that has a `get`, whatever the value is."""
    key = ("members", value)
    known = page.known(key)
    if known:
        return known
    name = page.name("o")
    page.line(f"{name} = {value} if type({value}) is dict else members({value})")
    page.remember(key, name)
    return name


def follow(value: str, names: tuple[str, ...], page: Page) -> Written:
    """A plain path: digits are a key of an object and an index of a list."""
    found = Written(value, True)
    for name in names:
        value = page.variable(found)
        found = _digits(value, name, page) if name.isdecimal() else member(value, name, page)
    return found


def _digits(value: str, name: str, page: Page) -> Written:
    key = ("digits", value, name)
    known = page.known(key)
    return Written(known, True) if known else Written(f"lookup({value}, ({name!r},))", key=key)
