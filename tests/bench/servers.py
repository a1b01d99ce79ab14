"""Starts a baseline on a free port: `python -m tests.bench.servers raw|hand|starlette STORE`."""

import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.bench.baselines import hand, raw


def starlette(_: Path) -> Starlette:
    """As little as can be served with it."""
    return Starlette(routes=[Route("/", lambda _: PlainTextResponse("OK"))])


SERVERS: dict[str, Callable[[Path], ASGIApp]] = {"raw": lambda _: raw, "hand": hand, "starlette": starlette}


def main(name: str, store: str) -> None:
    config = uvicorn.Config(
        SERVERS[name](Path(store)), port=0, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    listener = config.bind_socket()
    listener.listen(config.backlog)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
