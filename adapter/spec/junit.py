"""How do CI servers want what was tested? JUnit's XML, in the dialect that they all read.

https://github.com/testmoapp/junitxml
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from adapter.spec.finding import Finding


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a case is not good: `kind` is failure (another result) or error (it could not run)."""

    type: str
    message: str
    text: str = ""
    kind: str = "failure"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was tested; `classname` groups cases, `output` is what else there is to say."""

    classname: str
    name: str
    file: str = ""
    line: int = 0
    faults: tuple[Fault, ...] = ()
    output: str = ""


def junit(name: str, suites: Iterable[tuple[str, Sequence[Case]]]) -> str:
    """The document: a suite for each (name, cases)."""
    listed = list(suites)
    root = Element("testsuites", {"name": name, **_counts([case for _, cases in listed for case in cases])})
    for suite, cases in listed:
        inner = SubElement(root, "testsuite", {"name": suite, **_counts(cases)})
        for case in cases:
            _case(inner, case)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    def having(kind: str) -> str:
        return str(sum(any(fault.kind == kind for fault in case.faults) for case in cases))

    return {"tests": str(len(cases)), "failures": having("failure"), "errors": having("error"), "skipped": "0"}


def _case(suite: Element, case: Case) -> None:
    where = {"file": case.file, "line": str(case.line)} if case.file else {}
    inner = SubElement(suite, "testcase", {"classname": case.classname, "name": case.name, "time": "0", **where})
    for fault in case.faults:
        told = SubElement(inner, fault.kind, {"type": fault.type, "message": fault.message})
        told.text = fault.text or fault.message
    if case.output:
        SubElement(inner, "system-out").text = case.output


def of_findings(findings: Sequence[Finding], files: Iterable[str]) -> str:
    """A case for each error, and one for each file that has none. Warnings fail nothing: they stand beside."""
    found = {file: list(of) for file, of in groupby(sorted(findings, key=_file), key=_file)}
    every = sorted({*files, *found})
    return junit("adapter", [(file or "adapter", _cases(file, found.get(file, []))) for file in every])


def _file(finding: Finding) -> str:
    return finding.file


def _cases(file: str, found: Sequence[Finding]) -> list[Case]:
    group = PurePath(file).stem or "adapter"
    warnings = "\n".join(f"{one.line}: {one.code}: {one.message}" for one in found if one.severity != "error")
    errors = [_failed(one, group) for one in found if one.severity == "error"]
    first, *rest = errors or [Case(group, "the file is right", file, 1)]
    return [replace(first, output=warnings), *rest]


def _failed(one: Finding, group: str) -> Case:
    at = f" at {one.line}:{one.column}" if one.line else ""
    return Case(group, f"{one.code}{at}: {one.message}", one.file, one.line, (Fault(one.code, one.message, one.text),))
