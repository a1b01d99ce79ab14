"""What must not stand in a file that many people read? Numbers and addresses keep their shape, passwords go."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from adapter.expressions.values import as_text
from adapter.http_text import NOTIFY, Written
from adapter.scaffold import names, shapes
from adapter.scaffold.nouns import Group, Sample
from adapter.scaffold.signs import spelt, unusual

PASSWORD = "masked"  # noqa: S105
IN_QUERIES = ("tok", "key", "sig", "sign", "signature", "pass", "pin", "hash", "credential", "credentials")
"""Names that mostly stand before a password in a URL, unless what follows is a digest."""
_IN_TEXT = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")

_GROUPED_IN_TEXT = re.compile(r"(?<=\+)[1-9](?:[ ().-]{0,2}[0-9]){8,14}(?![0-9])")
"""`+1 (555) 123-4567`. In texts only behind a +, and with more digits than a time zone and a year."""


def hidden(groups: Iterable[Group], phones: bool) -> dict[str, str]:
    """What is replaced by what: passwords always, phone numbers where it is asked for."""
    found: dict[str, str] = {}
    for group in groups:
        for leaf in group.leaves:
            if names.is_secret(leaf.name) and not any(map(shapes.digest, leaf.texts)):
                found.update({text: PASSWORD for text in leaf.texts if len(text) >= 4})
    if phones:
        numbers: dict[str, bool] = {}
        for number, bare in _numbers(groups):
            numbers[number] = bare or numbers.get(number, False)
        people = {digits: place for place, digits in enumerate(dict.fromkeys(map(_digits, numbers)))}
        for number, bare in numbers.items():
            found[number] = _like(number, masked(_digits(number), people[_digits(number)], bare))
        found.update({address: f"user{place}@example.org" for place, address in enumerate(_addresses(groups))})
    return found


def _addresses(groups: Iterable[Group]) -> dict[str, None]:
    """The e-mail addresses to which and from which something was sent."""
    named = [one.leaf for group in groups for name, one in group.guesses.items() if name in ("to", "from")]
    return dict.fromkeys(text for leaf in named for text in leaf.texts if shapes.is_email(text))


def _numbers(groups: Iterable[Group]) -> Iterator[tuple[str, bool]]:
    """Numbers of people, without their +, and whether they stand there as JSON numbers."""
    for group in groups:
        ours = {one.leaf.expression for name, one in group.guesses.items() if name in ("to", "from")}
        for leaf in group.leaves:
            for value in leaf.values:
                text = (as_text(value) or "").strip()
                if shapes.is_phone(text) or (leaf.expression in ours and _personal(text)):
                    yield from _bare(text, not isinstance(value, str))
                elif leaf.expression in ours and shapes.is_grouped(text):
                    yield text.removeprefix("+"), False
                yield from ((number, False) for number in _IN_TEXT.findall(text) if shapes.is_words(text))
                yield from ((number, False) for number in _GROUPED_IN_TEXT.findall(text))


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def _like(number: str, digits: str) -> str:
    """The digits in the shape of a number that may be written in groups."""
    rest = iter(digits)
    return digits if number.isdecimal() else "".join(next(rest) if one.isdecimal() else one for one in number)


def _bare(text: str, number: bool) -> Iterator[tuple[str, bool]]:
    digits = text.removeprefix("+")
    if digits.isdecimal():
        yield digits, number


def _personal(text: str) -> bool:
    digits = text.removeprefix("+")
    return digits.isdecimal() and len(digits) >= 7 and not shapes.is_service_number(digits)


def masked(number: str, place: int, bare: bool = False) -> str:
    """A number of the same length that is nobody's: its head, a counter, asterisks (noughts in a JSON number)."""
    head, tail = number[:3], "0000" if bare else "****"
    return head + str(place).rjust(len(number) - len(head) - len(tail), "0") + tail


def example(sample: Sample, replaced: Mapping[str, str]) -> Written:
    """The request as an example shows it: our URL with a token of no worth, only headers that say something."""
    path, _, query = sample.written.target.partition("?")
    notify = NOTIFY.fullmatch(path)
    query = "&".join(_parameter(piece, replaced) for piece in query.split("&"))
    target = f"/notify/sms/1/111{(notify[4] or '') if notify else ''}{'?' + query if query else ''}"
    charset = sample.charset or "utf-8"
    body = _without(sample.written.body.decode(charset, "replace"), replaced)
    kept = {name.lower(): value for name, value in unusual(sample).items() if name != "Authorization"}
    kept = {name: _shown(name, value, replaced) for name, value in kept.items()}
    said = dict(sample.written.headers).get(b"content-type", b"").decode("latin-1")
    if sample.charset and not body.isascii():
        said = re.sub(r";\s*charset=[^;]*", "", said or "text/plain") + f"; charset={sample.charset}"
    headers = ({"content-type": said} if said else {}) | kept
    pairs = tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())
    return Written(sample.written.method, target, pairs, body.encode(charset, "replace"))


def _parameter(piece: str, replaced: Mapping[str, str]) -> str:
    """A `name=value` of the query."""
    name, equals, value = piece.partition("=")
    secret = names.is_secret(name) or (names.plain(name) in IN_QUERIES and not shapes.digest(value))
    return f"{name}={PASSWORD}" if equals and secret else name + equals + _without(value, replaced)


def _shown(name: str, value: str, replaced: Mapping[str, str]) -> str:
    return PASSWORD if names.is_secret(name.removeprefix("x-")) else _without(value, replaced)


def _without(text: str, replaced: Mapping[str, str]) -> str:
    for shown, instead in replaced.items():
        edge = "[0-9A-Za-z]" if re.search("[A-Za-z]", shown) else "[0-9]"
        before, after = rf"(?:(?<!{edge})|(?<=%[0-9A-Fa-f]{{2}}))", rf"(?!{edge})"
        text = re.sub(f"{before}{''.join(map(_spelt, shown))}{after}", partial(_instead, shown, instead), text)
    return text


def _spelt(character: str) -> str:
    """As it is, or as forms and queries write it."""
    if character.isascii() and character.isalnum():
        return character
    escapes = "".join(f"%{byte:02X}" for byte in character.encode())
    return f"({re.escape(character)}|(?i:{escapes}){'|[+]' if character == ' ' else ''})"


def _instead(shown: str, instead: str, hit: re.Match[str]) -> str:
    """What stands for it; what is the same in both is spelt as it was."""
    if len(shown) != len(instead) or not hit.re.groups:
        return instead
    spelt = iter(hit.groups())
    return "".join(
        new if old.isascii() and old.isalnum() else next(spelt) for old, new in zip(shown, instead, strict=True)
    )


def as_text_of(sample: Sample, written: Written) -> str:
    """The request as raw HTTP text."""
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in written.headers)
    headers = [f"{spelt(sample, name)}: {value}" for name, value in pairs]
    head = "\n".join([f"{written.method} {written.target}", *headers])
    body = written.body.decode(sample.charset or "utf-8", "replace").replace("\r\n", "\n")
    return f"{head}\n\n{body}\n" if body else f"{head}\n"
