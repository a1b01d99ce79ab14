"""How is the adapter started, and what does it say of itself?"""

import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS, Failed
from adapter.cli.files import Selection, select
from adapter.cli.world import live_secrets, now, version
from adapter.engine.flow import process
from adapter.model import Secrets
from adapter.service.announce import Lines
from adapter.service.app import create_app
from adapter.service.secrets import missing, needed, variable
from adapter.service.server import bind, create_server
from adapter.service.settings import Settings
from adapter.service.store import Store, open_store
from adapter.spec.diagnostics import paint, to_text


@click.command(short_help="Take callbacks, store events, answer vendors.")
@options.specs
@click.option("--host", default="127.0.0.1", show_default=True, help="This machine only: 127.0.0.1, ::1 or localhost.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@options.store
@click.option("--strict", is_flag=True, help="Refuse to start with a broken file or a missing secret.")
def serve(vendors: Sequence[Path], schemas: Sequence[Path], host: str, port: int, store: str, strict: bool) -> None:
    """Take callbacks at /notify/{family}/{channel}/{token}, store their events, answer each vendor in its own words.

    One JSON line is printed for every event that was stored. A broken file or a missing secret holds its vendor
    back and spares the others. Ctrl-C ends it after the requests that are under way.

    \b
    ADAPTER_SECRET_ACME_API_SECRET=... adapter serve --vendors my-vendors
    """
    selection = select(vendors, schemas)
    secrets = live_secrets(selection.loaded.registry)
    _check(selection, secrets, strict)
    settings = Settings(host=host, port=port, store=store)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    with _listener(settings) as listener, closing(_store(settings)) as opened:
        app = create_app(
            selection.loaded.registry, process, opened, secrets, settings,
            clock=now, announce=Lines(sys.stdout.buffer), held_back=selection.loaded.held_back,
        )  # fmt: skip
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        create_server(app, settings, _greeting(selection, secrets, store)).run(sockets=[listener])


def _check(selection: Selection, secrets: Secrets, strict: bool) -> None:
    loaded = selection.loaded
    if loaded.diagnostics:
        text = to_text(loaded.diagnostics, loaded.sources)
        click.echo((paint(text) if sys.stderr.isatty() else text) + "\n", err=True)
    if not loaded.registry.specs:
        _refuse("no vendor file is right, so there is nothing to serve")
    unset = missing(loaded.registry, secrets)
    if strict and loaded.errors:
        _refuse(f"--strict: {selection.summary()}")
    if strict and unset:
        _refuse(f"--strict: {', '.join(f'{vendor}.{name}' for vendor, name in unset)} is not set")


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
        return open_store(settings)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _leave(_: int, __: FrameType | None) -> None:
    """uvicorn takes these signals while it serves and passes them on when it has ended gracefully."""
    raise SystemExit(0)


def _greeting(selection: Selection, secrets: Secrets, store: str) -> Callable[[str, int], None]:
    def greet(host: str, port: int) -> None:
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        post = f"curl -i {url}/notify/sms/1/any --data-binary @body"
        lines = [("adapter", f"{version()}  {url}"), *_facts(selection, secrets), ("store", store), ("post", post)]
        click.echo("\n".join(f"{name:9}  {text}" for name, text in lines), err=True)

    return greet


def _facts(selection: Selection, secrets: Secrets) -> list[tuple[str, str]]:
    loaded = selection.loaded
    registry, held_back = loaded.registry, loaded.held_back
    wanted, unset = needed(registry), missing(registry, secrets)
    unsigned = [spec.vendor for spec in registry.specs.values() if spec.unsigned]
    held = {*held_back, *(vendor for vendor, _ in unset)}
    facts = [("specs", f"{len(registry.specs)} loaded, {len(held)} held back")]
    facts += [("held back", f"{name}: its file has mistakes") for name in held_back]
    facts.append(("secrets", f"{len(wanted) - len(unset)} of {len(wanted)} present"))
    facts += [("held back", f"{vendor}: {variable(f'{vendor}.{name}')} is not set") for vendor, name in unset]
    if unsigned:
        facts.append(("unsigned", f"{', '.join(unsigned)}: only the token in the URL protects them"))
    return facts
