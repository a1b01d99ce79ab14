"""What does the vendor take to mean "received"? One answer for each outcome, ready where it is always the same."""

from collections.abc import Mapping
from typing import Any

from adapter.model import Ack
from adapter.spec.build.draft import Draft
from adapter.spec.diagnostics import Path
from adapter.spec.language import Answer, Template

STORED = ("accepted", "partial", "quarantined", "ignored", "unclaimed", "duplicate")
"""Outcomes that mean success to the vendor: each takes what `ack` says, and what its own key says instead."""

REFUSED = {
    "bad_signature": (401, "unauthorized"),
    "stale": (401, "unauthorized"),
    "unreadable_body": (400, "unreadable"),
}
"""Refusals, the status and the one word they are answered with; `refused` stands for all of them."""

_FORMS = {"json": "application/json", "text": "text/plain; charset=utf-8", "xml": "application/xml; charset=utf-8"}
_NO_BODY = (204, 205, 304)


def answers(draft: Draft) -> dict[str, Answer]:
    """The answers that the file words, by outcome and refusal, and `retry` for what could not be stored."""
    base = draft.get(("ack",), {})
    common = {key: ("ack", key) for key in base if key in (*_FORMS, "status", "headers", "type")}
    plain = _answer(draft, common, 200, "OK")
    found = {
        word: _answer(draft, _over(draft, common, ("ack", word)), 200, "OK") if word in base else plain
        for word in STORED
    }
    for word, (status, text) in REFUSED.items():
        worded = _over(draft, _over(draft, {}, ("ack", "refused")), ("ack", word))
        if worded:
            found[word] = _answer(draft, worded, status, text)
    if "retry_status" in base:
        found["retry"] = _retry(draft, base["retry_status"])
    for path in (("ack",), *(("ack", word) for word in base if isinstance(base[word], dict))):
        _check_bodies(draft, path)
    return found


def challenge_answer(draft: Draft, path: Path) -> Answer:
    """The answer to a handshake: plain text unless it says otherwise, and never to be taken for a page."""
    parts = {key: (*path, key) for key in draft.get(path, {}) if key in (*_FORMS, "status", "headers", "type")}
    answer = _answer(draft, parts, 200, "OK", "challenge")
    nosniff = (b"x-content-type-options", Template("nosniff", (b"nosniff",)))
    headers = (*answer.headers, nosniff)
    return Answer(answer.status, headers, answer.body, _fixed(answer.status, headers, answer.body))


def _over(draft: Draft, below: Mapping[str, Path], path: Path) -> dict[str, Path]:
    """Where each part of an answer stands: its own words lie over the common ones, one body replaces the other."""
    own = {key: (*path, key) for key in draft.get(path, {})}
    if own.keys() & _FORMS.keys():
        below = {key: at for key, at in below.items() if key not in (*_FORMS, "type")}
    return {**below, **own}


def _answer(draft: Draft, parts: Mapping[str, Path], status: int, word: str, key: str = "ack") -> Answer:
    status = draft.get(parts["status"]) if "status" in parts else status
    if status in _NO_BODY:  # RFC 9110, 15.3.5: what follows such a head is taken for the next answer
        parts = {key: at for key, at in parts.items() if key not in (*_FORMS, "type")}
    form = next((form for form in _FORMS if form in parts), "")
    if form:
        body = _body(draft, form, parts[form], key)
    else:
        body = Template(word, (word.encode(),)) if status not in _NO_BODY else Template("", ())
    media_type = draft.get(parts["type"]) if "type" in parts else _FORMS[form or "text"]
    headers = _headers(draft, parts.get("headers"), str(media_type) if body.parts or "type" in parts else "")
    return Answer(status, headers, body, _fixed(status, headers, body))


def _body(draft: Draft, form: str, path: Path, key: str) -> Template:
    if form == "json":
        return draft.json_template(path, key)
    return draft.template(path, key, "\0xml" if form == "xml" else "")


def _headers(draft: Draft, path: Path | None, media_type: str) -> tuple[tuple[bytes, Template], ...]:
    named = [(b"content-type", Template(media_type, (media_type.encode(),)))] if media_type else []
    for name in draft.get(path, {}) if path else ():
        named.append((name.lower().encode(), draft.template((*(path or ()), name), "ack")))
    return tuple(dict(named).items())


def _fixed(status: int, headers: tuple[tuple[bytes, Template], ...], body: Template) -> Ack | None:
    if not body.fixed or not all(value.fixed for _, value in headers):
        return None
    return Ack(status, tuple((name, _plain(value)) for name, value in headers), _plain(body))


def _plain(template: Template) -> bytes:
    return b"".join(part for part in template.parts if isinstance(part, bytes))


_UNAVAILABLE = Template("unavailable", (b"unavailable",))
_RETRY_HEADERS = (
    (b"content-type", Template(_FORMS["text"], (_FORMS["text"].encode(),))),
    (b"retry-after", Template("10", (b"10",))),
)


def _retry(draft: Draft, status: Any) -> Answer:
    if 200 <= status < 300:
        draft.error("ACK006", ("ack", "retry_status"), f"{status} tells the vendor that all is well",
                    "give the status on which this vendor comes again, such as 503")  # fmt: skip
    return Answer(status, _RETRY_HEADERS, _UNAVAILABLE, _fixed(status, _RETRY_HEADERS, _UNAVAILABLE))


def _check_bodies(draft: Draft, path: Path) -> None:
    """One body at most, and none beside a status that has none."""
    bodies = [form for form in _FORMS if draft.get((*path, form)) is not None]
    if bodies and draft.get((*path, "status")) in _NO_BODY:
        status = draft.get((*path, "status"))
        draft.key_error("ACK005", (*path, bodies[0]), f"an answer of {status} has no body", f"leave out {bodies[0]}:")
    if len(bodies) > 1:
        draft.key_error(
            "ACK005", (*path, bodies[1]), f"an answer has one body, here are {' and '.join(bodies)}", "keep one"
        )
