"""The answer that this vendor takes to mean "received", or "come again"."""

from collections.abc import Callable, Mapping

from adapter.expressions.evaluate import lookup
from adapter.expressions.own import pattern
from adapter.expressions.templates import render
from adapter.expressions.values import as_text
from adapter.expressions.view import View
from adapter.formats.json_text import loads
from adapter.model import Ack, Json, Refused
from adapter.spec.language import Answer, Challenge, Reference

TEXT = ((b"content-type", b"text/plain; charset=utf-8"),)
OK = Ack(200, TEXT, b"OK")
RETRY = Ack(503, (*TEXT, (b"retry-after", b"10")), b"unavailable")
DEFAULTS: Mapping[str, Ack] = {
    "retry": RETRY,
    "bad_signature": Ack(401, TEXT, b"unauthorized"),
    "stale": Ack(401, TEXT, b"unauthorized"),
    "unreadable_body": Ack(400, TEXT, b"unreadable"),
    "bad_challenge": Ack(400, TEXT, b"unreadable"),
}
"""What is answered where the vendor's file says nothing: one word, no detail."""


def ack(answers: Mapping[str, Answer], word: str, view: View, request_id: str) -> Ack:
    """The answer for an outcome or refusal, its templates filled from the request; what is missing there is empty."""
    answer = answers.get(word)
    if answer is None:
        return DEFAULTS[word]
    if answer.fixed:
        return answer.fixed
    resolve = _resolver(view, request_id)
    headers = tuple((name, _one_line(render(value, resolve))) for name, value in answer.headers)
    return Ack(answer.status, headers, render(answer.body, resolve))


def handshake(entry: Challenge, view: View, request_id: str, secret: Callable[[str], bytes]) -> Ack:
    """The answer to a handshake. Raises Refused where the caller sent something that is not to be repeated."""
    plain = _resolver(view, request_id)
    computed = not entry.rules and any(one.source == "secret" for one in entry.answer.body.references)

    def resolve(reference: Reference) -> bytes:
        if reference.source == "secret":
            return secret(reference.path[0])
        value = plain(reference)
        if not pattern(entry.shape).fullmatch(value.decode()) or (computed and _is_json(value)):
            raise Refused("bad_challenge", f"{reference.name} is not to be repeated", 400)
        return value

    if entry.answer.fixed:
        return entry.answer.fixed
    headers = tuple((name, _one_line(render(value, resolve))) for name, value in entry.answer.headers)
    return Ack(entry.answer.status, headers, render(entry.answer.body, resolve))


def _is_json(value: bytes) -> bool:
    """A number or true would be a whole body: it is not signed for just anybody."""
    try:
        loads(value)
    except ValueError:
        return False
    return True


def _one_line(value: bytes) -> bytes:
    return bytes(byte for byte in value if byte >= 0x20 and byte != 0x7F)


def _resolver(view: View, request_id: str) -> Callable[[Reference], bytes]:
    def resolve(reference: Reference) -> bytes:
        return (as_text(_SOURCES[reference.source](view, reference.path, request_id)) or "").encode()

    return resolve


_SOURCES: dict[str, Callable[[View, tuple[str, ...], str], Json]] = {
    "method": lambda view, _, __: view["method"],
    "path": lambda view, _, __: view["path"],
    "header": lambda view, path, _: view["headers"].get(path[0]),
    "query": lambda view, path, _: view["query"].get(path[0]),
    "form": lambda view, path, _: view["body"].get(path[0]) if isinstance(view["body"], dict) else None,
    "json": lambda view, path, _: lookup(view["body"], path),
    "xml": lambda view, path, _: lookup(view["body"], path),
    "request": lambda _, path, request_id: request_id if path == ("id",) else None,
}
