"""How much does a signature prove? Whether nothing of a body can be exchanged, and for how long it can be replayed."""

from collections.abc import Sequence

from adapter.signatures.rules import SNS
from adapter.spec.language import Reference, Rule, Template

TREES = frozenset({"form", "json", "xml"})
ADDRESS = frozenset({"url", "path_qs"})


def proves(rule: Rule) -> bool:
    """Could nobody without a secret make what this rule asks for? A secret that is named but not signed proves
    nothing, nor one in a segment that may be left out."""
    if rule.any:
        return all(map(proves, rule.any))
    checked = (side for check in rule.checks for side in check)
    return rule.key is not None or any(_reached(template, rule, ()) for template in (rule.message, *checked))


def _reached(template: Template, rule: Rule, seen: tuple[str, ...]) -> bool:
    """Does a secret reach this text whatever the request says?"""
    return any(isinstance(part, Reference) and _reaches(part, rule, seen) for part in template.parts)


def _reaches(part: Reference, rule: Rule, seen: tuple[str, ...]) -> bool:
    if part.source == "secret" or any(one.source == "secret" for each in part.filters for one in each.arguments):
        return True
    if part.source == "list" and rule.listed:
        return any(_reached(item, rule, seen) for item in rule.listed.items)
    name = part.path[0] if part.source == "let" else ""
    return name in rule.let and name not in seen and _reached(rule.let[name], rule, (*seen, name))


def covers(rules: Sequence[Rule]) -> bool:
    """Is the whole body signed, whichever of the rules a request meets?"""
    proving = [rule for rule in rules if rule.secrets]
    good = [rule for rule in proving if _covers(rule) or _covers_by_digest(rule, rules)]
    return any(_unconditional(rule) for rule in good) or (bool(proving) and len(good) == len(proving))


def _unconditional(rule: Rule) -> bool:
    return not (rule.when.methods or rule.when.headers or rule.when.bodies)


def _covers(rule: Rule) -> bool:
    if rule.any:
        return all(map(_covers, rule.any))
    seen = _references(rule)
    if rule.algorithm == SNS or any(one.source == "body" for one in seen):
        return True
    sources = [rule.pairs[one.source] for one in seen if one.source in rule.pairs]
    if any(each.source.source in TREES and not each.source.path and not each.only for each in sources):
        return True
    return rule.when.methods == ("GET",) and any(one.source in ADDRESS for one in seen)  # which has no body


def _covers_by_digest(rule: Rule, others: Sequence[Rule]) -> bool:
    """Another rule binds a header to the body, and this one signs that header."""
    signed = {(one.source, one.path) for one in _references(rule)}
    digests = [other.signature for other in others if not other.secrets and not other.any and _covers(other)]
    return any(one is not None and (one.source, one.path) in signed for one in digests)


def _references(rule: Rule) -> list[Reference]:
    return [one for template in rule.templates for one in template.references]


def _time_is_signed(rule: Rule) -> bool:
    """A time that is not signed can be made fresh by anybody."""
    assert rule.timestamp
    if rule.algorithm == SNS or rule.token:
        return True
    others = {
        (one.source, one.path) for each in rule.templates if each is not rule.timestamp.at for one in each.references
    }
    at = rule.timestamp.at.references
    whole = any(source == "body" or source in rule.pairs for source, _ in others)
    return all((one.source, one.path) in others or (whole and one.source in TREES) for one in at)


OWN = 0.0


def replay(rules: Sequence[Rule]) -> float | None:
    """For how many seconds a callback that was seen can be sent again: None for ever, 0 for what its token says."""
    proving = [rule for rule in rules if rule.secrets]
    always = [_window(rule) for rule in proving if _unconditional(rule)]
    bounded = [window for window in always if window is not None]
    return min(bounded) if bounded else _weakest([_window(rule) for rule in proving])


def _weakest(windows: Sequence[float | None]) -> float | None:
    bounded = [window for window in windows if window is not None]
    return max(bounded) if bounded and len(bounded) == len(windows) else None


def _window(rule: Rule) -> float | None:
    if rule.any:
        return _weakest([_window(one) for one in rule.any])
    if rule.timestamp and rule.timestamp.within and _time_is_signed(rule):
        return rule.timestamp.within
    return OWN if rule.token and "exp" in rule.token.require else None
