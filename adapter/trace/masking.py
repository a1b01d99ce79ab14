"""What must nobody read over a shoulder? Secrets, in whatever form they may stand in a request."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from adapter.model import Json, Secrets
from adapter.spec.diagnostics import visible

KEPT = (8, 4)
"""Of a signature as many characters are shown, at its beginning and its end."""

WIDTH = 240
"""Of a signed message as many characters are shown."""

_FORMS: tuple[Callable[[bytes], bytes], ...] = (
    lambda raw: raw,
    base64.b64encode,
    lambda raw: base64.b64encode(raw).rstrip(b"="),
    lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"="),
    lambda raw: raw.hex().encode(),
    lambda raw: raw.hex().upper().encode(),
    lambda raw: quote(raw, safe="").encode(),
    lambda raw: quote_plus(raw).encode(),
)


@dataclass(frozen=True, slots=True)
class Mask:
    """Each form of each secret's live values, the longest first, with the words that stand in for it."""

    forms: Mapping[bytes, str]

    def hide(self, content: bytes | str) -> str:
        """The text without any secret, on one line, and nothing in it that could move a cursor."""
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return visible(self._replaced(raw).decode("utf-8", "backslashreplace"))

    def tree(self, value: Json) -> Json:
        """The value with every text in it masked."""
        if isinstance(value, dict):
            return {self._text(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogatepass")
        return self._replaced(raw).decode("utf-8", "surrogatepass") if any(form in raw for form in self.forms) else text

    def _replaced(self, raw: bytes) -> bytes:
        for form, words in self.forms.items():
            raw = raw.replace(form, words.encode())
        return raw

    def short(self, content: bytes | str, width: int = WIDTH) -> str:
        """The same, its middle left out where it is long."""
        text = self.hide(content)
        return text if len(text) <= width else f"{text[: width * 3 // 4]} … {text[-width // 4 :]}"


SHORTEST = 4
"""A shorter one would be found in any text, and hides nothing."""


def mask(secrets: Secrets) -> Mask:
    """A mask for all live values, decoded or not, with or without what stands before a colon."""
    forms: dict[bytes, str] = {}
    for name, values in secrets.items():
        for value in values:
            for part in (part for part in _parts(value) if len(part) >= SHORTEST):
                forms.update({form(part): f"‹secret {name}›" for form in _FORMS if form(part)})
    return Mask(dict(sorted(forms.items(), key=lambda one: -len(one[0]))))


def _parts(value: bytes) -> Iterable[bytes]:
    """The value; behind its owner or prefix (`id:value`, `whsec_value`); and what base64 of it says."""
    ends = [part for mark in (b":", b"_") if len(part := value.partition(mark)[2]) >= 8]
    plain = [value, *ends]
    return [*plain, *(raw for part in plain if len(raw := _decoded(part)) >= 8)]


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return b""


def ends(text: str) -> str:
    """The beginning and the end of a signature; of a short one only its length."""
    first, last = KEPT
    count = len(text)
    return f"{text[:first]}…{text[-last:]}" if count >= 2 * (first + last) else f"{count} characters"
