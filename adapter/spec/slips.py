"""What did the author's hand, or input method, get wrong in an unquoted text that YAML nevertheless reads?"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from adapter.spec.diagnostics import Diagnostic, Path
from adapter.spec.source import Source

MAX_DIGITS = 4_000
WORDS = {"": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)

QUOTE_IT = "put the expression in quotes"

REACH = 1000
"""How far an expression that YAML cut is followed."""


def literal(text: str) -> str | int | None:
    """An unquoted value. Only what has one spelling is more than text, so that no code is ever altered."""
    if text in WORDS:
        return WORDS[text]
    return int(text) if len(text) <= MAX_DIGITS and INTEGER.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class Plain:
    """An unquoted text: where it stands, and as what. `fresh`: first on its line, or the item of a list."""

    source: Source
    start: int
    end: int
    text: str
    path: Path
    is_key: bool
    in_flow: bool
    fresh: bool

    def error(self, message: str, advice: str) -> Diagnostic:
        return self.source.error("YAML005", message, (self.start, self.end), advice, self.path)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a text, and the text as it was meant; None where nobody can know."""

    diagnostic: Diagnostic
    meant: str | None


def in_quotes(text: str) -> str:
    """The text as YAML in quotes, in the kind that needs no escapes if there is one."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def spot(plain: Plain) -> Slip | None:
    """The first slip in an unquoted text: one cause, one message."""
    for look in LOOKS:
        slip = look(plain)
        if slip is not None:
            return slip
    return None


CURLY = "“”‘’„‚＂＇"
INVISIBLE = "\u00a0\u3000\u200b\u200c\u200d\u2060\u2002\u2003\u2009\ufeff"
ASCII_MARKS = {"：": ":", "，": ","}
WIDE_AFTER_KEY = re.compile(r"[A-Za-z_][\w.-]*(?:[ \t]*(?=：)|:(?=[\u3000\u00a0]))(.)", re.ASCII)
WIDE_IN_FLOW = re.compile(r"[A-Za-z0-9_\"')\]}][ \t]*([：，])")


def _curly(plain: Plain) -> Slip | None:
    text = plain.text
    bare = text[1:-1]
    if len(text) < 2 or text[0] not in CURLY or text[-1] not in CURLY or not set(CURLY).isdisjoint(bare):
        return None
    message = f"the quotes around {bare} are not the ASCII ones, so they are part of the text"
    return Slip(plain.error(message, f"write {in_quotes(bare)}; if they are meant, write {in_quotes(text)}"), bare)


def _invisible(plain: Plain) -> Slip | None:
    bare = plain.text.strip(INVISIBLE + " ")
    if bare == plain.text:
        return None
    odd = plain.text[0] if plain.text[0] in INVISIBLE else plain.text[-1]
    message = f"an invisible character (U+{ord(odd):04X}) beside {bare or 'nothing'} is part of the text"
    return Slip(plain.error(message, "use plain blanks only, or put the text in quotes if it is meant"), bare)


def _wide(plain: Plain) -> Slip | None:
    """A full-width colon or comma where YAML needs its own. In other texts they are what they seem."""
    in_block = not plain.is_key and plain.fresh
    hit = WIDE_IN_FLOW.search(plain.text) if plain.in_flow else in_block and WIDE_AFTER_KEY.match(plain.text)
    return Slip(wide_mark(plain.source, plain.start, plain.end, hit.group(1), plain.path), None) if hit else None


def wide_mark(source: Source, start: int, end: int, mark: str, path: Path = ()) -> Diagnostic:
    """The first such full-width mark in a stretch of the file."""
    at = max(start, source.text.find(mark, start, end))
    meant = ASCII_MARKS.get(mark)
    if meant is None:
        message = f"a special blank (U+{ord(mark):04X}) stands where YAML needs a plain one"
        return source.error("YAML005", message, (at, at + 1), "replace it by a plain blank", path)
    message = f"a full-width '{mark}' stands where YAML needs '{meant}'"
    advice = f"type '{meant} ' with the input method in English, or put the text in quotes if it is meant"
    return source.error("YAML005", message, (at, at + 1), advice, path)


COMMENT = re.compile(r"[ \t]+(#+)(?=(\S?))")


def _cut_by_comment(plain: Plain) -> Slip | None:
    hit = COMMENT.match(plain.source.text, plain.end)
    if plain.is_key or hit is None or not ((hit.group(2) and len(hit.group(1)) == 1) or unclosed(plain.text)):
        return None
    message = "YAML takes ' #' as the begin of a comment: the value ends before it"
    otherwise = "; if it is a comment, write a blank behind the #" if hit.group(2) else ""
    advice = f"put the whole value in quotes{otherwise}"
    return Slip(plain.source.warning("YAML006", message, hit.span(1), advice, plain.path), plain.text)


def retyped_as(text: str) -> str | None:
    """What other YAML tools make of an unquoted text that is a text here."""
    return next((what for pattern, what in RETYPED if pattern.fullmatch(text)), None)


RETYPED = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), what)
    for pattern, what in (
        (r"yes|no|on|off|true|false", "true or false"),
        (r"null|~", "nothing"),
        (r"[-+]?(?:0|[1-9][0-9_]*)(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", "a number to the base 60"),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|[ \t]+)[0-9]{1,2}:[0-9:.]+[ \t]*(?:z|[-+][0-9:]+)?)?", "a date"),
        (r"[-+]?0(?:x[0-9a-f_]+|b[01_]+|o?[0-7_]+)", "a number written to another base"),
        (r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?", "a number"),
        (r"[-+]?\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?", "a number"),
        (r"[-+]?\.inf|\.nan", "a number"),
    )
)


def _retyped(plain: Plain) -> Slip | None:
    what = None if plain.is_key or literal(plain.text) is not plain.text else retyped_as(plain.text)
    if what is None:
        return None
    shown = plain.text if len(plain.text) <= 40 else plain.text[:40] + "…"
    message = f"{shown} is not quoted; other YAML tools would read it as {what}"
    at, advice = (plain.start, plain.end), f"write {in_quotes(shown)}"
    return Slip(plain.source.warning("YAML007", message, at, advice, plain.path), plain.text)


LOOKS: tuple[Callable[[Plain], Slip | None], ...] = (_curly, _invisible, _wide, _cut_by_comment, _retyped)


PAIRS = {"(": ")", "[": "]", "{": "}"}


def unclosed(text: str) -> bool:
    """Does a bracket or quote that opens here stay open?"""
    return _walk(text, 0, len(text)) is None


def is_cut(plain: Plain) -> bool:
    """Did a comma or colon of the flow collection around it end this expression?"""
    text, at = plain.source.text, plain.end
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    return text[at : at + 1] in {",", ":"} and unclosed(plain.text)


def cut_end(text: str, start: int) -> int | None:
    """Where the expression that begins here was meant to end: the next comma or bracket of what is around it."""
    end = _walk(text, start, min(len(text), start + REACH), ",}]\n")
    return None if end is None else start + len(text[start:end].rstrip())


def _walk(text: str, at: int, end: int, stops: str = "") -> int | None:
    """Follow brackets and quotes up to `end`, or to a stop outside of them; None if one stays open."""
    awaited: list[str] = []
    while at < end:
        character = text[at]
        if not awaited and character in stops:
            return at
        if awaited and character == awaited[-1]:
            awaited.pop()
        elif character in PAIRS:
            awaited.append(PAIRS[character])
        elif character in "'\"`" and not text[at - 1 : at].isalnum():
            closing = text.find(character, at + 1, end)
            if closing < 0:
                return None
            at = closing
        at += 1
    return None if awaited else at
