"""Does it look signed? Where, and by which algorithm if the length of the digest says the truth?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import new

from adapter.formats.form_text import pairs
from adapter.scaffold import names, shapes, ways
from adapter.scaffold.nouns import Group, Sample

_SIGNED = re.compile(r"sign|^sig|checksum|check_?sum|digest|hmac|hash$|^md5$|^sha")
_BESIDE = re.compile(r"time|nonce|random|^ts$|^date$")
ORDINARY = re.compile(
    r"host|user-agent|accept.*|connection|content-.*|transfer-encoding|x-forwarded-.*|x-real-ip|via|forwarded|date|"
    r"cookie|origin|referer|cache-control|pragma|expect|te|upgrade.*|sec-.*|cf-.*|cdn-.*|true-client-ip|traceparent|"
    r"tracestate|x-request-id|x-amzn-.*|x-b3-.*|x-envoy-.*|postman-token|priority|dnt"
)
"""Headers that any client or proxy sends."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A likely signature: the place as `verify` writes it, its name, the rule, and why."""

    place: str
    name: str
    rule: str
    why: str


def unusual(sample: Sample) -> dict[str, str]:
    """Headers that this vendor sends and other clients do not, as names are usually written."""
    found = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in sample.written.headers)
    return {spelt(sample, name): value for name, value in found if not ORDINARY.fullmatch(name)}


def spelt(sample: Sample, name: str) -> str:
    """A header's name as it was written, else as such names are usually written."""
    return sample.spelling.get(name, "-".join(part.capitalize() for part in name.split("-")))


def signs(sample: Sample, group: Group) -> list[Sign]:
    """Everything that looks like a signature or a password, headers first."""
    headers = unusual(sample)
    found = [one for name, value in headers.items() if (one := _header(sample, name, value, headers))]
    return [*found, *_parameters(sample), *_fields(sample, group)]


def _parameters(sample: Sample) -> Iterator[Sign]:
    """Passwords in the query of a request that has a body."""
    query = sample.written.target.partition("?")[2] if sample.body != "query" else ""
    for raw, value in pairs(query.encode()):
        name = raw.decode("utf-8", "replace")
        if value and names.is_secret(name) and ways.path((name,)):
            yield Sign("query", name, f'{{query: {name}, is: equal, of: "{{secret.token}}"}}', "a password")


def _header(sample: Sample, name: str, value: str, headers: dict[str, str]) -> Sign | None:
    bare = name.lower().removeprefix("x-")
    if bare == "authorization":
        return _authorization(value)
    prefix = next(iter(re.findall(r"^(?:sha1|sha256|sha512|md5)=", value)), "")
    looks = shapes.digest(value.removeprefix(prefix))
    if looks and _SIGNED.search(bare):
        return _digested(sample, name, value, prefix, looks, _beside(sample, headers, name))
    if names.is_secret(bare):
        return Sign("header", name, f'{{header: {name}, is: equal, of: "{{secret.token}}"}}', "a password")
    return None


def _beside(sample: Sample, headers: dict[str, str], name: str) -> str:
    """What else is probably signed: times, nonces and a digest of the body in the headers' order, else the body."""
    digests = [other for other, value in headers.items() if other != name and _of_the_body(sample, other, value)]
    beside = [other for other in headers if other != name and (other in digests or _BESIDE.search(names.plain(other)))]
    return "".join(f"{{header.{other}}}" for other in beside) + ("" if digests else "{body}")


def _of_the_body(sample: Sample, name: str, value: str) -> str:
    """Why a header is a plain digest of the body, or nothing."""
    looks = shapes.digest(value)
    if looks is None or looks[0] != "hex":
        return ""
    if new(looks[1], sample.written.body, usedforsecurity=False).hexdigest() == value.lower():
        return f"it is the {looks[1]} of the body"
    return "the body, by its name" if names.plain(name) in ("md5", "contentmd5", "bodymd5", "xmd5") else ""


def _authorization(value: str) -> Sign:
    if value.lower().startswith("basic "):
        rule = '{header: Authorization, prefix: "Basic ", encoding: base64, is: equal, of: "{secret.userpass}"}'
        return Sign("header", "Authorization", rule, "a user and a password")
    if re.match(r"bearer +[\w-]+\.[\w-]+\.[\w-]+$", value, re.I):
        rule = '{header: Authorization, prefix: "Bearer ", is: jwt, key: app_secret, allow: [HS256]}'
        return Sign("header", "Authorization", rule, "a JWT")
    return Sign("header", "Authorization", '{header: Authorization, is: equal, of: "{secret.token}"}', "a password")


def _digested(sample: Sample, name: str, value: str, prefix: str, looks: tuple[str, str], signed: str) -> Sign:
    written, algorithm = looks
    why = _counted(value.removeprefix(prefix), written)
    place = f"header: {name}" + (f', prefix: "{prefix}"' if prefix else "")
    plain = _of_the_body(sample, name, value)
    if plain:
        return Sign("header", name, f'{{{place}, is: {algorithm}, of: "{{body}}"}}', f"{why}: {plain}")
    return Sign("header", name, _rule(place, written, algorithm, signed), why)


def _counted(value: str, written: str) -> str:
    return f"{len(value)} {'hex digits' if written == 'hex' else 'base64 characters'}"


def _rule(place: str, written: str, algorithm: str, signed: str) -> str:
    """Short digests are mostly made of the secret and the rest in one text, longer ones with a key."""
    encoding = ", encoding: base64" if written == "base64" else ""
    if algorithm == "md5" or (algorithm == "sha1" and written == "hex"):
        return f'{{{place}, is: {algorithm}{encoding}, of: "{{secret.app_secret}}{signed}"}}'
    return f'{{{place}, is: hmac-{algorithm}, key: app_secret{encoding}, of: "{signed}"}}'


def _fields(sample: Sample, group: Group) -> Iterator[Sign]:
    source = sample.body if sample.body in ("form", "query", "json", "xml") else "form"
    for leaf in group.leaves:
        path = ways.path(leaf.path)
        if not path or 0 in leaf.path:
            continue
        looks = shapes.digest(leaf.first)
        if looks and _SIGNED.search(leaf.name.lower()):
            yield _field(source, path, group, looks, leaf.first)
        elif names.is_secret(leaf.name) and len(leaf.first) >= 4:
            rule = f'{{{source}: {path}, is: equal, of: "{{secret.token}}"}}'
            yield Sign(source, path, rule, "a password")


def _field(source: str, path: str, group: Group, looks: tuple[str, str], value: str) -> Sign:
    written, algorithm = looks
    beside = [ways.path(leaf.path) for leaf in group.leaves if _BESIDE.search(leaf.name.lower()) and 0 not in leaf.path]
    signed = "".join(f"{{{source}.{other}}}" for other in beside if other)
    return Sign(source, path, _rule(f"{source}: {path}", written, algorithm, signed), _counted(value, written))


def headers_in_all(samples: Sequence[Sample]) -> list[str]:
    """Unusual headers that every sample has, passwords left out."""
    every = [unusual(sample) for sample in samples]
    return [name for name in every[0] if name != "Authorization" and all(name in one for one in every)]
