"""Whose request is it (`match`), and how is it proved (`verify`)?"""

import re
from collections.abc import Mapping
from typing import Any

from adapter.spec.build.draft import Draft
from adapter.spec.build.events import condition
from adapter.spec.diagnostics import Path
from adapter.spec.language import Match, Reference, Rule, Timestamp

PLACES = ("header", "query", "form", "json")
"""Where a signature may stand."""

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


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


def rules(draft: Draft) -> tuple[Rule, ...]:
    """The rules under `verify`, all of which must hold."""
    listed = draft.get(("verify",), [])
    found = (_rule(draft, ("verify", place), one) for place, one in enumerate(listed))
    return tuple(rule for rule in found if rule is not None)


def _rule(draft: Draft, path: Path, value: Mapping[str, Any]) -> Rule | None:
    places = [place for place in PLACES if place in value]
    if len(places) != 1:
        draft.error(
            "SIG012", path, "a rule says in one place where the signature is", f"give one of: {', '.join(PLACES)}"
        )
        return None
    keyed = str(value.get("is", "")).startswith("hmac-")
    if keyed and "key" not in value:
        draft.error("SIG013", path, f"{value['is']} needs a key", "add key: with the name of the secret")
    if "key" in value and not keyed:
        draft.error("SIG013", (*path, "key"), f"{value.get('is')} takes no key",
                    "put {secret.name} into of:, or use hmac-…")  # fmt: skip
    return Rule(
        algorithm=value.get("is", ""),
        message=draft.template((*path, "of"), "verify"),
        signature=_signature(draft, path, places[0], str(value[places[0]])),
        key=value.get("key"),
        encoding=value.get("encoding", "hex"),
        prefix=value.get("prefix", ""),
        timestamp=_timestamp(draft, path, value),
        place=draft.document.span(path).place,
    )


def _signature(draft: Draft, path: Path, place: str, name: str) -> Reference:
    if place == "json":
        names = draft.name_path((*path, place), name) or ("",)
        return Reference("json", names, ())
    return Reference(place, (name.lower() if place == "header" else name,), ())


def _timestamp(draft: Draft, path: Path, value: Mapping[str, Any]) -> Timestamp | None:
    if "at" not in value:
        for word in ("within", "unit"):
            if word in value:
                draft.error(
                    "SIG014", (*path, word), f"{word}: needs at:", 'say where the time is: at: "{header.X-Timestamp}"'
                )
        return None
    return Timestamp(draft.template((*path, "at"), "verify"), value.get("unit", "s"), _within(draft, path, value))


def _within(draft: Draft, path: Path, value: Mapping[str, Any]) -> float | None:
    if "within" not in value:
        return None
    found = _DURATION.fullmatch(str(value["within"]))
    if not found:
        draft.error("SIG014", (*path, "within"), f"'{value['within']}' is not a length of time", "write 300s, 5m or 1h")
        return None
    return int(found[1]) * _SECONDS[found[2]]
