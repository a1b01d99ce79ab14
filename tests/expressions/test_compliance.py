"""Does the official JMESPath compliance suite hold, interpreted and compiled?"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.expressions.compiler import evaluator
from adapter.expressions.evaluate import EVALUATION_ERRORS, compiled
from adapter.expressions.parse import BadExpression, parse

COMPLIANCE = os.environ.get("JMESPATH_COMPLIANCE", "")
# A field `_` is the request here, and dotted digits are a plain path, which the library refuses.
CHANGED = {"_", "foo.1", "foo.-11"}


def _compliance() -> Iterator[Any]:
    for path in sorted(Path(COMPLIANCE).glob("*.json")) if COMPLIANCE else ():
        for number, group in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            for place, case in enumerate(group["cases"]):
                if "bench" not in case and case["expression"] not in CHANGED:
                    yield pytest.param(group["given"], case, id=f"{path.stem}-{number}-{place}")


@pytest.mark.skipif(not COMPLIANCE, reason="JMESPATH_COMPLIANCE names no folder with the official compliance suite")
@pytest.mark.parametrize("way", [compiled, evaluator], ids=["interpreted", "compiled"])
@pytest.mark.parametrize(("given_document", "case"), [*_compliance()] or [pytest.param({}, {}, id="none")])
def test_the_official_compliance_suite_holds(
    given_document: Any, case: dict[str, Any], way: Callable[..., Any]
) -> None:
    def found() -> Any:
        return way(parse(case["expression"]))(given_document, {})

    if "error" in case:
        with pytest.raises((BadExpression, *EVALUATION_ERRORS)):
            found()
    else:
        assert found() == case["result"]
