"""How much does a signature prove?"""

import pytest

from adapter.signatures.proof import covers, replay
from tests.specs import spec, tiny

STRENGTH = [
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{body}'}]", True, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{header.T}'}]", False, None),
    ("verify: [{header: M, is: md5, of: '{body}'}, {header: S, is: sha1, of: '{secret.k}{header.M}'}]", True, None),
    ("verify: [{any: [{header: S, is: hmac-sha1, key: k, of: '{body}'}, {header: S, is: hmac-sha1, key: k, of: 'x'}]}]",
     False, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{body}', when: {method: POST}},"
     " {header: S, is: hmac-sha1, key: k, of: '{url}', when: {method: GET}}]", True, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{body}', when: {method: POST}},"
     " {header: S, is: hmac-sha1, key: k, of: 'x', when: {method: PUT}}]", False, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{pairs}', pairs: {from: form}}]", True, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{pairs}', pairs: {from: query}}]", False, None),
    ("verify: [{header: S, is: hmac-sha1, key: k, of: '{header.T}{body}', at: '{header.T}', within: 300s}]", True, 300),
    ("verify: [{any: [{header: S, is: hmac-sha1, key: k, of: '{header.T}{body}', at: '{header.T}', within: 9s},"
     " {header: S, is: hmac-sha1, key: k, of: '{header.T}{body}', at: '{header.T}', within: 99s}]}]", True, 99),
    ("verify: [{header: S, is: jwt, key: k, allow: [HS256], require: [exp], "
     "claims: {h: '{body|sha256|hex}'}}]", True, 0),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "whole", "window"), STRENGTH)
def test_what_a_signature_proves_is_judged_by_its_weakest_way(rules: str, whole: bool, window: float | None) -> None:
    text = tiny(f"body: [form, json]\nevents: [{{kind: sms.inbound, fields: {{from: a}}}}]\n{rules}\n")
    found = spec(text.replace("unsigned: a test\n", ""))
    assert covers(found.verify) == whole
    assert replay(found.verify) == window
