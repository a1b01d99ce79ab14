"""Three vendors of our own making: one signs, one sends queries, one asks who we are first."""

from pathlib import Path

from adapter.spec.language import Registry
from adapter.spec.loader import load
from adapter.spec.packaged import schemas

COMMON = """
title: A vendor
docs: [https://example.com]
time: {formats: [iso8601]}
status: {codes: {"0": delivered}, otherwise: undelivered}
events:
  - {kind: sms.delivery, fields: {message_id: id, code: code}}
"""
SIGNING = """
spec: v1
vendor: signing
body: json
match: {headers: [X-Sign]}
verify:
  - {header: X-Sign, is: hmac-sha256, key: app_key, of: "{body}"}
  - {header: X-Salt, is: md5, of: "{secret.salt}{body}"}
examples:
  - name: a receipt
    sign: true
    request: |
      POST /notify/sms/1/t

      {"id": "1", "code": "0"}
    expect: [{kind: sms.delivery, message_id: "1", status: delivered}]
"""
QUERYING = """
spec: v1
vendor: querying
body: query
match: {has: [id, code]}
unsigned: it signs nothing
examples:
  - name: a receipt
    request: |
      GET /notify/sms/1/t?id=1&code=0
    expect: [{kind: sms.delivery, message_id: "1", status: delivered}]
"""
ASKING = """
spec: v1
vendor: asking
body: json
match: {has: [asking]}
unsigned: it signs nothing
challenge:
  - {method: GET, has: [echo], text: "{query.echo}"}
examples:
  - name: a receipt
    request: |
      POST /notify/sms/1/t

      {"id": "1", "code": "0", "asking": 1}
    expect: [{kind: sms.delivery, message_id: "1", status: delivered}]
"""


def registry(folder: Path) -> Registry:
    for name, text in {"signing": SIGNING, "querying": QUERYING, "asking": ASKING}.items():
        (folder / f"{name}.yaml").write_text(text.lstrip() + COMMON.lstrip(), encoding="utf-8")
    loaded = load([folder], [schemas()])
    assert [str(one) for one in loaded.diagnostics if one.severity == "error"] == []
    return loaded.registry
