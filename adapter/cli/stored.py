"""What does the user mean that is stored? A request's id stands in the log."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import click

from adapter.cli import options
from adapter.cli.boundary import Nothing
from adapter.cli.request_file import read_request
from adapter.cli.world import now
from adapter.http_text import Written, request
from adapter.model import Request
from adapter.store.location import location
from adapter.store.reading import read_request as read_stored

ID = re.compile(r"[0-9a-f]{32}")
TOKEN = "stored"  # noqa: S105
"""Stands in the URL where the vendor's own token was, which no store keeps."""

Asked: TypeAlias = tuple[Written, Request]
"""A request as text would write it, and as the engine is given it."""

store = click.option(
    "--store", default=options.STORE, show_default=True, metavar="URL", is_eager=True,
    help="Where a stored request is looked for.",
)  # fmt: skip


class FileOrId(click.File):
    """A file to read, or the id of a stored request where there is no file of that name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and ID.fullmatch(value) and not Path(value).exists():
            return value
        return super().convert(value, param, ctx)


def asked_for(context: click.Context, _: click.Parameter, source: BinaryIO | str) -> Asked:
    """The callback of a FileOrId argument; it takes what `store` found."""
    url = context.params.pop("store")
    if isinstance(source, str):
        return _stored(url, source)
    with source:  # click closes it only when the command has begun
        written = read_request(source)
    return written, request(written, now(), "try")


def existing(url: str) -> str:
    """The same URL, of a store that is there: to read one makes none."""
    try:
        path = location(url).path
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if path and not path.is_file():
        raise Nothing(f"--store {url}: there is no such file; adapter serve makes it")
    return url


def _stored(url: str, request_id: str) -> Asked:
    """As of the moment when it came."""
    found = read_stored(existing(url), request_id)
    if found is None:
        raise Nothing(f"--store {url}: no request {request_id} is stored there")
    query = f"?{found.query.decode('latin-1')}" if found.query else ""
    target = f"/notify/{found.channel}/{TOKEN}{found.path}{query}"
    written = Written(found.method, target, found.headers, found.body)
    return written, replace(request(written, found.received_at, request_id), query=found.query)
