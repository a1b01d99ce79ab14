"""Which channels does this deployment have, and who may post there? `adapter.yaml`, read like a vendor file."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import permutations
from pathlib import Path
from typing import Any, TypeAlias

from adapter.service.settings import Settings
from adapter.spec.checks import overlap
from adapter.spec.diagnostics import Diagnostic, suggestion
from adapter.spec.diagnostics import Path as KeyPath
from adapter.spec.language import Channel, Registry, Spec
from adapter.spec.reader import Document, read
from adapter.spec.schema import check_shape, validator

Network: TypeAlias = IPv4Network | IPv6Network

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._-]{1,64}")
TOKEN_FORM = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What may stand as the last part of a URL."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may post to a channel: `token` is the name of a secret, None where the channel is `open` for a reason."""

    channel: Channel
    token: str | None
    open: str
    networks: tuple[Network, ...]
    public_url: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment file that passed every check."""

    gates: Mapping[str, Gate]
    settings: Settings
    trusted_proxies: tuple[Network, ...] = ()

    def registry(self, loaded: Registry) -> Registry:
        """The registry with this deployment's channels."""
        return replace(loaded, channels={name: gate.channel for name, gate in self.gates.items()})

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that channels name: tokens, and other names for vendors' secrets."""
        tokens = [gate.token for gate in self.gates.values() if gate.token]
        bound = [name for gate in self.gates.values() for name in gate.channel.secrets.values()]
        return tuple(dict.fromkeys([*tokens, *bound]))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file on its way, and what is wrong with it."""

    document: Document
    registry: Registry
    vendors: Sequence[str]
    mistakes: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, path: KeyPath, message: str, help_text: str = "") -> None:
        span = self.document.span(path)
        self.mistakes.append(Diagnostic(code, "error", message, span, help_text, path))


def read_deployment(
    path: Path, schemas: Path, registry: Registry, held_back: Iterable[str] = ()
) -> tuple[Deployment | None, list[Diagnostic], str]:
    """The deployment, every mistake of its file, and the file's text. Raises OSError for one that cannot be read.

    A vendor that is `held_back` may be named: its file has mistakes of its own.
    """
    content = path.read_bytes()
    document, mistakes = read(content, str(path))
    text = content.decode("utf-8", "replace")
    if document is None:
        return None, mistakes, text
    skeleton = json.loads((schemas / "adapter.v1.json").read_text(encoding="utf-8"))
    mistakes += check_shape(document, validator(skeleton))
    if any(one.severity == "error" for one in mistakes):
        return None, mistakes, text
    reading = _Reading(document, registry, [*registry.specs, *held_back], mistakes)
    deployment = _deployment(reading, document.data)
    return (None if any(one.severity == "error" for one in mistakes) else deployment), mistakes, text


def _deployment(reading: _Reading, data: Mapping[str, Any]) -> Deployment:
    listen, limits = data.get("listen", {}), data.get("limits", {})
    base = Settings()
    settings = Settings(
        host=listen.get("host", base.host),
        port=listen.get("port", 8080),
        store=data.get("store", base.store),
        open_mode=False,
        body_limit=limits.get("body", base.body_limit),
        body_seconds=float(limits.get("body_seconds", base.body_seconds)),
        queue_limit=limits.get("waiting", base.queue_limit),
    )
    public_url = _url(reading, ("listen", "public_url"), listen.get("public_url", ""))
    gates = {name: _gate(reading, name, value, public_url) for name, value in data["channels"].items()}
    proxies = _networks(reading, ("listen", "trusted_proxies"), listen.get("trusted_proxies", []))
    return Deployment(gates, settings, proxies)


def _gate(reading: _Reading, name: str, value: Mapping[str, Any], public_url: str) -> Gate:
    path = ("channels", name)
    if not NAME.fullmatch(name):
        reading.error("CHAN001", path, f"'{name}' is no channel", "write family/channel, such as sms/1")
    if ("token" in value) == ("open" in value):
        reading.error("CHAN002", path, "a channel has either token: or open:",
                      "add token: with the name of a secret, or open: with the reason")  # fmt: skip
    vendors = value["vendor"] if isinstance(value["vendor"], list) else [value["vendor"]]
    for place, vendor in enumerate(vendors):
        if vendor not in reading.vendors:
            at = (*path, "vendor", place) if isinstance(value["vendor"], list) else (*path, "vendor")
            reading.error("CHAN003", at, f"there is no vendor '{vendor}'", suggestion(vendor, reading.vendors))
    specs = [reading.registry.specs[vendor] for vendor in vendors if vendor in reading.registry.specs]
    channel = Channel(
        name,
        tuple(vendors),
        _bound(reading, (*path, "secrets"), value.get("secrets", {}), specs),
        _settings(reading, (*path, "settings"), value.get("settings", {}), specs),
    )
    url = _url(reading, (*path, "public_url"), value.get("public_url", "")) or public_url
    networks = _networks(reading, (*path, "networks"), value.get("networks", []))
    _check_several(reading, path, specs)
    return Gate(channel, value.get("token"), value.get("open", ""), networks, url)


def _bound(reading: _Reading, path: KeyPath, value: Mapping[str, str], specs: Sequence[Spec]) -> dict[str, str]:
    """Full names of the channel's secrets, and the names they are known by elsewhere."""
    found: dict[str, str] = {}
    for name, other in value.items():
        full = [one for spec in specs for one in spec.secrets if one in (name, f"{spec.vendor}.{name}")]
        if not full and specs:
            known = [one for spec in specs for one in spec.secrets]
            reading.error("CHAN004", (*path, name), f"no vendor here has a secret '{name}'", suggestion(name, known))
        found |= dict.fromkeys(full, other)
    return found


def _settings(reading: _Reading, path: KeyPath, value: Mapping[str, Any], specs: Sequence[Spec]) -> dict[str, Any]:
    declared = {name: default for spec in specs for name, default in spec.settings.items()}
    for name, chosen in value.items():
        if name not in declared and specs:
            reading.error(
                "CHAN005", (*path, name), f"no vendor here has a setting '{name}'", suggestion(name, declared)
            )
        elif name in declared and type(chosen) is not type(declared[name]):
            reading.error("CHAN005", (*path, name), f"'{name}' is {type(declared[name]).__name__} in the vendor's file",
                          f"its default there is {declared[name]!r}")  # fmt: skip
    return dict(value)


def _networks(reading: _Reading, path: KeyPath, value: Sequence[str]) -> tuple[Network, ...]:
    found = []
    for place, text in enumerate(value):
        try:
            found.append(ip_network(text))
        except ValueError:
            reading.error("CHAN006", (*path, place), f"'{text}' is no network", "write one such as 203.0.113.0/24")
    return tuple(found)


def _url(reading: _Reading, path: KeyPath, text: str) -> str:
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[^\s?#]*)?", text):
        reading.error("CHAN007", path, f"'{text}' is no URL", "write one such as https://hooks.example.com")
    return text.rstrip("/")


def _check_several(reading: _Reading, path: KeyPath, specs: Sequence[Spec]) -> None:
    for spec in specs if len(specs) > 1 else ():
        if not spec.match:
            reading.error("CHAN008", (*path, "vendor"), f"{spec.vendor} has no match, so nothing here would be its",
                          "give it a channel of its own, or add match: to its file")  # fmt: skip
    for looser, other in permutations(specs, 2):
        if overlap(looser, other):
            reading.error("MATCH001", (*path, "vendor"), f"every {other.vendor} callback also matches {looser.vendor}",
                          "give them channels of their own")  # fmt: skip
