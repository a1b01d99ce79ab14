"""What travels through the adapter? The nouns that every stage shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, dataclass_transform

import orjson

Json: TypeAlias = Any
"""A decoded body: None, bool, int, Integer, float, Number, str, list, dict or Element."""

Secrets: TypeAlias = Mapping[str, tuple[bytes, ...]]
"""Live values by name (`vendor.app_secret`); several while a secret is rotated, none when it is unset."""

Watch: TypeAlias = Callable[[str, Any], None]
"""Called with a stage's name and what it found, so that a person can follow one callback."""


T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=True)
def value(noun: type[T]) -> type[T]:
    """A frozen dataclass for what every request makes anew: the type checker keeps it frozen, and making one costs an
    eighth of what Python's own costs."""
    return dataclass(slots=True, unsafe_hash=True)(noun)


class Integer(int):
    """A whole number above 64 bits: orjson cannot write it, so it writes itself digit by digit."""


class Number(float):
    """A fraction that remembers how the vendor wrote it: `0.10` stays `0.10`."""

    __slots__ = ("source",)

    def __new__(cls, source: str) -> "Number":
        number = super().__new__(cls, source)
        number.source = source
        return number

    source: str


class Element(dict[str, Json]):
    """An XML element with attributes and text: an object that text fields see as its text."""

    __slots__ = ("text",)

    def __init__(self, members: Mapping[str, Json], text: str) -> None:
        super().__init__(members)
        self.text = text


# The jmespath library tells types by the name of their class.
Integer.__name__, Number.__name__, Element.__name__ = "int", "float", "dict"


@value
class Request:
    """A callback exactly as it arrived, its token already stripped.

    `channel` is the full name (`sms/1`); `path` is the tail behind the token (`""` or `/status`); `query` is
    the raw query string; header names are lower case, values as sent; `received_at` is aware and in UTC.
    """

    method: str
    channel: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    received_at: datetime
    id: str = ""
    peer: str = ""
    url: str = ""

    def header(self, name: bytes) -> bytes | None:
        """The first header of that lower-case name."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


@value
class Record:
    """One item of a decoded body, with what stands around it."""

    value: Json
    index: int
    parents: tuple[Json, ...] = ()


@value
class Event:
    """One record in our words: `envelope` is the CloudEvents document, `record` its place in the request.

    `rank` is how far it brings the message that it speaks of; 0 where it says nothing of the kind.
    """

    id: str
    kind: str
    envelope: dict[str, Json]
    record: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to the vendor. Header names are lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, as data; `content` is the record that could not be normalized."""

    stage: str
    code: str
    message: str
    record: int | None = None
    content: Json = None
    place: str = ""


class Refused(Exception):
    """Ends a request before its records are looked at: raised by a stage, caught in flow.py alone."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@value
class Outcome:
    """What became of a request.

    `name` is accepted, partial, quarantined, ignored, unclaimed, unmatched or refused; `code` says why a
    refused one was (bad_signature, stale, unreadable_body, secret_unset …). `ack` answers it when it was
    stored, `duplicate_ack` when every event was there already, `retry_ack` when it could not be stored.
    `keep` tells whether the raw request is to be stored: not when the sender is not authentic. `fetch` is a pinned
    address: of a certificate without which nothing can be proved (code certificate_needed), or of a subscription that
    is to be confirmed before the answer.
    """

    name: str
    ack: Ack
    duplicate_ack: Ack
    retry_ack: Ack
    vendor: str = ""
    spec: str = ""
    code: str = ""
    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: int = 0
    keep: bool = True
    fetch: str = ""
    notes: tuple[str, ...] = field(default=())


def dumps(value: Json) -> bytes:
    """JSON as UTF-8 bytes, every digit of every number kept. Raises ValueError for what is not JSON."""
    try:
        return orjson.dumps(value, default=_own, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:  # an integer that an expression computed, or an absurd depth
        try:
            return orjson.dumps(_sized(value), default=_own, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
        except (TypeError, RecursionError) as error:
            raise ValueError(f"not JSON: {error}") from error


def _sized(value: Json) -> Json:
    """The value with every whole number above 64 bits as an Integer."""
    if type(value) is int and not -(2**63) <= value < 2**64:
        return Integer(value)
    if isinstance(value, list):
        return [_sized(item) for item in value]
    return {key: _sized(item) for key, item in value.items()} if isinstance(value, dict) else value


def _own(value: Json) -> Json:
    if isinstance(value, Number):
        return orjson.Fragment(value.source)
    if isinstance(value, Integer):
        return orjson.Fragment(str(int(value)))
    if isinstance(value, Element):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
