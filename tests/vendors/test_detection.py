"""Which vendor is it? On one URL for all of them, a callback is claimed by its own spec and by no other."""

from dataclasses import replace

import pytest

from adapter.engine.decode import decode
from adapter.engine.identify import claims
from adapter.expressions.values import as_text
from adapter.model import Json, Refused, Request
from adapter.spec.language import Spec
from tests.vendors.contract import run
from tests.vendors.shipped import POSTED, REGISTRY, Posted
from tests.vendors.variations import GONE, places

UNTELLABLE: dict[str, str] = {}
"""Examples that no match can tell, by name, and why."""

NEEDS_ITS_ID = {
    "huawei": "a single report has little else: status alone is anybody's",
}
"""Vendors whose `match` asks for an id all the same."""


def claimed_by(request: Request) -> list[str]:
    """Every spec that claims a request."""

    def tree(spec: Spec) -> Json:
        return decode(request, spec.manner).tree

    return [spec.vendor for spec in REGISTRY.specs.values() if claims(spec, request, tree)]


def _says_something(one: Posted) -> bool:
    try:
        return decode(one.request, one.spec.manner).tree not in ("", {}, [], None)
    except Refused:
        return False


TELLING = [one for one in POSTED if _says_something(one)]


def test_every_example_is_claimed_by_its_own_spec_and_no_other() -> None:
    odd = {one.name: found for one in TELLING if (found := claimed_by(one.request)) != [one.spec.vendor]}
    for name, found in odd.items():
        print(f"{name} | claimed by {', '.join(found) or 'nobody'}")
    assert {name: found for name, found in odd.items() if name not in UNTELLABLE} == {}
    assert set(UNTELLABLE) <= set(odd), "told by now: take it off the list"


@pytest.mark.parametrize("vendor", REGISTRY.specs)
def test_every_vendor_can_be_told_at_all(vendor: str) -> None:
    assert any(one.spec.vendor == vendor for one in TELLING)


def test_a_record_without_its_id_is_still_claimed() -> None:
    """Else a report that lost its id would be nobody's, instead of that vendor's problem."""
    odd: dict[str, list[str]] = {}
    for one in TELLING:
        outcome, _ = run(one.registry, one.request, one.secrets)
        ids = {event.envelope.get("subject") for event in outcome.events} - {None}
        for place in places(one.written, one.request, one.spec.body):
            if not isinstance(place.value, dict | list) and as_text(place.value) in ids:
                found = claimed_by(replace(one, written=place.put(GONE)).request)
                if found != [one.spec.vendor]:
                    odd.setdefault(one.spec.vendor, []).append(f"{one.example.name}, without {place.path}: {found}")
    assert {vendor: found for vendor, found in odd.items() if vendor not in NEEDS_ITS_ID} == {}
    assert set(NEEDS_ITS_ID) <= set(odd), "told by now: take it off the list"
