"""How does a real server run beside a command for a while, and how is something posted to it?"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from http.client import HTTPConnection

from starlette.types import ASGIApp

from adapter.cli.boundary import Failed
from adapter.cli.post import hear
from adapter.engine.flow import steps
from adapter.http_text import NOTIFY, Written
from adapter.model import Ack, Secrets
from adapter.service.announce import silence
from adapter.service.app import create_app
from adapter.service.server import bind, create_server
from adapter.service.settings import Settings
from adapter.spec.language import Registry
from adapter.store.store import Store, open_store

SECONDS = 20


@contextmanager
def serving(
    registry: Registry, secrets: Secrets, path: str, clock: Callable[[], datetime]
) -> Iterator[tuple[int, Store]]:
    """A server of its own on a free port, its store in a file; both are gone afterwards."""
    settings = Settings(port=0, store=path, grace_seconds=1)
    logging.getLogger("adapter").addHandler(logging.NullHandler())  # the command tells what became of each request
    with closing(open_store(settings.store)) as store:
        app = create_app(registry, steps, store, secrets, settings, clock=clock, announce=silence)
        with _running(app, settings) as port:
            yield port, store


@contextmanager
def _running(app: ASGIApp, settings: Settings) -> Iterator[int]:
    listening = threading.Event()
    with bind(settings) as listener:
        server = create_server(app, settings, lambda _, __: listening.set())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
        thread.start()
        try:
            if not listening.wait(SECONDS):
                raise Failed("its own server did not start")
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def post(port: int, written: Written) -> Ack:
    """Send a request to this machine, and hear the answer."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        return hear(connection, _target(written.target), written)


def _target(target: str) -> str:
    """A request may be written as it was sent to another address: its path is then the tail of ours."""
    path, _, _ = target.partition("?")
    return target if NOTIFY.fullmatch(path) else f"/notify/sms/1/any{target}"
