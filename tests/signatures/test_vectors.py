"""Do we say what the vendors' own code says? Its recorded verdicts, each told by the vendor's rules."""

from typing import Any

import pytest

from adapter.expressions.templates import Missing
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import Differs, prove
from tests.signatures.schemes import all_schemes, recorded, scheme, signing, vectors, verdict

STRICTER = {
    "stripe/future-1h": "the SDK only looks back; a time that lies an hour ahead is as wrong as an old one",
    "hubspot-v3/future-1h": "the SDK only looks back; a time that lies an hour ahead is as wrong as an old one",
}
"""Where the vendor's code accepts and we refuse."""

NO_SECRET = "netease-md5-only"


@pytest.mark.parametrize("vector", [one for one in vectors() if one["spec"] != NO_SECRET], ids=lambda one: one["id"])
def test_the_verdict_is_that_of_the_vendors_own_code(vector: dict[str, Any]) -> None:
    code = verdict(scheme(vector["spec"]), *recorded(vector))
    if vector["id"] in STRICTER:
        assert vector["valid"]
        assert code == "stale"
    elif vector["valid"]:
        assert code == ""
    else:
        assert code in ("bad_signature", "stale", "secret_unset")


def test_where_we_are_stricter_is_listed_once_and_exists() -> None:
    assert set(STRICTER) <= {vector["id"] for vector in vectors()}


def test_every_scheme_that_is_said_has_its_vectors_and_no_vector_is_lost() -> None:
    known = {vector["spec"] for vector in vectors()}
    assert set(all_schemes().registry.specs) | {NO_SECRET} == known
    assert len(vectors()) == 271
    assert sum(vector["valid"] for vector in vectors()) == 69


@pytest.mark.parametrize("vector", [one for one in vectors() if one["spec"] == NO_SECRET], ids=lambda one: one["id"])
def test_a_digest_of_the_body_holds_for_the_very_bytes_only(vector: dict[str, Any]) -> None:
    """It needs no secret, so it may only stand beside a rule that does; here it is proved alone."""
    spec = signing('header: MD5, is: md5, of: "{body}"', 'header: X, is: sha1, of: "{secret.token}{header.MD5}"')
    request, _ = recorded(vector)
    evidence = Evidence(request, spec.manner, lambda: None)
    if vector["valid"]:
        prove(spec.verify[0], "acme", evidence, {}, request.received_at)
    else:
        with pytest.raises((Differs, Missing)):
            prove(spec.verify[0], "acme", evidence, {}, request.received_at)


def test_a_scheme_without_a_secret_does_not_load() -> None:
    found = {(one.span.file, one.code) for one in all_schemes().diagnostics if one.severity == "error" and one.span}
    assert [(file.rpartition("/")[2], code) for file, code in found] == [(f"{NO_SECRET}.yaml", "SIG004")]
