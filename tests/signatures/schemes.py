"""What does the adapter say of a callback that is signed in a certain way? Rules as YAML give a spec and a verdict."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapter.engine.flow import process
from adapter.http_text import Written
from adapter.http_text import request as request_of
from adapter.model import Request, Secrets
from adapter.rehearsal import bound
from adapter.signatures.sns import certificate_name
from adapter.spec.language import Spec
from adapter.spec.loader import Loaded
from adapter.spec.reader import read
from tests.specs import ARRIVAL, loaded
from tests.specs import spec as spec_of

DATA = Path(__file__).parents[1] / "data"
REST = {"events": [{"kind": "ignore"}], "examples": [{"name": "none", "request": "POST /\n\n", "outcome": "ignored"}]}
"""What every spec needs and no rule cares for."""


BUILT_IN = "aws-sns"
TOPIC = b"arn:aws:sns:us-west-2:123456789012:MyTopic"
CERTIFICATE = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-test.pem"


@cache
def vectors() -> tuple[dict[str, Any], ...]:
    """The recorded verdicts of vendors' own code, as they are in the file."""
    return tuple(json.loads((DATA / "signature_vectors.json").read_bytes()))


@cache
def all_schemes() -> Loaded:
    """The specs of schemes.yaml, each a vendor of its own."""
    document, mistakes = read((DATA / "schemes.yaml").read_bytes(), "schemes.yaml")
    assert document
    assert not [one for one in mistakes if one.severity == "error"]
    texts = {
        name: {"spec": "v1", "vendor": name, "body": "json", **REST, **said} for name, said in document.data.items()
    }
    return loaded({f"{name}.yaml": json.dumps(text, indent=1) for name, text in texts.items()})


def scheme(name: str) -> Spec:
    """One spec of schemes.yaml."""
    return all_schemes().registry.specs[name]


def signing(*rules: str, body: str = "json", more: str = "") -> Spec:
    """A spec with these rules, each a YAML mapping in one line."""
    listed = "".join(f"  - {{{rule}}}\n" for rule in rules)
    rest = "".join(f"{key}: {json.dumps(value)}\n" for key, value in REST.items())
    return spec_of(f"spec: v1\nvendor: acme\nbody: {body}\n{more}verify:\n{listed}{rest}")


def verdict(spec: Spec, request: Request, secrets: Secrets) -> str:
    """Nothing where the request is believed, else the code of its refusal."""
    passed: list[str] = []
    registry = bound(spec, all_schemes().registry.kinds, request.channel)
    outcome = process(registry, request, secrets, lambda stage, _: passed.append(stage))
    assert outcome.name != "refused" or outcome.ack.status in (400, 401, 503)
    return "" if "verify" in passed else outcome.code


def callback(
    body: bytes | str = b"", headers: Mapping[str, str] | Iterable[tuple[str, str]] = (), target: str = "/cb",
    method: str = "POST", at: datetime = ARRIVAL,
) -> Request:  # fmt: skip
    """A request to https://callbacks.example; a target may also be a whole URL."""
    listed = headers.items() if isinstance(headers, Mapping) else headers
    named = tuple((name.lower().encode(), value.encode()) for name, value in listed)
    return request_of(Written(method, target, named, body.encode() if isinstance(body, str) else body), at)


def recorded(vector: Mapping[str, Any]) -> tuple[Request, Secrets]:
    """A recorded callback and its secrets."""
    body = vector["body"].encode() if vector["body_encoding"] == "utf8" else base64.b64decode(vector["body"])
    request = Request(
        vector["method"], "sms/1", "", urlsplit(vector["url"]).query.encode(),
        tuple((name.lower().encode(), value.encode()) for name, value in vector["headers"]), body,
        datetime.fromtimestamp(vector["now"], UTC), url=vector["url"],
    )  # fmt: skip
    secrets = {f"{vector['spec']}.{name}": (value.encode(),) for name, value in vector["secrets"].items()}
    if vector["spec"] == BUILT_IN:  # what is recorded is the certificate that lay at the address
        secrets = {"aws-sns.topic": (TOPIC,), certificate_name(CERTIFICATE): secrets["aws-sns.test_cert_pem"]}
    return request, secrets
