"""How long does it take to load a thousand vendor files, against YAML's own fastest loader alone?

python -m tests.bench.loading [--specs 1000] [--rounds 5]
"""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import yaml

from adapter.spec.loader import load
from adapter.spec.packaged import schemas
from tests.bench.figures import Figure, at_most, machine, ratios

COLD = at_most(9, "loading 1,000 specs ÷ CSafeLoader alone, cold", 3, 1.7)
CACHED = at_most(9, "loading 1,000 specs ÷ CSafeLoader alone, known", 0.3, 0.15)
"""The goals: of a first load, and of one that is given what the load before it built."""

SPEC = """\
spec: v1
vendor: v{n}
title: Vendor number {n}
docs:
  - https://vendor{n}.example/docs/callbacks
body: json
match:
  has: [v{n}_id, v{n}_status]
verify:
  - header: X-V{n}-Signature
    is: hmac-sha256
    key: api_secret
    encoding: hex
    of: "{{header.X-V{n}-Timestamp}}.{{body}}"
    at: "{{header.X-V{n}-Timestamp}}"
    unit: s
    within: 300s
ack: {{status: 200, json: {{code: 0, msg: ok}}, retry_status: 503}}
time: {{zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}}
status:
  from: [v{n}_status]
  codes:
    "DELIVRD": delivered
    "EXPIRED": expired
    "UNDELIV": undelivered
    "REJECTD": rejected/unknown_reason
    "BLACK": rejected/blacklisted
    "1001": undelivered/invalid_number
    "1002": undelivered/absent_subscriber
    "1003": undelivered/suspended
    "2*": rejected/content_blocked
  otherwise: undelivered
events:
  - kind: sms.delivery
    fields:
      message_id: v{n}_id
      to: mobile
      code: v{n}_status
      description: "message || description"
      segments: count
      sent_at: send_time
      done_at: report_time
    extra: {{template: template_id}}
  - kind: ignore
    when: "type == 'template'"
examples:
  - name: delivered
    sign: true
    request: |
      POST /notify/sms/1/111
      X-V{n}-Timestamp: 1700000000

      {{"v{n}_id": "1", "v{n}_status": "DELIVRD", "mobile": "13800000000",
       "count": "1", "report_time": "2024-01-01 00:00:01"}}
    expect:
      - kind: sms.delivery
        message_id: "1"
        status: delivered
        segments: 1
"""
"""A file of 60 lines, as people write them."""


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def figures(rounds: int, specs: int) -> Iterator[Figure]:
    alone, cold, cached = measured(rounds, specs)
    yield Figure(COLD, ratios(cold, alone))
    yield Figure(CACHED, ratios(cached, alone))


def measured(rounds: int, specs: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each round: YAML alone, a load, the same load again that knows the first."""
    alone, cold, cached = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in range(specs):
            (folder / f"v{n}.yaml").write_text(SPEC.format(n=n), encoding="utf-8")
        texts = [path.read_bytes() for path in sorted(folder.glob("*.yaml"))]
        known = load([folder], [schemas()]).known
        for _ in range(rounds):
            alone.append(timed(lambda: [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts]))
            cold.append(timed(lambda: load([folder], [schemas()])))
            cached.append(timed(lambda: load([folder], [schemas()], known)))
    return alone, cold, cached


@click.command(help=__doc__)
@click.option("--specs", default=1000, show_default=True, help="How many files.")
@click.option("--rounds", default=5, show_default=True, help="Interleaved rounds; medians count.")
def main(specs: int, rounds: int) -> None:
    print(f"{machine()}\n{specs} files of {SPEC.count(chr(10))} lines")
    print(*figures(rounds, specs), sep="\n")


if __name__ == "__main__":
    main()
