"""Will the vendor take our answer to mean "received"?"""

import json
import re
from collections.abc import Iterator

from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, warning
from adapter.spec.diagnostics import Path
from adapter.spec.language import Spec

_REFERENCE = re.compile(r"\{[A-Za-z_][^{}]*\}")
STORED = ("accepted", "partial", "ignored", "duplicate")
"""Outcomes that every vendor must take as success. One may want to see the others again."""


def bad_json(draft: Draft, _: Spec) -> Found:
    for path in _answers(draft):
        text = draft.get((*path, "text"))
        if isinstance(text, str) and text.lstrip()[:1] in ("{", "[") and not _is_json(text):
            message = "this looks like JSON, and is none"
            yield warning((*path, "text"), message, "write it under json:, which cannot go wrong")


def _is_json(text: str) -> bool:
    """Whatever a reference may give counts as a number, which may stand in quotes too."""
    try:
        json.loads(_REFERENCE.sub("0", text))
    except ValueError:
        return False
    return True


def no_success(draft: Draft, _: Spec) -> Found:
    for path in (("ack",), *(("ack", word) for word in STORED)):
        status = draft.get((*path, "status"))
        if isinstance(status, int) and not 200 <= status < 300:
            message = f"{status} does not tell a vendor that its callback was received"
            hint = "write the status that the vendor's page asks for, such as 200"
            yield warning((*path, "status"), message, hint, 0)


_TYPES = {"json": re.compile(r".*\bjson\b.*|text/.*"), "xml": re.compile(r".*\bxml\b.*|text/.*")}


def other_type(draft: Draft, _: Spec) -> Found:
    for path in _answers(draft):
        media_type = str(draft.get((*path, "type"), "")).lower()
        for form in _TYPES if media_type else ():
            if _differs(draft, path, form, media_type):
                message = f"the answer is {form}, and its type says '{media_type}'"
                yield warning((*path, "type"), message, "remove type:, the right one is sent by itself", 0)


def _differs(draft: Draft, path: Path, form: str, media_type: str) -> bool:
    return draft.get((*path, form)) is not None and not _TYPES[form].fullmatch(media_type)


def json_in_quotes(draft: Draft, _: Spec) -> Found:
    """`json: '{"code": 0}'` answers with a text in quotes."""
    for path in _answers(draft):
        value = draft.get((*path, "json"))
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            message = "this is a text: the vendor gets it in quotes, with a \\ before each quote inside"
            hint = "write the value itself, such as json: {code: 0}, or put the text under text:"
            yield warning((*path, "json"), message, hint)


def _answers(draft: Draft) -> Iterator[Path]:
    """Where an answer is worded: the general one, those of single outcomes, those to handshakes."""
    ack = draft.get(("ack",), {})
    outcomes = (("ack", word) for word in ack if word not in ("headers", "json"))
    handshakes = (("challenge", place) for place in range(len(draft.listed(("challenge",)))))
    yield from (path for path in (("ack",), *outcomes, *handshakes) if isinstance(draft.get(path), dict))
