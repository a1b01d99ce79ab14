"""How does a vendor prove that it sent a request? The rules under `verify`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapter.expressions.parse import BadExpression
from adapter.expressions.templates import reference
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.keys import DECODES
from adapter.signatures.proof import proves
from adapter.signatures.rules import SNS
from adapter.spec.build.draft import Draft
from adapter.spec.diagnostics import Path
from adapter.spec.language import (
    Applies,
    Key,
    Listed,
    Pairs,
    Reference,
    Rule,
    Segment,
    Template,
    Timestamp,
    Token,
    Written,
)  # fmt: skip

PLACES = ("header", "query", "form", "json", "xml")
"""Where a signature may stand."""

JWT = "jwt"
_BUILT_IN = {SNS: Reference("json", ("Signature",))}
_EMPTY = Template("", ())
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def rules(draft: Draft, path: Path = ("verify",)) -> tuple[Rule, ...]:
    """The rules under `verify`, all of which must hold."""
    found = (_rule(draft, (*path, place), one) for place, one in enumerate(draft.listed(path)))
    return tuple(rule for rule in found if rule is not None)


def _rule(draft: Draft, path: Path, value: Mapping[str, Any]) -> Rule | None:
    if "any" not in value and not _complete(draft, path, value):
        return None
    for other in sorted(set(value) - {"any", "when"}) if "any" in value else ():
        hint = "put it into each of the rules, or into a rule of its own"
        draft.key_error("SIG012", (*path, other), f"'{other}' beside any: would not be asked", hint)
    word = str(value.get("is", ""))
    place = next((place for place in PLACES if place in value), "")
    rule = Rule(
        algorithm=word,
        message=draft.template((*path, "of"), "verify") if "of" in value else _EMPTY,
        signature=_signature(draft, path, place, str(value[place])) if place else _BUILT_IN.get(word),
        key=_key(draft, (*path, "key")) if "key" in value else None,
        written=_written(draft, path, value),
        timestamp=_timestamp(draft, path, value),
        pairs={name: _pairs(draft, (*path, name)) for name in ("pairs", "pairs2") if name in value},
        listed=_listed(draft, (*path, "list")) if "list" in value else None,
        let={name: draft.template((*path, "let", name), "verify") for name in value.get("let", {})},
        checks=_checks(draft, (*path, "check")),
        token=_token(draft, path, value) if word == JWT else None,
        when=_applies(draft, (*path, "when")),
        any=rules(draft, (*path, "any")),
        place=draft.place(path),
    )
    rule = _with_root(draft, path, rule)
    _check_sources(draft, path, rule)
    _check_branches(draft, path, rule)
    return rule


def _check_branches(draft: Draft, path: Path, rule: Rule) -> None:
    """Of rules under `any` the weakest protects: none may do without a secret."""
    if not any(map(proves, rule.any)):
        return
    for place, one in enumerate(rule.any):
        if not proves(one):
            hint = "give it key: or {secret.…} in of:, or take it out"
            draft.error("SIG004", (*path, "any", place), "this rule uses no secret: anybody could pass by it", hint)


def _complete(draft: Draft, path: Path, value: Mapping[str, Any]) -> bool:
    """Does a rule say how, of what, and where?"""
    word = value.get("is")
    places = [place for place in PLACES if place in value]
    if word is None:
        draft.error("SIG012", path, "a rule needs is: or any:", "say how the vendor signs, such as is: hmac-sha256")
        return False
    if word == SNS:
        return _complete_sns(draft, path, value)
    if word != JWT and "of" not in value:
        draft.error("SIG012", path, "a rule needs of:", 'say what is signed, such as of: "{body}"')
    if len(places) != 1:
        draft.error(
            "SIG012", path, "a rule says in one place where the signature is", f"give one of: {', '.join(PLACES)}"
        )
        return False
    keyed = word == JWT or ALGORITHMS[word].keyed
    if keyed and "key" not in value:
        draft.error("SIG013", path, f"{word} needs a key", "add key: with the name of the secret")
        return False
    if "key" in value and not keyed:
        hint = "put {secret.name} into of:, or use hmac-…"
        draft.error("SIG013", (*path, "key"), f"{word} takes no key", hint)
    return True


def _complete_sns(draft: Draft, path: Path, value: Mapping[str, Any]) -> bool:
    if "key" not in value:
        hint = "add key: with the name of the secret that holds the topic's ARN"
        draft.error("SIG013", path, "aws-sns needs a key: anybody may have a topic that Amazon signs for", hint)
    for word in value:
        if word not in ("is", "key", "at", "unit", "within", "when"):
            draft.key_error(
                "SIG017", (*path, word), f"aws-sns takes no {word}", "Amazon says what is signed, and where"
            )
    return "key" in value


def _signature(draft: Draft, path: Path, place: str, name: str) -> Reference:
    if place in ("json", "xml"):
        return Reference(place, draft.name_path((*path, place), name) or ("",))
    return Reference(place, (name.lower() if place == "header" else name,))


def _key(draft: Draft, path: Path) -> Key:
    value = draft.get(path)
    if isinstance(value, str):
        return Key(value)
    optional = {name: draft.template((*path, name), "verify") for name in ("derive", "id") if name in value}
    decode = value.get("decode", "")
    return Key(value.get("secret", ""), value.get("strip", ""), decode if decode in DECODES else "", **optional)


def _written(draft: Draft, path: Path, value: Mapping[str, Any]) -> Written:
    return Written(
        encoding=value.get("encoding", "text" if value.get("is") == "equal" else "hex"),
        prefix=value.get("prefix", ""),
        split=value.get("split", ""),
        pair=value.get("pair", ""),
        pick=draft.template((*path, "pick"), "verify") if "pick" in value else None,
    )


def _pairs(draft: Draft, path: Path) -> Pairs:
    value = draft.get(path)
    return Pairs(
        source=_pairs_source(draft, (*path, "from"), str(value.get("from", ""))),
        only=draft.template((*path, "only"), "verify") if "only" in value else None,
        require=tuple(str(name).lower() for name in value.get("require", [])),
        exclude=tuple(map(str, value.get("exclude", []))),
        drop_empty=value.get("drop_empty", False),
        unique=value.get("unique", False),
        sort=value.get("sort", "name"),
        replace=_replacements(value.get("replace", {})),
        replace_key=_replacements(value.get("replace_key", {})),
        quote=value.get("quote", False),
        pair=tuple(piece.encode() for piece in re.split(r"(\{[kv]\})", value.get("pair", "{k}={v}")) if piece),
        join=value.get("join", "&").encode(),
    )


def _replacements(value: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((old.encode(), new.encode()) for old, new in value.items())


def _pairs_source(draft: Draft, path: Path, text: str) -> Reference:
    source, _, rest = text.partition(".")
    if source not in PLACES or (rest and source not in ("json", "xml")):
        draft.error("SIG015", path, f"'{text}' is no place with names and values", f"one of: {', '.join(PLACES)}")
    return Reference(source, draft.name_path(path, rest) or () if rest else ())


def _listed(draft: Draft, path: Path) -> Listed:
    items = tuple(
        draft.template((*path, "items", place), "verify") for place in range(len(draft.listed((*path, "items"))))
    )
    return Listed(items, draft.get((*path, "sort"), False), draft.get((*path, "join"), "").encode())


def _checks(draft: Draft, path: Path) -> tuple[tuple[Template, Template], ...]:
    paths = [(*path, place) for place in range(len(draft.listed(path)))]
    return tuple((draft.template((*at, "left"), "verify"), draft.template((*at, "right"), "verify")) for at in paths)


def _token(draft: Draft, path: Path, value: Mapping[str, Any]) -> Token:
    allow = tuple(value.get("allow", ()))
    if not allow or len({name[:2] for name in allow}) > 1:
        draft.error("SIG016", (*path, "allow") if allow else path, "jwt needs the algorithms of one family",
                    "add allow: such as [HS256]")  # fmt: skip
    claims = tuple((name, draft.template((*path, "claims", name), "verify")) for name in value.get("claims", {}))
    return Token(allow, tuple(value.get("require", ("exp",))), _span(draft, (*path, "leeway"), 60.0) or 0.0, claims)


def _applies(draft: Draft, path: Path) -> Applies:
    if draft.get(path) is None:
        return Applies()
    return Applies(
        tuple(str(word).upper() for word in draft.listed((*path, "method"))),
        tuple(str(word).lower() for word in draft.listed((*path, "headers"))),
        tuple(str(word) for word in draft.listed((*path, "body"))),
    )


def _timestamp(draft: Draft, path: Path, value: Mapping[str, Any]) -> Timestamp | None:
    if "at" not in value:
        for word in ("within", "unit"):
            if word in value:
                hint = 'say where the time is: at: "{header.X-Timestamp}"'
                draft.error("SIG014", (*path, word), f"{word}: needs at:", hint)
        return None
    at = draft.template((*path, "at"), "at")
    if at.parts and not at.references:
        draft.error("SIG018", (*path, "at"), f"'{at.text}' is text, not a place", f'write at: "{{{at.text}}}"')
    return Timestamp(at, value.get("unit", "s"), _span(draft, (*path, "within"), None))


def _span(draft: Draft, path: Path, default: float | None) -> float | None:
    text = draft.get(path)
    if text is None:
        return default
    found = _DURATION.fullmatch(str(text))
    if not found:
        draft.error("SIG014", path, f"'{text}' is not a length of time", "write 300s, 5m or 1h")
        return default
    return int(found[1]) * _SECONDS[found[2]]


def _with_root(draft: Draft, path: Path, rule: Rule) -> Rule:
    """The rule with `{it.name}` standing for a member of the object that `with` names."""
    text = draft.get((*path, "with"))
    if text is None:
        return rule
    try:
        root = reference(str(text), 0, "verify")
    except BadExpression as bad:
        draft.error(bad.code, (*path, "with"), bad.message, bad.help)
        return rule
    listed, stamp = rule.listed, rule.timestamp
    return replace(
        rule,
        message=_rooted(rule.message, root),
        let={name: _rooted(one, root) for name, one in rule.let.items()},
        checks=tuple((_rooted(left, root), _rooted(right, root)) for left, right in rule.checks),
        listed=listed and replace(listed, items=tuple(_rooted(one, root) for one in listed.items)),
        timestamp=stamp and replace(stamp, at=_rooted(stamp.at, root)),
    )


def _rooted(template: Template, root: Reference) -> Template:
    def rooted(part: bytes | Reference) -> bytes | Reference:
        if isinstance(part, Reference) and part.source == "it":
            return replace(part, source=root.source, path=(*root.path, *part.path))
        return part

    parts = (
        Segment(tuple(map(rooted, part.parts))) if isinstance(part, Segment) else rooted(part)
        for part in template.parts
    )
    return Template(template.text, tuple(parts))


def _leads_to(name: str, wanted: str, let: Mapping[str, Template], seen: tuple[str, ...]) -> bool:
    """Does a template under let: ask, in the end, for itself?"""
    asked = [one.path[0] for one in let[name].references if one.source == "let" and one.path[0] in let]
    return wanted in asked or any(
        _leads_to(one, wanted, let, (*seen, one)) for one in asked if one not in seen and one != name
    )


_NEEDS = {
    "pairs": "pairs",
    "pairs2": "pairs2",
    "list": "list",
    "sig": "pair",
    "claim": "is: jwt",
    "it": "with",
    "key": "derive",
}


def _check_sources(draft: Draft, path: Path, rule: Rule) -> None:
    """A template may only ask for what its rule has."""
    known = {*rule.pairs, *(["list"] if rule.listed else []), *(["claim"] if rule.token else [])}
    known |= {"sig"} if rule.written.pair else set()
    derive = rule.key.derive if rule.key else None
    if derive is not None and not any(
        one.source in ("key", "secret") and not one.optional for one in derive.references
    ):
        hint = 'use {key} in it, such as derive: "{key|sha1}"'
        draft.error("SIG013", (*path, "key", "derive"), "this key is not made of the secret", hint)
    for name in rule.let:
        if _leads_to(name, name, rule.let, ()):
            draft.error(
                "TMPL001", (*path, "let", name), f"'{name}' is made of itself", "take it out of its own template"
            )
    for template in rule.templates:
        for one in template.references:
            if one.source == "let" and one.path[0] not in rule.let:
                draft.error("TMPL001", path, f"{{let.{one.path[0]}}} has no let: {one.path[0]}", "add it under let:")
            elif one.source == "key" and template is derive:
                continue
            elif one.source in _NEEDS and one.source not in known:
                draft.error("TMPL001", path, f"{{{one.source}}} needs {_NEEDS[one.source]}:", "add it to the rule")
