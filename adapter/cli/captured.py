"""Which requests were captured? Raw HTTP text, a curl command, or only a body."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import click

from adapter.cli.request_file import read_request
from adapter.http_text import Written
from adapter.scaffold.draft import Captured

OURS = "/notify/sms/1/111"
_REQUEST_LINE = re.compile(rb"\s*[A-Z]{1,20} +\S+(?: +HTTP/[0-9.]+)?\s*(?:\r?\n|\Z)")
_STRUCTURED = re.compile(rb"\s*[\[{<]")
_FORM = re.compile(rb"\s*[\w.%-]+=[^\r\n]*\s*")


_HEADER = re.compile(rb"(?:^|-H *['\"]|--header[ =]*['\"])([A-Za-z][A-Za-z0-9_-]*):", re.MULTILINE)


class _Again(BytesIO):
    """A stream that was read, under its old name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def captured(sources: Sequence[BinaryIO]) -> Iterator[Captured]:
    """Each request. Raises UsageError for what is no request."""
    seen: set[str] = set()
    for place, stream in enumerate(sources):
        told = str(getattr(stream, "name", "-"))
        name = "standard input" if told in ("<stdin>", "-") else Path(told).name
        name = name if name not in seen else f"{name} {place + 1}"
        seen.add(name)
        content = stream.read()
        yield Captured(name, _written(content, name), _spelling(content))


def _spelling(content: bytes) -> dict[str, str]:
    """Header names as they were written, by their lower-case form."""
    found = (name.decode() for name in _HEADER.findall(content))
    return {name.lower(): name for name in found}


def _written(content: bytes, name: str) -> Written:
    if not content.strip():
        raise click.UsageError(f"{name}: it is empty")
    if not _REQUEST_LINE.match(content) and _STRUCTURED.match(content):
        return Written("POST", OURS, (), content.removeprefix(b"\xef\xbb\xbf").strip())
    if _FORM.fullmatch(content):
        return Written("POST", OURS, ((b"content-type", b"application/x-www-form-urlencoded"),), content.strip())
    return read_request(_Again(content, name))
