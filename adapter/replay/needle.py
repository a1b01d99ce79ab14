"""What is looked for when somebody is to be forgotten? A phone number however it is written, or a message's id."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote_to_bytes

from adapter.model import Json

SHORTEST = 8
"""Digits: what is shorter is a part of many people's numbers."""

PREFIX = 3
"""Digits of a country's code, the most."""

_RUNS = re.compile(rb"[0-9]{6,25}"), re.compile(rb"[0-9](?:[ ().-]{0,2}[0-9]){5,24}")
"""Digits alone, or parted as people write them."""

_ESCAPED = re.compile(rb"\\u00([0-7][0-9a-fA-F])")
_NOT_DIGITS = re.compile(r"[^0-9]")
_PHONE = re.compile(r"\+?[0-9 ().-]{6,40}")


class Needle(Protocol):
    """Says yes to a value that is it, and to bytes in which it stands."""

    def names(self, data: Json, subject: str | None) -> bool:
        """Is this event about it?"""

    def inside(self, raw: bytes) -> bool:
        """Does it stand there, also percent-encoded or escaped?"""


@dataclass(frozen=True, slots=True)
class Phone:
    """Two numbers are one when, without +, 00 or 0 before them, the shorter ends the longer, and the longer has at most
    a country's code more. Numbers of fewer than eight digits are one only when they are equal."""

    digits: str

    def names(self, data: Json, _: str | None) -> bool:
        return any(map(self.same, texts(data)))

    def same(self, text: str) -> bool:
        return bool(_PHONE.fullmatch(text)) and self._same(core(text))

    def _same(self, other: str) -> bool:
        short, long = sorted((self.digits, other), key=len)
        if len(short) < SHORTEST:
            return short == long
        return long.endswith(short) and len(long) - len(short) <= PREFIX

    def inside(self, raw: bytes) -> bool:
        runs = (run for text in _readings(raw) for form in _RUNS for run in form.findall(text))
        return any(self._same(core(run.decode())) for run in runs)


@dataclass(frozen=True, slots=True)
class Message:
    """The id that a vendor gave it."""

    id: str

    def names(self, data: Json, subject: str | None) -> bool:
        return self.id in (subject, data.get("message_id"))

    def inside(self, raw: bytes) -> bool:
        wanted = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(self.id.encode()) + rb"(?![0-9A-Za-z])")
        return any(wanted.search(text) for text in _readings(raw))


def phone(text: str) -> Phone:
    """Raises ValueError for what is too short to be one person's."""
    found = core(text)
    if len(found) < SHORTEST or not _PHONE.fullmatch(text.strip()):
        raise ValueError(f"'{text}' is no phone number of at least {SHORTEST} digits")
    return Phone(found)


def core(text: str) -> str:
    """The digits without what stands before a number: +, 00, 0."""
    return _NOT_DIGITS.sub("", text).lstrip("0")


def texts(value: Json) -> Iterable[str]:
    """Every text in it, and every whole number as one."""
    if isinstance(value, dict):
        yield from (text for item in value.values() for text in texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts(item))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)


def _readings(raw: bytes) -> Iterable[bytes]:
    """As it stands, and as whoever reads a form or JSON would have it."""
    yield raw
    if b"%" in raw or b"+" in raw:
        yield unquote_to_bytes(raw.replace(b"+", b" "))
    if b"\\u00" in raw:
        yield _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), raw)
