"""Which channels does this deployment have, and who may post there? `adapter.yaml`, read like a vendor file."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import ip_network
from itertools import permutations
from pathlib import Path
from typing import Any

from adapter.delivery.sink import Sink
from adapter.model import Json
from adapter.service import keeping
from adapter.service.admin import check_admin
from adapter.service.gate import Gate, Network
from adapter.service.secrets import Wanted, confused, variable, wanted
from adapter.service.settings import Settings
from adapter.service.sinks import Ground, read_sinks
from adapter.spec.diagnostics import Diagnostic, suggestion
from adapter.spec.diagnostics import Path as KeyPath
from adapter.spec.files import shown
from adapter.spec.language import Channel, Registry, Rule, Spec
from adapter.spec.overlapping import overlap
from adapter.spec.reader import Document, read
from adapter.spec.schema import check_shape, validator

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._-]{1,64}")
URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s?#]*)?")
LOOKS_SECRET = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])(?:[0-9A-Fa-f-]{20,}|[A-Za-z0-9]{24,})")
"""What a generator makes, not what a person calls something."""

URL_SOURCES = frozenset({"url", "path", "path_qs"})
PORT = 8080
TYPES = {str: "a text", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment file that passed every check."""

    gates: Mapping[str, Gate]
    settings: Settings
    trusted_proxies: tuple[Network, ...] = ()
    sinks: Mapping[str, Sink] = field(default_factory=dict)
    admin: str = ""

    def registry(self, loaded: Registry) -> Registry:
        """The registry with this deployment's channels."""
        return replace(loaded, channels={name: gate.channel for name, gate in self.gates.items()})

    @property
    def vendors(self) -> frozenset[str]:
        """Those that some channel takes."""
        return frozenset(vendor for gate in self.gates.values() for vendor in gate.channel.vendors or ())

    @property
    def tokens(self) -> Mapping[str, str]:
        """The names of the channels' tokens, by channel."""
        return {name: gate.token for name, gate in self.gates.items() if gate.token}

    def wanted(self, loaded: Registry) -> tuple[Wanted, ...]:
        """Every secret that this deployment cannot do without: tokens, what its vendors and sinks ask for. The admin
        token has no channel."""
        tokens = {**self.tokens, **({"": self.admin} if self.admin else {})}
        keys = [Wanted(one.secret, one.secret, "", "", sink=one.name) for one in self.sinks.values() if one.secret]
        return *wanted(self.registry(loaded), tokens), *keys


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file on its way, and what is wrong with it."""

    document: Document
    registry: Registry
    vendors: Sequence[str]
    mistakes: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, path: KeyPath, message: str, help_text: str = "") -> None:
        """At a value; what is wrong with a whole mapping is told at its key."""
        whole = any(len(key) == len(path) + 1 and key[:-1] == path for key in self.document.values)
        span = self.document.key_span(path) if whole else self.document.span(path)
        self.mistakes.append(Diagnostic(code, "error", message, span, help_text, path))


def read_deployment(
    path: Path, schemas: Path, registry: Registry, held_back: Iterable[str] = ()
) -> tuple[Deployment | None, list[Diagnostic], str]:
    """The deployment, every mistake of its file, and the file's text. Raises OSError for one that cannot be read.

    A vendor that is `held_back` may be named: its file has mistakes of its own.
    """
    return parse_deployment(path.read_bytes(), shown(path), schemas, registry, held_back)


def parse_deployment(
    content: bytes, file: str, schemas: Path, registry: Registry, held_back: Iterable[str] = ()
) -> tuple[Deployment | None, list[Diagnostic], str]:
    """The same for a file's content, under the name by which diagnostics know it."""
    document, mistakes = read(content, file)
    text = document.text if document else content.decode("utf-8", "replace")
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
    listen = data.get("listen", {})
    public_url = _url(reading, ("listen", "public_url"), listen.get("public_url", ""))
    proxies = _networks(reading, ("listen", "trusted_proxies"), listen.get("trusted_proxies", []))
    gates = {name: _gate(reading, name, value, public_url) for name, value in data["channels"].items()}
    _check_password(reading, data.get("store", ""))
    found = Deployment(gates, _chosen(data), proxies, _sinks(reading, data), check_admin(data, reading.error))
    if found.admin:
        _check_name(reading, ("admin", "token"), found.admin)
    _check_confused(reading, found)
    return found


def _sinks(reading: _Reading, data: Mapping[str, Any]) -> dict[str, Sink]:
    check = partial(_check_name, reading), partial(_networks, reading), reading.document.key_span
    known = reading.registry.kinds, reading.vendors, [*data["channels"]]
    return read_sinks(data.get("sinks", {}), Ground(reading.error, *check, *known))


def _check_password(reading: _Reading, store: str) -> None:
    """SIG002 again: the file may be shown to anybody."""
    if re.match(r"[a-z+]+://[^/@]*:[^/@]+@", store):
        reading.error("SIG002", ("store",), "a password stands in the address of the store",
                      "take it out, and put it where PGPASSFILE leads, or into PGPASSWORD")  # fmt: skip


def _chosen(data: Mapping[str, Any]) -> Settings:
    listen, limits, base = data.get("listen", {}), data.get("limits", {}), Settings()
    return Settings(
        host=listen.get("host", base.host),
        port=listen.get("port", PORT),
        store=data.get("store", base.store),
        open_mode=False,
        body_limit=limits.get("body", base.body_limit),
        body_seconds=float(limits.get("body_seconds", base.body_seconds)),
        connections=limits.get("connections", base.connections),
        memory=limits.get("memory", base.memory),
        limits=keeping.limits(data, base.limits),
        retention=keeping.retention(data),
    )


def _gate(reading: _Reading, name: str, value: Mapping[str, Any], public_url: str) -> Gate:
    path = ("channels", name)
    if not NAME.fullmatch(name):
        reading.error("CHAN001", path, f"'{name}' is no channel", "write family/channel, such as sms/1")
    _check_token(reading, path, value)
    vendors = _vendors(reading, (*path, "vendor"), value["vendor"])
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
    _check_url(reading, path, specs, url)
    return Gate(channel, value.get("token"), value.get("open", ""), networks, url, reading.document.key_span(path))


def _check_token(reading: _Reading, path: KeyPath, value: Mapping[str, Any]) -> None:
    if ("token" in value) == ("open" in value):
        both = "both token: and open:" if "token" in value else "neither token: nor open:"
        reading.error("CHAN002", path, f"the channel has {both}",
                      "give it token: with the name of a secret, or open: with the reason")  # fmt: skip
    if "token" in value:
        _check_name(reading, (*path, "token"), value["token"])


def _check_name(reading: _Reading, path: KeyPath, name: str) -> None:
    """SIG002: a file of names may be shown to anybody; a value in it is a secret no more."""
    if LOOKS_SECRET.fullmatch(name):
        reading.error("SIG002", path, "this looks like a secret itself, and here stands only its name",
                      f"name it, such as sms_1, and put a new value, for this one was seen, into the file sms_1 "
                      f"of ADAPTER_SECRETS_DIR or into {variable('sms_1')}")  # fmt: skip


def _vendors(reading: _Reading, path: KeyPath, value: str | list[str]) -> list[str]:
    """Each vendor once, those that are not known told."""
    found: list[str] = []
    for place, vendor in enumerate(value if isinstance(value, list) else [value]):
        at = (*path, place) if isinstance(value, list) else path
        if vendor not in reading.vendors:
            reading.error("CHAN003", at, f"there is no vendor '{vendor}'", suggestion(vendor, reading.vendors))
        if vendor in found:
            reading.error("CHAN003", at, f"'{vendor}' stands here twice", "remove one of them")
        found += [] if vendor in found else [vendor]
    return found


def _bound(reading: _Reading, path: KeyPath, value: Mapping[str, str], specs: Sequence[Spec]) -> dict[str, str]:
    """Full names of the channel's secrets, and the names they are known by elsewhere."""
    found: dict[str, str] = {}
    for name, other in value.items():
        _check_name(reading, (*path, name), other)
        full = [one for spec in specs for one in spec.secrets if one in (name, f"{spec.vendor}.{name}")]
        if not full and specs:
            known = [one.partition(".")[2] for spec in specs for one in spec.secrets]
            advice = suggestion(name, known) or "its file says that it signs nothing"
            reading.error("CHAN004", (*path, name), f"no vendor here has a secret '{name}'", advice)
        found |= dict.fromkeys(full, other)
    return found


def _settings(reading: _Reading, path: KeyPath, value: Mapping[str, Json], specs: Sequence[Spec]) -> dict[str, Json]:
    declared = {name: default for spec in specs for name, default in spec.settings.items()}
    for name, chosen in value.items() if specs else ():
        at = (*path, name)
        if name not in declared:
            advice = suggestion(name, declared) or "its file declares none"
            reading.error("CHAN005", at, f"no vendor here has a setting '{name}'", advice)
        elif type(chosen) is not type(declared[name]):
            kind = TYPES.get(type(declared[name]), "of another type")
            reading.error("CHAN005", at, f"'{name}' must be {kind}", f"its default is {json.dumps(declared[name])}")
    return dict(value)


def _networks(reading: _Reading, path: KeyPath, value: Sequence[str]) -> tuple[Network, ...]:
    found = []
    for place, text in enumerate(value):
        try:
            found.append(ip_network(text))
        except ValueError:
            reading.error("CHAN006", (*path, place), f"'{text}' is no network", _network_advice(text))
    return tuple(found)


def _network_advice(text: str) -> str:
    try:
        return f"bits behind the mask are set; write {ip_network(text, strict=False)}"
    except ValueError:
        return "write one such as 203.0.113.0/24, or an address"


def _url(reading: _Reading, path: KeyPath, text: str) -> str:
    if text and not URL.fullmatch(text):
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


def _check_url(reading: _Reading, path: KeyPath, specs: Sequence[Spec], url: str) -> None:
    """CHAN009: behind a proxy nobody but this file knows what the vendor has signed."""
    for spec in specs:
        if not url and signs_url(spec):
            reading.error("CHAN009", path, f"{spec.vendor} signs the URL that it was given, and no public_url says it",
                          "add public_url: under listen:, such as https://hooks.example.com")  # fmt: skip


def signs_url(spec: Spec) -> bool:
    """Do its rules look at the URL?"""
    rules = [rule for top in spec.verify for rule in (top, *top.any)]
    return any(_looks_at_url(rule) for rule in rules)


def _looks_at_url(rule: Rule) -> bool:
    return any(one.source in URL_SOURCES for template in rule.templates for one in template.references)


def _check_confused(reading: _Reading, deployment: Deployment) -> None:
    """CHAN010: `sms_2` is also where a second value of `sms` would stand, and so one channel's token another's."""
    names = {one.name: one for one in deployment.wanted(reading.registry)}
    for one, other in permutations(names.values(), 2):
        same = variable(one.name) == variable(other.name)
        if confused(one.name, other.name) and not (same and one.name > other.name):
            message = f"in the environment '{other.name}' stands where a value of '{one.name}' may stand"
            reading.error("CHAN010", _user(other), message,
                          f"both are read from {variable(other.name)}: give one of them another name")  # fmt: skip


def _user(one: Wanted) -> KeyPath:
    if one.sink:
        return "sinks", one.sink
    return ("channels", one.channel) if one.channel else ("admin", "token")
