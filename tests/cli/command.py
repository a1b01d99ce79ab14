"""How is a command run in a test? In this process where that is enough, else in one of its own."""

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from adapter.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent
CALLBACKS = ROOT / "examples" / "callbacks"

ACME = """\
spec: v1
vendor: acme
title: Acme SMS
docs: [https://docs.acme.example/callbacks]
body: json
match: {headers: [X-Acme-Signature], has: [reports]}
verify:
  - {header: X-Acme-Signature, is: hmac-sha256, key: api_secret, encoding: hex, of: "{body}"}
ack: {status: 200, json: {ok: true}}
time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}
status:
  tables: [cn-carrier]
  codes: {"000": delivered, "021": /absent_subscriber}
  otherwise: undelivered
events:
  - kind: sms.delivery
    each: reports
    fields: {message_id: id, to: phone, code: result, done_at: when}
examples:
  - name: delivered
    sign: true
    demo: true
    request: |
      POST /notify/sms/1/111
      Content-Type: application/json

      {"reports": [{"id": "a-1", "phone": "1380000****", "result": "000", "when": "2024-05-01 09:00:00"}]}
    expect:
      - {kind: sms.delivery, message_id: a-1, status: delivered}
    ack: {status: 200, json: {ok: true}}
"""


AKC = ("\nack: {", "\nakc: {")
"""A slip of the finger in line 9."""


def run(*arguments: str | Path, **environ: str | None) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env=environ, prog_name="adapter")


def acme(folder: Path, *changes: tuple[str, str]) -> Path:
    """A folder with Acme's file, some of its words replaced."""
    text = ACME
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    folder.mkdir(exist_ok=True)
    (folder / "acme.yaml").write_text(text, encoding="utf-8")
    return folder


def environment(**changed: str) -> dict[str, str]:
    """Of a process that finds the package wherever it runs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ADAPTER_", "NO_COLOR"))}
    return {**inherited, "PYTHONPATH": str(ROOT), **changed}


def start(*arguments: str | Path, **changed: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "adapter", *map(str, arguments)]
    return subprocess.Popen(command, env=environment(**changed), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
