"""How do code scanners want what was found? A SARIF 2.1.0 log.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapter.spec.finding import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "codeAndPath/v1"
"""Of the code and the path of keys: it stays when lines move."""

LEVELS = {"error": "error", "warning": "warning"}


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a code means in general: a title, and a paragraph with what to do."""

    title: str
    text: str


def sarif(findings: Sequence[Finding], texts: Mapping[str, RuleText]) -> str:
    """The log. A code without a text of its own has the help of its first finding."""
    codes = list(dict.fromkeys(one.code for one in findings))
    driver = {"name": "adapter", "rules": [_rule(code, _text(code, findings, texts)) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(one, codes.index(one.code)) for one in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _text(code: str, findings: Sequence[Finding], texts: Mapping[str, RuleText]) -> RuleText:
    first = next(one for one in findings if one.code == code)
    return texts.get(code) or RuleText(code, first.help or first.message)


def _rule(code: str, text: RuleText) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": text.title}, "help": {"text": text.text}}


def _result(finding: Finding, place_of_rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": place_of_rule,
        "level": LEVELS.get(finding.severity, "note"),
        "message": {"text": finding.text or finding.code},
        "locations": [_location(finding)] if finding.line else [],
        "partialFingerprints": {FINGERPRINT: f"{finding.code}:{finding.path}"},
    }


def _location(finding: Finding) -> dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    return {"physicalLocation": {"artifactLocation": _artifact(finding.file), "region": region}}


def _artifact(file: str) -> dict[str, str]:
    path = Path(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}
