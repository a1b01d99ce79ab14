"""Whose request is it? What stands under `match`."""

from collections.abc import Mapping
from typing import Any

from adapter.spec.build.draft import Draft
from adapter.spec.build.events import condition
from adapter.spec.diagnostics import Path
from adapter.spec.language import Match


def matches(draft: Draft) -> tuple[Match, ...]:
    """One mapping or a list of alternatives."""
    value = draft.get(("match",))
    if isinstance(value, list):
        return tuple(_match(draft, ("match", place), one) for place, one in enumerate(value))
    return (_match(draft, ("match",), value),) if value else ()


def _match(draft: Draft, path: Path, value: Mapping[str, Any]) -> Match:
    return Match(
        headers=tuple(str(name).lower() for name in draft.listed((*path, "headers"))),
        method=str(value["method"]).upper() if "method" in value else None,
        path=value.get("path"),
        content_type=str(value["content_type"]).lower() if "content_type" in value else None,
        condition=condition(draft, path),
    )
