"""How is the adapter started, and what does it say of itself?"""

import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS, Failed
from adapter.cli.deployed import Deployed, deployed, warn, worded
from adapter.cli.files import Selection, select
from adapter.cli.watched import begin, examples_that_fail, watch
from adapter.cli.world import again, live_secrets, now, version
from adapter.engine.flow import steps
from adapter.model import Secrets
from adapter.service import logs
from adapter.service.announce import Lines, silence
from adapter.service.app import create_app
from adapter.service.outlet import Descriptor
from adapter.service.secrets import Fault, faults, variable
from adapter.service.server import bind, create_server
from adapter.service.settings import Settings
from adapter.service.sinks import printed
from adapter.spec.diagnostics import plural
from adapter.store.location import location
from adapter.store.store import Store, open_store

PORT = 8080


@click.command(short_help="Take callbacks, store events, answer vendors.")
@options.specs
@options.config
@click.option("--host", help="The address to listen at; 127.0.0.1, or what the deployment file says.")
@click.option("--port", type=click.IntRange(0, 65535), help="8080, or what the file says; 0 takes any free one.")
@click.option("--store", metavar="URL", help=f"The database: a path or {options.STORE}, or what the file says.")
@click.option("--log-format", type=click.Choice(logs.FORMATS), help="json, unless stderr is a terminal.")
@click.option("--log-level", type=click.Choice(logs.LEVELS), default="info", help="info; debug tells of each request.")
@click.option("--strict", is_flag=True, help="Refuse to start with a broken file, or a missing or unusable secret.")
def serve(  # noqa: PLR0913, PLR0917  (an option each)
    vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None,
    host: str | None, port: int | None, store: str | None, log_format: str | None, log_level: str, strict: bool,
) -> None:  # fmt: skip
    """Take callbacks at /notify/{family}/{channel}/{token}, store their events, answer each vendor in its own words.

    One JSON line is printed for every event that was stored. A broken file or a missing secret holds its vendor
    back and spares the others. A deployment file's sinks are delivered to meanwhile. What happens is logged on stderr,
    without numbers of phones; /healthz, /readyz and /metrics say how it does. Ctrl-C ends it after the requests that
    are under way.

    Files may change while it runs: they are looked at every second (SIGHUP: now), tried with their examples, and
    taken if they are right; else the last good version is served on, and "adapter specs" says why.

    \b
    ADAPTER_SECRET_ACME_API_SECRET=... adapter serve --vendors my-vendors
    adapter serve --config adapter.yaml --strict
    """
    watched = watch(vendors, schemas, config)
    selection = select(vendors, schemas)
    found = deployed(selection, config)
    _check(selection, found, live_secrets(found.wanted), strict)
    settings = _settings(found, host, port, store)
    with (
        _listener(settings) as listener, closing(_store(settings)) as opened,
        closing(_logging(log_format, log_level)), closing(Lines(Descriptor(sys.stdout.fileno()))) as lines,
    ):  # fmt: skip
        begun = begin(watched, selection, found, opened.location)
        selection, found, secrets = begun.selection, begun.found, live_secrets(begun.found.wanted)
        app = create_app(
            selection.loaded.registry, steps, opened, secrets, settings,
            clock=now, announce=silence if _printed(found) else lines, held_back=selection.loaded.held_back,
            deployment=found.deployment, reread=again(found.wanted), reload=begun.reload,
            lines_dropped=lines.dropped,
        )  # fmt: skip
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        signal.signal(signal.SIGHUP, lambda _, __: begun.reload.look_now())
        told = begun.reload.state.last_good
        create_server(app, settings, _greeting(selection, found, secrets, settings, told)).run(sockets=[listener])


def _printed(found: Deployed) -> bool:
    """Does a sink write to stdout? Then nothing else is to stand there."""
    return found.deployment is not None and any(printed(found.deployment.sinks.values()))


def _logging(style: str | None, level: str) -> logs.Handler:
    terminal = sys.stderr.isatty()
    chosen = style or ("console" if terminal else "json")
    return logs.configure(chosen, level, Descriptor(sys.stderr.fileno()), colors=terminal)


def _settings(found: Deployed, host: str | None, port: int | None, store: str | None) -> Settings:
    """What the command says stands over what the file says."""
    said = {name: value for name, value in (("host", host), ("port", port), ("store", store)) if value is not None}
    base = found.deployment.settings if found.deployment else Settings(port=PORT, store=options.STORE)
    return replace(base, **said)  # type: ignore[arg-type]


def _check(selection: Selection, found: Deployed, secrets: Secrets, strict: bool) -> None:
    loaded = selection.loaded
    warn(loaded.diagnostics, loaded.sources)
    if not loaded.registry.specs:
        _refuse("no vendor file is right, so there is nothing to serve")
    wrong = list(dict.fromkeys(map(worded, faults(found.wanted, secrets))))
    if strict and loaded.errors:
        _refuse(f"--strict: {selection.summary()}")
    failed = examples_that_fail(selection) if strict else ()
    if failed:
        warn(failed, loaded.sources)
        _refuse(f"--strict: {plural(len({one.span for one in failed}), 'example')} not as its file says")
    if strict and wrong:
        _refuse(f"--strict: {', '.join(wrong)}")


def _refuse(message: str) -> None:
    click.echo(f"adapter: {message}", err=True)
    raise SystemExit(PROBLEMS)


def _listener(settings: Settings) -> socket.socket:
    try:
        return bind(settings)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Failed(f"port {settings.port} of {settings.host} is in use: choose another --port") from error


def _store(settings: Settings) -> Store:
    try:
        return open_store(settings.store, settings.limits)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _leave(_: int, __: FrameType | None) -> None:
    """uvicorn takes these signals while it serves and passes them on when it has ended gracefully."""
    raise SystemExit(0)


def _greeting(
    selection: Selection, found: Deployed, secrets: Secrets, settings: Settings, last_good: Mapping[str, str]
) -> Callable[[str, int], None]:
    def greet(host: str, port: int) -> None:
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        lines = [
            ("adapter", f"{version()}  {url}"),
            *_facts(selection, found, secrets),
            *(("last good", f"{name} is served by an older version: {why}") for name, why in last_good.items()),
            ("store", str(location(settings.store))),
            *_addresses(found, url),
        ]
        click.echo("\n".join(f"{name:9}  {text}" for name, text in lines), err=True)

    return greet


def _facts(selection: Selection, found: Deployed, secrets: Secrets) -> Iterator[tuple[str, str]]:
    loaded, deployment = selection.loaded, found.deployment
    wrong = faults(found.wanted, secrets)
    closed = [fault for fault in wrong if fault.closes]
    broken = [name for name in loaded.held_back if deployment is None or name in deployment.vendors]
    held = {*broken, *(fault.wanted.vendor for fault in closed)} - {""}
    names = {one.name for one in found.wanted}
    if deployment:
        yield "config", f"{found.file}, {len(deployment.gates)} channels"
        sinks = [f"{sink.name} ({sink.type})" for sink in deployment.sinks.values()]
        yield from [("sinks", ", ".join(sinks))] if sinks else []
    yield "specs", f"{len(loaded.registry.specs)} loaded, {len(held)} held back"
    yield from (("held back", f"{name}: its file has mistakes") for name in broken)
    yield "secrets", f"{len(names - {fault.wanted.name for fault in closed})} of {len(names)} present"
    yield from (("held back" if fault.closes else "warning", _who(fault)) for fault in wrong)
    unsigned = [spec.vendor for spec in loaded.registry.specs.values() if spec.unsigned]
    unsigned = [vendor for vendor in unsigned if deployment is None or vendor in deployment.vendors]
    if unsigned:
        yield "unsigned", f"{', '.join(unsigned)}: only the token in the URL protects them"


def _who(fault: Fault) -> str:
    one = fault.wanted
    return f"{one.who}: {variable(one.name)} {fault.what}"


def _addresses(found: Deployed, url: str) -> Iterator[tuple[str, str]]:
    """Where vendors post to: of a channel everything but its token."""
    if found.deployment is None:
        yield "post", f"curl -i {url}/notify/sms/1/any --data-binary @body"
        return
    for name, gate in found.deployment.gates.items():
        token = f"<the value of {gate.token}>" if gate.token else "<anything>"
        vendors = ", ".join(gate.channel.vendors or ())
        yield "post", f"{gate.public_url or url}/notify/{name}/{token}  {vendors}"
