"""Who listens, and where? uvicorn, on this machine only while no channel has a token."""

import gc
import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from adapter.service.settings import Settings
from adapter.service.wire import Protocol

BACKLOG = 2048

KEEP_ALIVE_SECONDS = 75
"""Longer than proxies keep theirs: one must not be closed just when a proxy takes it for a request."""

Listening = Callable[[str, int], None]


class Server(uvicorn.Server):
    """Says where it listens once it does: with port 0 nobody knows before."""

    def __init__(self, config: uvicorn.Config, listening: Listening) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what was loaded stays: the collector need not look at it again
        for listener in sockets or ():
            self._listening(*listener.getsockname()[:2])


def listen(app: ASGIApp, settings: Settings, listening: Listening) -> None:
    """Serve until a signal ends it. Raises ValueError for a public address in open mode, OSError for a taken one."""
    with bind(settings) as listener:
        create_server(app, settings, listening).run(sockets=[listener])


def create_server(app: ASGIApp, settings: Settings, listening: Listening) -> Server:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on",
        access_log=False,  # paths hold tokens
        log_config=None,  # its loggers are the application's
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # a forwarded request must look like one
        backlog=BACKLOG,
        limit_concurrency=settings.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    return Server(config, listening)


def bind(settings: Settings) -> socket.socket:
    if settings.open_mode and not _loopback(settings.host):
        raise ValueError(
            f"--host {settings.host}: in open mode anyone may post, so it serves this machine only; "
            "use 127.0.0.1, ::1 or localhost, or write a deployment file with channels and tokens"
        )
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server((str(address[0]), int(address[1])), family=family, backlog=BACKLOG)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
