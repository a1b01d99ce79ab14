"""Which specs does a test need? YAML text becomes a registry, by the loader and the schemas that are shipped."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from adapter.engine.flow import process
from adapter.model import Outcome, Request, Secrets
from adapter.spec.language import Channel, Registry, Spec
from adapter.spec.loader import Loaded, load
from adapter.spec.packaged import schemas

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)

HEAD = "spec: v1\nvendor: {vendor}\nunsigned: a test\nexamples: [{{name: none, request: 'POST /', outcome: ignored}}]\n"
"""What every spec needs and most tests do not care for."""


def loaded(files: Mapping[str, str], schema_folders: Iterable[Path] = ()) -> Loaded:
    """Files by their path (`acme.yaml`, `tables/codes.yaml`) in a folder of their own, loaded."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load([Path(folder)], [schemas(), *schema_folders])


def registry(*specs: str, tables: Mapping[str, str] | None = None) -> Registry:
    """Specs by their text; the first line `vendor: name` of each names its file. Every mistake fails the test."""
    files = [(f"{_vendor(text)}.yaml", text) for text in specs]
    return _loaded((*files, *((f"tables/{name}.yaml", text) for name, text in (tables or {}).items())))


@cache
def _loaded(files: tuple[tuple[str, str], ...]) -> Registry:
    found = loaded(dict(files))
    mistakes = [f"{one.span} {one.code} {one.message}" for one in found.diagnostics if one.severity == "error"]
    assert not mistakes, "\n".join(mistakes)
    return found.registry


def spec(text: str, tables: Mapping[str, str] | None = None) -> Spec:
    """One spec by its text."""
    return registry(text, tables=tables).specs[_vendor(text)]


def tiny(rest: str, vendor: str = "acme") -> str:
    """A spec's text: what every spec needs, and the rest."""
    return HEAD.format(vendor=vendor) + rest


def _vendor(text: str) -> str:
    return next(line.removeprefix("vendor:").strip() for line in text.splitlines() if line.startswith("vendor:"))


def arrived(
    body: bytes | str = b"", headers: Mapping[str, str] | Iterable[tuple[str, str]] = (), query: str = "",
    method: str = "POST", path: str = "", at: datetime = ARRIVAL,
) -> Request:  # fmt: skip
    """A request as it stands behind the token."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return Request(
        method, "sms/1", path, query.encode(), tuple((name.lower().encode(), value.encode()) for name, value in pairs),
        body.encode() if isinstance(body, str) else body, at, "request-1",
    )  # fmt: skip


def bound(text: str, tables: Mapping[str, str] | None = None) -> Registry:
    """A registry whose channel `sms/1` belongs to this spec alone."""
    known = registry(text, tables=tables)
    return Registry(known.specs, known.kinds, {"sms/1": Channel("sms/1", (_vendor(text),))})


def become(
    text: str, request: Request, secrets: Secrets | None = None, tables: Mapping[str, str] | None = None
) -> Outcome:
    """What becomes of a request on a channel that belongs to this spec alone."""
    return process(bound(text, tables), request, secrets or {})


def data(outcome: Outcome, place: int = 0) -> dict[str, object]:
    """An event's own fields."""
    found: dict[str, object] = outcome.events[place].envelope["data"]
    return found
