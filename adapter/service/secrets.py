"""Which secrets are live? Values by name, from one file each or from the environment; never printed."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from adapter.model import Secrets
from adapter.spec.language import Registry

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def needed(registry: Registry) -> tuple[tuple[str, str], ...]:
    """Every secret that some vendor's rules and handshakes ask for, as (vendor, name)."""
    specs = registry.specs.values()
    return tuple(sorted((spec.vendor, full.removeprefix(f"{spec.vendor}.")) for spec in specs for full in spec.secrets))


def missing(registry: Registry, secrets: Secrets) -> tuple[tuple[str, str], ...]:
    """The needed ones that have no value: their vendors cannot be believed, so they are held back."""
    return tuple((vendor, name) for vendor, name in needed(registry) if not secrets.get(f"{vendor}.{name}"))


def read_secrets(
    names: Iterable[tuple[str, str]], environ: Mapping[str, str], folder: Path | None
) -> dict[str, tuple[bytes, ...]]:
    """The live values of (vendor, name) pairs; those without a value are left out.

    The file `vendor.name` in `folder` holds one value a line; where it does not exist the environment is asked for
    ADAPTER_SECRET_VENDOR_NAME, then the same with _2, _3, … Raises OSError for a file that cannot be read.
    """
    found = {f"{vendor}.{name}": _values(f"{vendor}.{name}", environ, folder) for vendor, name in names}
    return {name: values for name, values in found.items() if values}


def variable(name: str) -> str:
    """The environment's word for a secret: `acme.app-key` is ADAPTER_SECRET_ACME_APP_KEY."""
    return "ADAPTER_SECRET_" + name.upper().replace("-", "_").replace(".", "_")


def _values(name: str, environ: Mapping[str, str], folder: Path | None) -> tuple[bytes, ...]:
    lines = _file(folder / name) if folder is not None else None
    values = _environment(variable(name), environ) if lines is None else lines
    return tuple(dict.fromkeys(value for value in values if value))


def _file(path: Path) -> list[bytes] | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return [line.strip() for line in content.removeprefix(BYTE_ORDER_MARK).splitlines()]


def _environment(first: str, environ: Mapping[str, str]) -> list[bytes]:
    values = [environ.get(first, "")]
    while (further := environ.get(f"{first}_{len(values) + 1}")) is not None:
        values.append(further)
    return [value.encode("utf-8", "surrogateescape") for value in values]
