"""Which callback does the user hold in hand? A file of raw HTTP text, whose body may be in any charset, or of a
curl command."""

import re
from dataclasses import replace
from typing import BinaryIO

import click

from adapter.curl_text import is_curl, parse_curl
from adapter.http_text import BadRequestText, Written, parse

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def read_request(stream: BinaryIO) -> Written:
    """Raises UsageError for what is no request."""
    content = stream.read()
    try:
        return _parsed(content)
    except (BadRequestText, UnicodeError) as error:
        raise click.UsageError(f"{stream.name}: {error}") from error


def _parsed(content: bytes) -> Written:
    try:
        text = content.decode("utf-8-sig")
        return parse_curl(text) if is_curl(text) else parse(text)
    except UnicodeDecodeError:  # a capture in the vendor's own charset: its bytes stay as they are
        head, body = [*_BLANK_LINE.split(content, maxsplit=1), b""][:2]
        return replace(parse(head.decode("latin-1")), body=body.removesuffix(b"\n"))
