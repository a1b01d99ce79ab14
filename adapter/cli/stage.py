"""Who is played, and before which server? A vendor's example, a channel that takes it, its secrets, an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import click

from adapter.cli.deployed import Deployed, deployed
from adapter.cli.files import Selection, select
from adapter.cli.portrayal import Part
from adapter.cli.world import live_secrets, now
from adapter.http_text import NOTIFY, BadRequestText, Written, parse, request
from adapter.model import Request, Secrets
from adapter.service.gate import Gate
from adapter.service.secrets import variable
from adapter.spec.diagnostics import suggestion, visible
from adapter.spec.language import Example, Spec

OPEN_MODE = "http://127.0.0.1:8080"
ANY_TOKEN = "any"  # noqa: S105  (what open mode takes)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (where a server listens; nothing is bound here)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user has said: an example by number or name, a server or a whole URL, a channel."""

    vendor: str | None = None
    example: str | None = None
    to: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A part to play, and the server that it is really posted to; `shown` is the address without its token."""

    part: Part
    to: str
    shown: str


def stage(vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, wish: Wish) -> Stage:
    """Raises UsageError where anything that is wished for is not there."""
    selection = select(vendors, schemas)
    spec = _spec(selection, wish.vendor or "")
    example = _example(spec, wish.example)
    found = deployed(selection, config)
    gate = _gate(found, spec, wish)
    secrets = live_secrets(found.wanted)
    parts = _server(found, wish.to)
    base = f"{parts.scheme}://{parts.netloc}"
    path, shown = _paths(parts, gate, example, secrets, wish.channel)
    own = _own(spec, gate, secrets) if example.sign else {}
    public = (gate.public_url if gate else "") or base
    return Stage(Part(found.registry, spec, example, public, path, secrets, own), base, base + shown)


def _spec(selection: Selection, vendor: str) -> Spec:
    loaded = selection.loaded
    if vendor in loaded.held_back:
        raise click.UsageError(f"{vendor}: its file has mistakes; adapter validate shows them")
    if vendor not in loaded.registry.specs:
        raise click.UsageError(f"there is no vendor '{vendor}': {suggestion(vendor, loaded.registry.specs)}")
    return loaded.registry.specs[vendor]


def _example(spec: Spec, wanted: str | None) -> Example:
    """By number from 1, or by name; else the first that is not there to be refused."""
    if wanted is None:
        found = [one for one in spec.examples if not one.reject]
    elif wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        found = list(spec.examples[int(wanted) - 1 : int(wanted)])
    else:
        found = [one for one in spec.examples if one.name == wanted]
    if not found:
        names = "\n".join(f"  {place} {visible(one.name)}" for place, one in enumerate(spec.examples, 1))
        raise click.UsageError(f"{spec.vendor} has no such example; there are\n{names}")
    return found[0]


def _gate(found: Deployed, spec: Spec, wish: Wish) -> Gate | None:
    """The channel of the deployment that is meant: the one that is named, or the only one of this vendor."""
    if found.deployment is None:
        return None
    gates = found.deployment.gates.items()
    fitting = {name: gate for name, gate in gates if spec.vendor in (gate.channel.vendors or ())}
    said = NOTIFY.fullmatch(urlsplit(wish.to or "").path)
    name = wish.channel or (f"{said[1]}/{said[2]}" if said else None)
    if name in fitting:
        return fitting[name]
    if name is None and len(fitting) == 1:
        return next(iter(fitting.values()))
    choice = f"choose --channel {' or '.join(fitting)}" if fitting else "none takes it"
    what = f"channel {name} does not take {spec.vendor}" if name else f"which channel of {spec.vendor}?"
    raise click.UsageError(f"{found.file}: {what} {choice}")


def _server(found: Deployed, to: str | None) -> SplitResult:
    parts = urlsplit(to or _here(found))
    try:
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:  # a port that is none
        good = None
    if not good:
        raise click.UsageError(f"--to {to}: write a URL such as {OPEN_MODE}")
    return parts


def _here(found: Deployed) -> str:
    if found.deployment is None:
        return OPEN_MODE
    settings = found.deployment.settings
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _paths(
    parts: SplitResult, gate: Gate | None, example: Example, secrets: Secrets, channel: str | None
) -> tuple[str, str]:
    """The path to post to, and the same for people to see."""
    asked = _asked(example)
    said = NOTIFY.fullmatch(parts.path)
    if said:
        name, token, tail = f"{said[1]}/{said[2]}", said[3], said[4] or asked.path
    elif parts.path.strip("/"):
        raise click.UsageError(f"--to …{parts.path}: write the server alone, or all of /notify/family/channel/token")
    else:
        name, token = gate.channel.name if gate else channel or asked.channel, _token(gate, secrets)
        tail = asked.path
    return f"/notify/{name}/{token}{tail}", f"/notify/{name}/…{tail}"


def _asked(example: Example) -> Request:
    """The example's request, for its channel and tail."""
    try:
        written = parse(example.request)
    except BadRequestText as error:
        raise click.UsageError(f"{example.name}: {error}") from error
    return request(_local(written), now())


def _local(written: Written) -> Written:
    parts = urlsplit(written.target)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Written(written.method, target, written.headers, written.body)


def _token(gate: Gate | None, secrets: Secrets) -> str:
    if gate is None or gate.token is None:
        return ANY_TOKEN
    values = secrets.get(gate.token, ())
    if not values:
        raise click.UsageError(f"the token of {gate.channel.name} is not set: {variable(gate.token)}")
    return values[0].decode("utf-8", "replace")


def _own(spec: Spec, gate: Gate | None, secrets: Secrets) -> Secrets:
    """The vendor's secrets by the names of its file."""
    names = {full: gate.channel.secrets.get(full, full) if gate else full for full in spec.secrets}
    unset = [variable(name) for name in names.values() if not secrets.get(name)]
    if unset:
        raise click.UsageError(f"{spec.vendor} signs, and {', '.join(unset)} is not set: give it the server's value")
    return {full: secrets[name] for full, name in names.items()}
