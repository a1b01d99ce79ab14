"""Is this deployment fit to be posted to?"""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.table import Table

from adapter.cli import options, show
from adapter.cli.deployed import Deployed, look
from adapter.cli.files import Selection, select
from adapter.cli.validate import code
from adapter.cli.world import live_secrets, version
from adapter.service.checkup import Fact, Patient, facts, findings
from adapter.spec.diagnostics import RENDERERS, Diagnostic
from adapter.spec.diagnostics import summary as counted

PACKAGES = (
    "starlette", "uvicorn", "jmespath", "PyYAML", "jsonschema", "orjson", "google-re2", "SQLAlchemy", "cryptography",
    "joserfc", "tzdata",
)  # fmt: skip
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found: versions, a fact for each channel and vendor, diagnostics."""

    found: Deployed
    selection: Selection
    versions: Mapping[str, str]
    facts: tuple[Fact, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def mode(self) -> str:
        return self.found.file or "open mode: this machine only, every vendor"


@click.command(short_help="Is this deployment fit to be posted to?")
@options.specs
@options.config
@click.option("--strict", is_flag=True, help="Warnings fail too, with exit code 3.")
@options.output(*RENDERERS)
def doctor(vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, strict: bool, output: str) -> None:
    """Check a deployment before anybody posts: who is signed and how well, which secrets are missing or unusable.

    A channel that takes an unsigned vendor is an unsigned channel. Without a deployment file every loaded vendor is
    shown, and a missing secret is only a warning.

    \b
    adapter doctor
    adapter doctor --config adapter.yaml --strict
    """
    selection = select(vendors, schemas)
    checkup = _checkup(selection, look(selection, config))
    told = (
        REPORTS[output](checkup) if output in REPORTS else RENDERERS[output](checkup.diagnostics, checkup.found.sources)
    )
    click.echo(told, nl=output != "text")
    raise SystemExit(code(checkup.diagnostics, strict))


def _checkup(selection: Selection, found: Deployed) -> Checkup:
    loaded, versions = selection.loaded, _versions()
    told = [*found.diagnostics, *_environment(versions)]
    if found.errors:
        return Checkup(found, selection, versions, (), tuple(told))
    patient = Patient(loaded.registry, found.deployment, live_secrets(found.wanted), loaded.held_back)
    return Checkup(found, selection, versions, tuple(facts(patient)), (*told, *findings(patient)))


def _versions() -> dict[str, str]:
    return {"adapter": version(), "Python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str:
    try:
        return installed(package)
    except PackageNotFoundError:
        return ""


def _environment(versions: Mapping[str, str]) -> list[Diagnostic]:
    absent = [name for name, text in versions.items() if not text]
    advice = "pip install callback-adapter"
    told = [Diagnostic("DOC010", "warning", f"{name} is not installed as a package", None, advice) for name in absent]
    try:
        ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        told.append(Diagnostic("DOC009", "error", f"there is no time zone data: {ZONE} is unknown", None,
                               "pip install tzdata"))  # fmt: skip
    return told


def _text(checkup: Checkup) -> str:
    versions = ", ".join(f"{name} {text}" for name, text in checkup.versions.items() if text)
    show.say(show.rows([("serves", show.plain(checkup.mode)), ("versions", show.plain(versions))]))
    if checkup.facts:
        click.echo()
        show.say(_table(checkup.facts))
    sources = checkup.found.sources
    told = show.diagnosed(checkup.diagnostics, sources)
    channels = len({fact.channel for fact in checkup.facts} - {""})
    what = "channels" if channels else "vendors"
    last = counted(channels or len(checkup.facts), f"{what} looked at", checkup.diagnostics)
    return "\n".join([*(["", told] if told else []), "", last, ""])


def _table(those: Sequence[Fact]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("channel", "vendor", "signature", "body", "replay", "secrets", "token", "networks"):
        table.add_column(column, overflow="fold")
    for fact in those:
        table.add_row(*map(show.plain, _cells(fact)))
    return table


def _cells(fact: Fact) -> list[str]:
    return [
        fact.channel or "-",
        fact.vendor,
        _signature(fact),
        _body(fact),
        _replay(fact),
        "\n".join(f"{name}: {_live(count)}" for name, count in fact.secrets.items()) or "-",
        "open" if fact.open else _live(fact.token) if fact.channel else "-",
        "\n".join(fact.networks) or "any",
    ]


def _signature(fact: Fact) -> str:
    if fact.held_back:
        return "held back: its file has mistakes"
    return ", ".join(fact.signed) or "none"


def _body(fact: Fact) -> str:
    return "-" if not fact.signed else "whole" if fact.whole_body else "in part"


def _replay(fact: Fact) -> str:
    """A whole body that is sent again has the same ids: acked, and stored once."""
    if not fact.signed:
        return "-"
    if fact.replay is None:
        return "stored once" if fact.whole_body else "for ever"
    return f"{fact.replay:g} s" if fact.replay else "until its exp"


def _live(count: int) -> str:
    return f"{count} live" if count else "not set"


def _json(checkup: Checkup) -> str:
    document = {
        "config": checkup.found.file or None,
        "versions": checkup.versions,
        "channels": [asdict(fact) for fact in checkup.facts],
        "findings": json.loads(RENDERERS["json"](checkup.diagnostics, {})),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


REPORTS: Mapping[str, Callable[[Checkup], str]] = {"text": _text, "json": _json}
"""The formats that tell the facts too; the others tell what was found."""
