"""How is multipart/form-data read? Fields as in a form; of a file its name, type and size."""

import re
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from adapter.formats.charsets import charset as known
from adapter.formats.form_text import MAX_PAIRS
from adapter.model import Json

_BOUNDARY = re.compile(rb"(?:\A|\r\n)--([!-~][ -~]{0,68}[!-~]|[!-~])[ \t]*\r\n")


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Parts:
    """What the parser has met so far."""

    parts: list[_Part] = field(default_factory=list)
    name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    ended: bool = False

    def begin(self) -> None:
        if len(self.parts) >= MAX_PAIRS:
            raise ValueError(f"more than {MAX_PAIRS} parts")
        self.parts.append(_Part())

    def header(self) -> None:
        self.parts[-1].headers[bytes(self.name).lower()] = bytes(self.value)
        self.name.clear()
        self.value.clear()

    def end(self) -> None:
        self.ended = True

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self.begin,
            "on_header_field": lambda data, start, end: self.name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self.value.extend(data[start:end]),
            "on_header_end": self.header,
            "on_part_data": lambda data, start, end: self.parts[-1].content.extend(data[start:end]),
            "on_end": self.end,
        }


def fields(body: bytes, boundary: str, charset: str, *, trusting: bool) -> list[tuple[str, Json]]:
    """Names and values of the parts, in order; `trusting` reads a part in the charset that it names itself, if it can.

    Raises ValueError for a body that is not multipart or does not end.
    """
    return [_field(part, charset, trusting) for part in _parts(body, boundary)]


def _parts(body: bytes, boundary: str) -> list[_Part]:
    opening = _BOUNDARY.search(body)
    edge = boundary.encode() if boundary else opening[1] if opening else b""
    if not edge:
        raise ValueError("no boundary")
    found = _Parts()
    try:
        parser = MultipartParser(edge, found.callbacks())
        parser.logger.disabled = True  # it would write the vendor's bytes into our log
        parser.write(_from_first(body, edge))
    except FormParserError as error:
        raise ValueError(str(error)) from error
    if not found.ended:
        raise ValueError("the last part does not end")
    return found.parts


def _from_first(body: bytes, edge: bytes) -> bytes:
    """Without the preamble, which is for people (RFC 2046, 5.1.1)."""
    if body.startswith(b"--" + edge):
        return body
    start = body.find(b"\r\n--" + edge)
    return body[start + 2 :] if start >= 0 else body


def _field(part: _Part, charset: str, trusting: bool) -> tuple[str, Json]:
    _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
    name = options.get(b"name", b"").decode(charset)
    if b"filename" not in options:
        return name, _text(part, charset, trusting)
    content_type = part.headers.get(b"content-type", b"").decode("iso-8859-1")
    filename = options[b"filename"].decode(charset, "backslashreplace")
    return name, {"filename": filename, "content_type": content_type, "size": len(part.content)}


def _text(part: _Part, charset: str, trusting: bool) -> str:
    _, options = parse_options_header(part.headers.get(b"content-type", b""))
    said = known(options.get(b"charset", b"").decode("iso-8859-1")) if trusting else None
    try:
        return part.content.decode(said or charset)
    except UnicodeDecodeError:
        return part.content.decode(charset)
