"""How does the vendor write times, and in which zone?"""

import re
from collections.abc import Iterable, Sequence

from adapter.expressions.times import has_offset, time_reader
from adapter.scaffold import shapes
from adapter.spec.language import Clock

PATTERNS = (
    "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss.SSS",
    "yyyy/MM/dd HH:mm:ss",
    "yyyy-MM-dd HH:mm",
    "yyyy/MM/dd HH:mm",
    "yyyy-MM-dd",
    "yyyyMMdd HH:mm:ss",
    "yyyyMMddHHmmssSSS",
    "yyyyMMddHHmmss",
    "yyyyMMddHHmm",
    "dd/MM/yyyy HH:mm:ss",
    "dd-MM-yyyy HH:mm:ss",
    "dd MMM yyyy HH:mm:ss",
    "iso8601",
    "rfc2822",
    "unix",
    "unix_ms",
    "yyMMddHHmmss",
    "yyMMddHHmm",
)
"""What is tried, in this order: a pattern before a number that it could also be."""

_YEARS = range(2000, 2036)


def format_of(text: str) -> str:
    """The first format in which a text is a time of our days, or nothing."""
    return next((form for form in PATTERNS if _fits(form, text)), "")


def _fits(form: str, text: str) -> bool:
    if shapes.is_phone(text):
        return False
    found, _ = time_reader(Clock("UTC", (form,)))(text)
    return found is not None and int(found[:4]) in _YEARS


def formats(texts: Iterable[str]) -> tuple[str, ...]:
    """The formats of some texts, in an order in which none takes another's."""
    found = {form for text in texts if (form := format_of(text))}
    if {"unix", "unix_ms"} <= found:
        found = found - {"unix", "unix_ms"} | {"unix_any"}
    order = (*PATTERNS, "unix_any")
    return tuple(sorted(found, key=order.index))


def needs_zone(forms: Sequence[str], texts: Iterable[str]) -> bool:
    """Does any of the texts not say its offset?"""
    unsaid = [form for form in forms if not has_offset(form)]
    bare = re.compile(r".*(?:Z|[+-][0-9]{2}:?[0-9]{2})", re.IGNORECASE)
    if unsaid == ["iso8601"]:
        return any(not bare.fullmatch(text) for text in texts if format_of(text) == "iso8601")
    return bool(unsaid)


def zone_of(texts: Iterable[str]) -> tuple[str, str]:
    """The likely zone of a vendor who wrote these texts, and why."""
    for text in texts:
        if re.search("[\u4e00-\u9fff]", text):
            return "Asia/Shanghai", "there is Chinese in it"
        if re.fullmatch(r"(?:\+?86)?1[3-9][0-9*xX]{9}", text):
            return "Asia/Shanghai", "Chinese numbers"
    return "UTC", "nothing points elsewhere"
