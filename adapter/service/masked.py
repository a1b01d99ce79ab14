"""What must not stand in a log? Numbers of people, wherever they come from."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

KEPT = 3
"""Digits that stay, so that two numbers of one country can be told apart from one of another."""

_SPARED_OR_LONG = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])|\d{7,}")
"""An id of a request, which is left alone, or what may be a phone number. \\d is any script's digit."""

OWN = frozenset({"timestamp", "level", "logger", "request"})
"""Fields that we fill ourselves."""


def masked(text: str) -> str:
    return _SPARED_OR_LONG.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    text = found[0]
    return text if len(text) == 32 and text.isascii() else f"{text[:KEPT]}****"


def mask(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog."""
    return {name if name in OWN else masked(name): _own(name, value) for name, value in event.items()}


def _own(name: str, value: Any) -> Any:
    if name in OWN and isinstance(value, str) and len(value) <= 32:
        return value
    return value if name.startswith("_") else _value(value)


def _value(value: Any) -> Any:
    """Whatever is no text, number, list or mapping is logged by its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        text = masked(str(value))
        return value if text == str(value) else text
    if isinstance(value, Mapping):
        return {masked(str(key)): _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(each) for each in value]
    return masked(value if isinstance(value, str) else str(value))
