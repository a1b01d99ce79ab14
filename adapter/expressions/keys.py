"""What makes a record itself? Its key's parts, as the vendor wrote them, before any typing."""

from collections.abc import Iterable, Mapping, Sequence

from adapter.expressions.values import as_text
from adapter.model import Element, Json, dumps


def key_parts(
    alternatives: Sequence[Sequence[str]], values: Mapping[str, Json], codes: Sequence[Json], success: bool | None
) -> list[str]:
    """The parts of the first alternative that knows anything; none where no alternative does."""
    for names in alternatives:
        parts = [part for name in names for part in _parts(name, values, codes, success)]
        if any(parts):
            return parts
    return []


def _parts(name: str, values: Mapping[str, Json], codes: Sequence[Json], success: bool | None) -> Iterable[str]:
    if name == "status.from":
        return [source_text(code) for code in codes]
    if name == "status.success":
        return ["" if success is None else str(success).lower()]
    return [source_text(values.get(name))]


def source_text(value: Json) -> str:
    """A value as the vendor wrote it; null and whatever is empty are the same."""
    if isinstance(value, list | dict) and not isinstance(value, Element):
        return dumps(value).decode() if value else ""
    return as_text(value) or ""
