"""When did it happen, as the vendor writes times?

A time becomes RFC 3339 text with the offset of its source zone.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from adapter.expressions.values import as_text
from adapter.model import Json
from adapter.spec.language import Clock

Parsed: TypeAlias = tuple[str | None, str]
"""RFC 3339 text, or None; and what there is to warn of."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OFFSET = r"(?P<offset>Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<year2>[0-9]{2})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{2})",
    "dd": r"(?P<day>[0-9]{2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "SSS": r"(?P<fraction>[0-9]{3})",
    "XXX": _OFFSET,
}
_PATTERN = re.compile(
    r"(?P<quote>'')|'(?P<quoted>(?:[^']|'')+)'|(?P<word>[A-Za-z]+)|(?P<other>[^A-Za-z']+)|(?P<stray>')"
)
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    rf"(?::(?P<second>[0-9]{{2}})(?:[.,](?P<fraction>[0-9]{{1,9}}))?)? ?{_OFFSET}?"
)
_RFC2822 = re.compile(
    r"(?:[A-Za-z]{3}, *)?(?P<day>[0-9]{1,2}) +(?P<name>[A-Za-z]{3}) +(?P<year>[0-9]{4}) +"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))? *"
    r"(?P<offset>[+-][0-9]{4}|GMT|UTC|UT|Z|[ECMP][SD]T)(?: *\([^()]*\))?"
)
# RFC 2822, 4.3
_WORDS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_UNIX = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")
MAX_LENGTH = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_ABOVE = 100_000_000_000


class BadFormat(ValueError):
    """A time format that cannot be read, with help for the author."""

    def __init__(self, message: str, help_text: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help_text


# Files beside the zones: what they hold differs from machine to machine, or is no place's time.
_NO_ZONES = {"localtime", "Factory", "posixrules"}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_ZONES | {"UTC"})


def zone(name: str) -> tzinfo:
    """A zone by its name. Raises KeyError when there is none."""
    if name not in _zones():
        raise KeyError(name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise KeyError(name) from error


_LIKELY = {"YYYY": "yyyy", "YY": "yy", "DD": "dd", "hh": "HH", "SS": "ss", "Z": "XXX", "X": "XXX", "T": "'T'"}


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A format such as `yyyy-MM-dd HH:mm:ss` as a regular expression. Raises BadFormat."""
    pieces, seen = [], set()
    for found in _PATTERN.finditer(text):
        if found["stray"]:
            raise BadFormat(f"a quote in '{text}' is not closed", "letters that stand for themselves go in '…'")
        if found["word"]:
            for token in _tokens(found["word"], text):
                if token in seen:
                    raise BadFormat(f"'{token}' stands twice in '{text}'", "each token may stand once")
                seen.add(token)
                pieces.append(_TOKENS[token])
        else:
            pieces.append(re.escape("'" if found["quote"] else (found["quoted"] or found["other"]).replace("''", "'")))
    if not {"yyyy", "yy"} & seen or not {"MM", "MMM"} & seen or "dd" not in seen:
        raise BadFormat(f"'{text}' has no year, month or day", "a format needs yyyy (or yy), MM (or MMM) and dd")
    return re.compile("".join(pieces))


def _tokens(word: str, text: str) -> list[str]:
    tokens = []
    while word:
        run = word[: len(word) - len(word.lstrip(word[0]))]
        if run not in _TOKENS:
            likely = _LIKELY.get(run)
            known = "tokens: " + " ".join(_TOKENS) + "; other letters go in single quotes"
            raise BadFormat(f"'{run}' in '{text}' is no token", f"did you mean {likely}? {known}" if likely else known)
        tokens.append(run)
        word = word[len(run) :]
    return tokens


def has_offset(form: str) -> bool:
    """Does a text in this format always say its offset?"""
    return form in ("rfc2822", "unix", "unix_ms", "unix_any") or (
        form != "iso8601" and "offset" in pattern(form).groupindex
    )


@cache
def time_reader(clock: Clock) -> Callable[[Json], Parsed]:
    """The formats of a clock, tried in order; the first that takes the whole text wins."""
    local = zone(clock.zone) if clock.zone else None
    readers = [NAMED.get(form) or _by_pattern(pattern(form)) for form in clock.formats or ("iso8601",)]

    @lru_cache(maxsize=4096)
    def read_text(text: str) -> Parsed:
        text = text.strip()
        if text in ("", "0"):
            return None, ""
        for reader in readers:
            try:
                parsed = reader(text, local)
            except (ValueError, OverflowError):
                continue
            if parsed is not None:
                return parsed
        return None, f"'{text[:60]}' is no time in {', '.join(clock.formats or ('iso8601',))}"

    def read(value: Json) -> Parsed:
        text = value if type(value) is str else as_text(value)
        if text is None:
            return None, "" if value is None else "not a time"
        if len(text) > MAX_LENGTH:
            text = text.strip()
        return read_text(text) if len(text) <= MAX_LENGTH else (None, "too long for a time")

    return read


def _by_pattern(regex: re.Pattern[str]) -> Callable[[str, tzinfo | None], Parsed | None]:
    def reader(text: str, local: tzinfo | None) -> Parsed | None:
        found = regex.fullmatch(text)
        return _assembled(found.groupdict(), local) if found else None

    return reader


def _assembled(parts: dict[str, str | None], local: tzinfo | None) -> Parsed | None:
    year = int(parts.get("year") or "20" + (parts.get("year2") or "00"))
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"] or 0)
    fraction = (parts.get("fraction") or "0")[:6].ljust(6, "0")
    hour, minute, second = (int(parts.get(unit) or 0) for unit in ("hour", "minute", "second"))
    moment = datetime(year, month, int(parts["day"] or 0), hour, minute, second, int(fraction))
    offset = parts.get("offset")
    if offset:
        return _written(moment.replace(tzinfo=_fixed(offset))), ""
    return _in_zone(moment, local) if local else None


def _fixed(offset: str) -> tzinfo:
    if offset[0] not in "+-":
        return timezone(timedelta(hours=_WORDS[offset])) if offset in _WORDS else UTC
    minutes = int(offset[1:3]) * 60 + (int(offset[-2:]) if len(offset) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _in_zone(moment: datetime, local: tzinfo) -> Parsed:
    """A time that occurs twice is the earlier; one that does not exist shifts forward."""
    here = moment.replace(tzinfo=local)
    real = here.astimezone(UTC).astimezone(local)
    if real.replace(tzinfo=None) != moment:
        return _written(real), f"{moment} does not exist in {local}: shifted forward"
    return _written(here), ""


def _written(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    if offset.seconds % 60:  # before zones were whole minutes: RFC 3339 has no seconds there
        moment = moment.astimezone(timezone(timedelta(minutes=round(offset.total_seconds() / 60))))
    whole = moment.isoformat(timespec="seconds")
    if not moment.microsecond:
        return whole
    return f"{whole[:19]}.{moment.microsecond:06}".rstrip("0") + whole[19:]


def _unix(text: str, local: tzinfo | None, unit: int = 1) -> Parsed | None:
    if not _UNIX.fullmatch(text):
        return None
    whole, _, fraction = _plain(text).partition(".")
    seconds, rest = divmod(int(whole + fraction.ljust(6, "0")[:6]), 1_000_000 * unit)
    moment = _EPOCH + timedelta(seconds=seconds, microseconds=rest // unit)
    return _written(moment.astimezone(local or UTC)), ""


def _plain(text: str) -> str:
    """Some JSON writers make 1.7145252E9 of a number."""
    return f"{Decimal(text):f}" if "e" in text or "E" in text else text


def _unix_ms(text: str, local: tzinfo | None) -> Parsed | None:
    return _unix(text, local, 1000)


def _unix_any(text: str, local: tzinfo | None) -> Parsed | None:
    if not _UNIX.fullmatch(text):
        return None
    return _unix(text, local, 1000 if abs(float(text)) > _MILLISECONDS_ABOVE else 1)


NAMED: dict[str, Callable[[str, tzinfo | None], Parsed | None]] = {
    "iso8601": _by_pattern(_ISO),
    "rfc2822": _by_pattern(_RFC2822),
    "unix": _unix,
    "unix_ms": _unix_ms,
    "unix_any": _unix_any,
}


def check_format(form: str) -> None:
    """Raises BadFormat for a format that does not exist."""
    if form not in NAMED:
        pattern(form)
