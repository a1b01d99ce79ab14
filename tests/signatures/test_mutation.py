"""Is one bit enough? A valid recorded callback with one bit turned is refused, except where nothing signs that bit."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.engine.decode import decode
from adapter.expressions.templates import Missing, render
from adapter.formats.json_text import loads
from adapter.model import Refused, Request, Secrets
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.encodings import ENCODINGS
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import Trial
from adapter.signatures.sns import signed_text
from adapter.signatures.written import begins, parts
from adapter.spec.language import Rule, Spec
from tests.signatures.schemes import BUILT_IN, all_schemes, recorded, scheme, vectors, verdict
from tests.signatures.test_vectors import STRICTER

WHOLE = frozenset({"body", "method", "path", "query"})

NOT_SIGNED: Mapping[str, frozenset[str]] = {
    "twilio": frozenset({"method"}),
    "twilio-json": frozenset({"method"}),
    "plivo-v3-post": frozenset({"method"}),
    "plivo-v3-get": frozenset({"method", "body"}),              # all there is to know is in the query
    "plivo-v2": frozenset({"method", "body", "query"}),         # why there is a V3
    "nexmo-hmac-md5": frozenset({"method", "path", "body"}),    # all there is to know is in the query
    "nexmo-hmac-sha1": frozenset({"method", "path", "body"}),
    "nexmo-hmac-sha256": frozenset({"method", "path", "body"}),
    "nexmo-hmac-sha512": frozenset({"method", "path", "body"}),
    "nexmo-md5hash": frozenset({"method", "path", "body"}),
    "basic-auth": WHOLE,                                        # a password proves who, not what
    "square": frozenset({"method"}),
    "mandrill": frozenset({"method"}),
    "hubspot-v2": frozenset(),
    "hubspot-v3": frozenset(),
    "qiniu-qbox": frozenset({"method"}),
    "qiniu-qiniu": frozenset(),
    "sinch-voice": frozenset({"query"}),
}  # fmt: skip
"""Which parts of a request a scheme leaves out; where none is listed it signs the body and nothing else."""

BODY_ONLY = frozenset({"method", "path", "query"})

SOME_FIELDS = {
    "adyen-notification": "eight fields of the first item",
    "aws-sns": "up to seven fields, by the message's type",
    "mailgun": "timestamp and token, nothing of the event",
    "unisender-go": "all of it; but the signature stands in it, in hex of either case",
    "wechatpay-v2-hmac": "the elements below the root, not the markup",
    "wechatpay-v2-md5": "the elements below the root, not the markup",
    "yunpian": "the values of sms_reply, not their names",
}
"""Which schemes sign fields of the body rather than all of its bytes."""


def flat(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield from flat(rule.any) if rule.any else (rule,)


def signed_parts(spec: Spec) -> set[str]:
    """Which parts of a request the rules of a spec look at, read off their templates."""
    found: set[str] = set()
    for rule in flat(spec.verify):
        places = {one.source for template in rule.templates for one in template.references}
        places |= {pairs.source.source for pairs in rule.pairs.values()}
        found |= {part for place in places for part in SIGNS.get(place, ())}
        if all_without_query(rule):
            found -= {"query"}
    return found


SIGNS = {
    "body": ("body",), "form": ("body",), "json": ("body",), "xml": ("body",), "query": ("query",),
    "method": ("method",), "path": ("path",), "path_qs": ("path", "query"), "url": ("path", "query"),
}  # fmt: skip


def all_without_query(rule: Rule) -> bool:
    """Is the URL only signed without its query, and the query nowhere else?"""
    urls = [one for template in rule.templates for one in template.references if one.source == "url"]
    plain = bool(urls) and all(any(each.name == "no-query" for each in one.filters) for one in urls)
    return plain and not any(pairs.source.source == "query" for pairs in rule.pairs.values())


@pytest.mark.parametrize("name", sorted(set(all_schemes().registry.specs) - {BUILT_IN}))
def test_what_a_scheme_does_not_sign_is_listed(name: str) -> None:
    assert WHOLE - signed_parts(scheme(name)) == NOT_SIGNED.get(name, BODY_ONLY)


def seen(spec: Spec, request: Request, secrets: Secrets) -> list[Any]:
    """For each rule what it looks at: the text that is signed, the signatures and the rest. None where a part lacks."""
    evidence = Evidence(request, spec.manner, lambda: decode(request, spec.manner).tree)
    return [
        _seen(rule, evidence, {name: secrets[f"{spec.vendor}.{name}"][0] for name in rule.secrets})
        for rule in flat(spec.verify)
    ]


def _seen(rule: Rule, evidence: Evidence, secrets: Mapping[str, bytes]) -> Any:
    trial = Trial(rule, evidence, secrets)
    with suppress(Missing, Refused):
        assert rule.signature
        text = evidence.find(rule.signature)
        prefix = rule.written.prefix.encode()
        if rule.token:
            claims = [render(template, trial.resolve) for _, template in rule.token.claims]
            return (begins(text, prefix) and text[len(prefix) :], claims)
        found = parts(rule.written, text)
        trial.named = {name.decode("latin-1"): [value] for name, value in found}
        pick = render(rule.written.pick, trial.resolve) if rule.written.pick else b""
        picked = [ENCODINGS[rule.written.encoding].read(value) for name, value in found if not pick or name == pick]
        checked = [render(side, trial.resolve) for check in rule.checks for side in check]
        times = [render(rule.timestamp.at, trial.resolve)] if rule.timestamp else []
        return (trial.message(), right(trial, picked), checked, times)
    return None


def right(trial: Trial, picked: Iterable[bytes | None]) -> list[bytes]:
    """Of several signatures those that are right: the others prove nothing, whatever becomes of them."""
    matches, key = ALGORITHMS[trial.rule.algorithm].matches, trial.key() or b""
    return [one for one in picked if one is not None and matches(key, trial.message(), one)]


def turned(raw: bytes, bit: int) -> bytes:
    place = bit // 8 % len(raw)
    return raw[:place] + bytes([raw[place] ^ (1 << bit % 8)]) + raw[place + 1 :]


def with_url(request: Request, path: bytes, query: bytes) -> Request:
    """The path and the query of a request's URL as these bytes, which a Latin-1 text can hold."""
    url = urlunsplit(urlsplit(request.url)._replace(path=path.decode("latin-1"), query=query.decode("latin-1")))
    return replace(request, query=query, url=url)


def mutated(request: Request, part: str, bit: int) -> Request | None:
    """The request with one bit of a part turned; None where it has no such part."""
    url = urlsplit(request.url)
    if part == "body":
        return replace(request, body=turned(request.body, bit)) if request.body else None
    if part == "method":
        return replace(request, method="PUT")
    if part == "query":
        return with_url(request, url.path.encode(), turned(request.query, bit & ~0x80)) if request.query else None
    if part == "path":
        return (
            with_url(request, b"/" + turned(url.path[1:].encode(), bit & ~0x80), request.query)
            if url.path[1:]
            else None
        )
    headers = tuple((name, turned(value, bit) if name.decode() == part else value) for name, value in request.headers)
    return replace(request, headers=headers) if headers != request.headers else None


def looked_at(spec: Spec) -> list[str]:
    """The parts of a request that a rule may look at: the four, and every header that it names."""
    rules = list(flat(spec.verify))
    named = {
        one.path[0]
        for rule in rules
        for template in rule.templates
        for one in template.references
        if one.source == "header"
    }
    named |= {rule.signature.path[0] for rule in rules if rule.signature and rule.signature.source == "header"}
    return sorted(WHOLE | named)


VALID: dict[str, list[Mapping[str, Any]]] = {}
for _vector in vectors():
    if _vector["valid"] and _vector["id"] not in STRICTER and _vector["spec"] in all_schemes().registry.specs:
        VALID.setdefault(_vector["spec"], []).append(_vector)


@pytest.mark.parametrize("name", sorted(set(VALID) - {BUILT_IN}))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_turned_bit_is_refused_exactly_where_a_rule_sees_it(name: str, data: st.DataObject) -> None:
    spec = scheme(name)
    request, secrets = recorded(data.draw(st.sampled_from(VALID[name])))
    part = data.draw(st.sampled_from(looked_at(spec)))
    copy = mutated(request, part, data.draw(st.integers(0, 8 * 2000)))
    if copy is None:
        return
    before, after = seen(spec, request, secrets), seen(spec, copy, secrets)
    if before == after:
        assert verdict(spec, copy, secrets) == ""
    elif not any(rule.any for rule in spec.verify):
        assert verdict(spec, copy, secrets) in ("bad_signature", "stale", "unreadable_body")
    elif not any(one == two for one, two in zip(before, after, strict=True)):
        assert verdict(spec, copy, secrets) == "bad_signature"


@pytest.mark.parametrize(
    "name", sorted(name for name in VALID if "body" not in NOT_SIGNED.get(name, ()) and name not in SOME_FIELDS)
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_no_bit_of_a_signed_body_can_be_turned(name: str, data: st.DataObject) -> None:
    spec = scheme(name)
    request, secrets = recorded(data.draw(st.sampled_from(VALID[name])))
    copy = mutated(request, "body", data.draw(st.integers(0, 8 * 2000)))
    if copy is not None and not same_form(spec, request, copy):
        assert verdict(spec, copy, secrets) in ("bad_signature", "stale", "unreadable_body")


def same_form(spec: Spec, request: Request, copy: Request) -> bool:
    """Is it the same form, written in another way, such as %2b for %2B? Then its fields are the same, and signed."""
    fields = any(pairs.source.source == "form" for rule in flat(spec.verify) for pairs in rule.pairs.values())
    try:
        return fields and decode(request, spec.manner) == decode(copy, spec.manner)
    except Refused:
        return False


@settings(max_examples=100, deadline=None)
@given(vector=st.sampled_from(VALID[BUILT_IN]), bit=st.integers(0, 8 * 2000))
def test_a_turned_bit_of_a_built_in_scheme_is_refused_where_it_is_signed(vector: Mapping[str, Any], bit: int) -> None:
    request, secrets = recorded(vector)
    copy = replace(request, body=turned(request.body, bit))
    believed = verdict(scheme(BUILT_IN), copy, secrets) == ""
    assert believed == (_named(request.body) == _named(copy.body))


def _named(body: bytes) -> Any:
    """What Amazon signs of a message, and where it says how; None for what is no message."""
    with suppress(Missing, ValueError, KeyError):
        message = loads(body)
        where = [message.get(name) for name in ("SigningCertURL", "SignatureVersion")]
        return signed_text(message), ENCODINGS["base64"].read(message["Signature"].encode()), where
    return None


@pytest.mark.parametrize(("name", "old", "new"), [
    ("adyen-notification", b'"live"', b'"test"'),
    ("mailgun", b'"event"', b'"evant"'),
    ("wechatpay-v2-md5", b"<xml>", b"<xmm>"),
    ("yunpian", b"base_extend", b"base_extent"),
])  # fmt: skip
def test_what_is_known_to_be_unsigned_really_is(name: str, old: bytes, new: bytes) -> None:
    request, secrets = recorded(VALID[name][0])
    body = request.body.replace(old, new).replace(old.replace(b"<", b"</"), new.replace(b"<", b"</"))
    if body == request.body:
        pytest.fail(f"{name}: {old!r} is not in {request.body!r}")
    assert verdict(scheme(name), replace(request, body=body), secrets) == ""
