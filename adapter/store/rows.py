"""What is written of a callback? Its request, events and problems as rows of the tables."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeAlias

import orjson

from adapter.model import Event, Outcome, Problem, Request, dumps

Row: TypeAlias = tuple[Any, ...]

Route: TypeAlias = Callable[[Event], Sequence[str]]
"""The names of the sinks that an event goes to."""

WORTH_PACKING = 256
"""Bytes: what is shorter hardly shrinks."""


@dataclass(frozen=True)
class Arrival:
    """A request and what became of it, on its way to be written; `route` is asked for each of its new events.

    One that is not to be `kept` could not prove itself: it goes to the refused, if there is room.
    """

    request: Request
    outcome: Outcome
    route: Route

    @cached_property
    def at(self) -> str:
        """When it came, as it is written in every row of it."""
        return self.request.received_at.isoformat()

    @property
    def kept(self) -> bool:
        return self.outcome.keep


@dataclass(frozen=True, slots=True)
class Manner:
    """How rows are written: bodies packed, and texts without the one character that PostgreSQL cannot hold."""

    packed: bool = False
    no_nul: bool = False

    def text(self, value: str) -> str:
        """U+2400 is how a NUL is printed."""
        return value.replace("\0", "\N{SYMBOL FOR NULL}") if self.no_nul and "\0" in value else value

    def optional(self, value: str | None) -> str | None:
        return None if value is None else self.text(value)

    def body(self, body: bytes) -> tuple[bytes, str]:
        if self.packed and len(body) >= WORTH_PACKING and len(small := zlib.compress(body, 1)) < len(body):
            return small, "zlib"
        return body, ""


def unpacked(body: bytes, encoding: str) -> bytes:
    return zlib.decompress(body) if encoding == "zlib" else bytes(body)


def message_id(event: Event, vendor: str, channel: str) -> bytes:
    """Whose news it is, as 16 bytes: a message, or one part of it for one recipient; else the event alone."""
    data = event.envelope["data"]
    subject = event.envelope.get("subject") or data.get("reference")
    if not subject:
        return bytes.fromhex(event.id)[:16]
    parts = vendor, channel, event.kind, subject, data.get("to") or "", data.get("part") or ""
    return blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def event_row(event: Event, arrival: Arrival, manner: Manner, key: bytes, text: str, stale: bool) -> Row:
    request, envelope = arrival.request, event.envelope
    return (
        key,
        request.id,
        event.record,
        arrival.at,
        event.kind,
        arrival.outcome.vendor,
        request.channel,
        envelope["time"],
        manner.optional(envelope.get("subject")),
        text,
        int(stale),
    )


def message_row(event: Event, arrival: Arrival, manner: Manner, message: bytes, key: bytes) -> Row:
    request, envelope = arrival.request, event.envelope
    subject, status = manner.optional(envelope.get("subject")), envelope["data"]["status"]
    where = arrival.outcome.vendor, request.channel, event.kind, subject
    return message, *where, status, event.rank, key, envelope["time"], arrival.at


def delivery_rows(event: Event, arrival: Arrival, message: bytes, key: bytes) -> Iterator[Row]:
    now = milliseconds(arrival.request.received_at)
    return ((sink, key, message, now, now) for sink in arrival.route(event))


def request_row(arrival: Arrival, manner: Manner, name: str) -> Row:
    """`name` is the outcome, which a store may know better: duplicate."""
    outcome = arrival.outcome
    request = arrival.request
    return (
        request.id,
        arrival.at,
        request.channel,
        outcome.vendor,
        outcome.spec,
        *_raw(request, manner),
        name,
        outcome.code,
        outcome.ack.status,
        orjson.dumps(outcome.notes).decode(),
    )


def refused_row(arrival: Arrival, manner: Manner) -> Row:
    outcome, request = arrival.outcome, arrival.request
    reason = outcome.problems[0].message if outcome.problems else ""
    head = request.id, arrival.at, request.channel, outcome.vendor
    return *head, *_raw(request, manner), outcome.code, manner.text(reason), request.peer


def problem_row(request: Request, problem: Problem, manner: Manner) -> Row:
    content = None if problem.content is None else dumps(problem.content).decode()
    return request.id, problem.record, problem.stage, problem.code, manner.text(problem.message), content


def _raw(request: Request, manner: Manner) -> Row:
    """The request as it came: method, path, query, headers, body and how that is packed."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    query, written = request.query.decode("latin-1"), orjson.dumps(headers).decode()
    return request.method, manner.text(request.path), query, written, *manner.body(request.body)


RAW = ("id", "received_at", "channel", "method", "path", "query", "headers", "body", "body_encoding")
"""The columns of a request as it came, of those that were stored and of the refused."""


def raw_request(found: Sequence[Any]) -> Request:
    """The way back, from the values of RAW."""
    request_id, received_at, channel, method, path, query, headers, body, encoding = found
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in orjson.loads(headers))
    moment = datetime.fromisoformat(received_at)
    return Request(method, channel, path, query.encode("latin-1"), pairs, unpacked(body, encoding), moment, request_id)


def milliseconds(moment: datetime) -> int:
    """Since 1970, in UTC."""
    return int(moment.timestamp() * 1000)
