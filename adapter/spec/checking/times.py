"""Do formats and zone fit each other?"""

from collections.abc import Iterator

from adapter.expressions.times import BadFormat, has_offset
from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, warning
from adapter.spec.diagnostics import Path
from adapter.spec.language import Spec

_WRITTEN_IN_ZONE = ("unix", "unix_ms", "unix_any")
"""They need no zone to be understood, but are written in it."""


def useless_zone(draft: Draft, _: Spec) -> Found:
    """A zone beside formats that all carry their offset is never looked at."""
    for path in _zones(draft):
        if all(_carries_offset(form) for formats in _formats(draft, path) for form in formats):
            message = "every format here carries its own offset: the zone is never looked at"
            yield warning((*path, "zone"), message, "remove zone:, or the offset (XXX) if the vendor sends none")


def _zones(draft: Draft) -> Iterator[Path]:
    for path in (("time",), *(("events", place, "time") for place in range(len(draft.listed(("events",)))))):
        if draft.get((*path, "zone")):
            yield path


def _formats(draft: Draft, path: Path) -> Iterator[list[str]]:
    """The formats that a zone may be asked for, with the entries that give their own."""
    top = draft.listed(("time", "formats")) or ["iso8601"]
    if path != ("time",):
        yield draft.listed((*path, "formats")) or top
        return
    for place, _ in enumerate(draft.listed(("events",))):
        own = draft.get(("events", place, "time"), {})
        if "zone" not in own:
            yield own.get("formats") or top


def _carries_offset(form: str) -> bool:
    try:
        return form not in _WRITTEN_IN_ZONE and has_offset(form)
    except BadFormat:
        return False
