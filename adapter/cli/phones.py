"""What of a phone number may be seen over a shoulder? Its head and its end."""

import re

from adapter.model import Json

NUMBER = re.compile(r"(?<![0-9A-Za-z])(\+?[0-9]{3})([0-9]{3,10})([0-9]{2})(?![0-9A-Za-z])")
PEOPLE = frozenset({"to", "from"})
"""Fields that name somebody."""


def hidden(text: str) -> str:
    """Every run of 8 to 15 digits that stands alone, without its middle."""
    return NUMBER.sub(lambda found: f"{found[1]}{'*' * len(found[2])}{found[3]}", text)


def value(field: str, found: Json) -> Json:
    """A field's value as it may be shown."""
    return hidden(found) if field in PEOPLE and isinstance(found, str) else found
