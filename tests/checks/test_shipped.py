"""Are the vendors that we ship what we ask of others?"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.examined.examine import examine
from adapter.spec.diagnostics import to_text
from adapter.spec.loader import Loaded, load
from adapter.spec.packaged import schemas, vendors
from tests.specs import loaded as loaded_from

TABLE = (vendors() / "tables" / "cn-carrier.yaml").read_text(encoding="utf-8")
NAMES = sorted(path.stem for path in vendors().glob("*.yaml"))


@cache
def shipped() -> Loaded:
    return load([vendors()], [schemas()])


def test_no_shipped_file_has_an_error_or_a_warning() -> None:
    loaded = shipped()
    assert not loaded.diagnostics, to_text(loaded.diagnostics, loaded.sources)


@pytest.mark.parametrize("vendor", NAMES)
def test_the_examples_of_a_shipped_vendor_leave_nothing_open(vendor: str) -> None:
    loaded = shipped()
    found = examine(loaded.registry.specs[vendor], loaded.registry.kinds)
    assert not found, to_text(found, loaded.sources)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_cut_out_of_a_shipped_file_its_examples_can_be_examined(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    lines = (vendors() / f"{name}.yaml").read_text(encoding="utf-8").split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    end = start + data.draw(st.integers(1, 3))
    loaded = loaded_from({f"{name}.yaml": "\n".join([*lines[:start], *lines[end:]]), "tables/cn-carrier.yaml": TABLE})
    for spec in loaded.registry.specs.values():
        for one in examine(spec, loaded.registry.kinds):
            assert one.span
            assert one.message
