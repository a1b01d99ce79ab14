"""What does a value look like? A phone number, an id, a digest, a count, words for people."""

import re

_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9][0-9*xX]{9}")
_INTERNATIONAL = re.compile(r"\+[0-9][0-9*xX]{6,14}")
_GROUPS = re.compile(r"\+?\(?[0-9](?:[ ().-]{0,2}[0-9*xX]){8,14}")
"""`+1 (555) 123-4567`"""

_DIGITS = re.compile(r"[0-9][0-9*xX]{4,19}")
_SERVICE = re.compile(r"(?:86)?106[0-9]{4,17}|[0-9]{3,6}")
_DATE = re.compile(r"[12][0-9]{3}[-. ][0-9]{1,2}[-. ][0-9]{1,2}\b|[0-9]{1,2}[-.][0-9]{1,2}[-.][12][0-9]{3}\b")
_UUID = re.compile(r"[0-9a-fA-F*]{8}-(?:[0-9a-fA-F*]{4}-){3}[0-9a-fA-F*]{12}")
_HEX_ID = re.compile(r"[0-9a-f]{24,40}|[0-9A-F]{24,40}")
_TOKEN = re.compile(r"[A-Za-z0-9:_.*#+/=-]{1,64}")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[A-Za-z]{2,}")

DIGESTS = {
    ("hex", 32): "md5",
    ("hex", 40): "sha1",
    ("hex", 64): "sha256",
    ("hex", 128): "sha512",
    ("base64", 24): "md5",
    ("base64", 28): "sha1",
    ("base64", 44): "sha256",
    ("base64", 88): "sha512",
}
"""What a digest of a length may be, by the way it is written."""


def is_phone(text: str) -> str:
    """Why a text is surely a phone number, or nothing."""
    if _CHINESE_MOBILE.fullmatch(text):
        return "11 digits starting with 1"
    if text.startswith("+") and _GROUPS.fullmatch(text):
        return "+ and digits in groups" if re.search("[ ().-]", text) else "+ and digits"
    return "+ and digits" if _INTERNATIONAL.fullmatch(text) else ""


def may_be_phone(text: str) -> bool:
    """Digits, some of them perhaps masked, or in groups that no date has."""
    return bool(is_phone(text) or is_grouped(text) or _DIGITS.fullmatch(text.removeprefix("+")))


def is_grouped(text: str) -> bool:
    """Digits in groups, as people write a number."""
    return bool(_GROUPS.fullmatch(text)) and not _DATE.match(text)


def is_service_number(text: str) -> bool:
    """A number that belongs to a service and not to a person."""
    return bool(_SERVICE.fullmatch(text))


def is_id(text: str) -> str:
    """Why a text is surely an id, whatever its name, or nothing."""
    if _UUID.fullmatch(text):
        return "a UUID"
    return f"{len(text)} hex digits" if _HEX_ID.fullmatch(text) and not text.isdecimal() else ""


def may_be_id(text: str) -> bool:
    return bool(_TOKEN.fullmatch(text) or is_email(text) or re.fullmatch(r"<?[^<>\s]+@[^<>\s]+>?", text))


def may_be_code(text: str) -> bool:
    return len(text) <= 40 and not re.search(r"\s{2}|[。，,;]", text)


def is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def is_words(text: str) -> bool:
    """Meant for people: blanks or a script of its own in it."""
    return bool(re.search(r"\s", text)) or not text.isascii()


def digest(text: str) -> tuple[str, str] | None:
    """How a text that could be a digest is written, and of which algorithm its length is."""
    for written, characters in (("hex", "[0-9a-fA-F]+"), ("base64", "[A-Za-z0-9+/_-]+={0,2}")):
        found = DIGESTS.get((written, len(text)))
        if found and re.fullmatch(characters, text):
            return written, found
    return None
