"""What may adapter.yaml say about sinks, which events go where, and what is told about a mistake?"""

import json
from pathlib import Path
from typing import Any

import click
import pytest

from adapter.cli.main import main
from adapter.delivery.route import route
from adapter.delivery.sink import Sink
from adapter.delivery.sinks import SINKS
from adapter.model import Event
from adapter.service.secrets import faults
from adapter.service.sinks import CHECKED, OF_A_WEBHOOK
from adapter.spec.packaged import schemas
from tests.cli.command import ROOT, run
from tests.delivery.world import KEY
from tests.service.test_deployment import good, reading, shipped

HEAD = "adapter: v1\nchannels:\n  sms/1: {vendor: [aliyun, tencent], token: t}\nsinks:\n  "


def test_every_word_of_a_sink_is_taken(tmp_path: Path) -> None:
    text = """billing:
    webhook: https://billing.example.com:8443/events?a=b
    secret: billing_key
    kinds: [sms.delivery]
    vendors: [aliyun]
    channels: [sms/1]
    statuses: [delivered, undelivered]
    networks: [203.0.113.0/24]
    timeout: 3
    concurrency: 2
    attempts: 5
  archive: {lines: "-"}
"""
    found = good(tmp_path, HEAD + text)
    billing = found.sinks["billing"]
    assert billing == Sink(
        "billing", "webhook", "https://billing.example.com:8443/events?a=b", frozenset({"sms.delivery"}),
        frozenset({"aliyun"}), frozenset({"sms/1"}), frozenset({"delivered", "undelivered"}), "billing_key",
        networks=billing.networks, timeout=3.0, concurrency=2, attempts=5,
    )  # fmt: skip
    assert [str(network) for network in billing.networks] == ["203.0.113.0/24"]
    assert found.sinks["archive"] == Sink("archive", "lines", "-")
    assert [(one.name, one.who) for one in found.wanted(shipped())][-1] == ("billing_key", "sink billing")


KEYS: list[tuple[tuple[bytes, ...], list[str]]] = [
    ((KEY,), []),
    ((KEY, KEY + b"\n"), ["value 2 of 2 is not written whsec_ and base64 of 24 to 64 bytes"]),
    ((b"whsec_c2hvcnQ=",), ["is not written whsec_ and base64 of 24 to 64 bytes"]),
    ((b"a-token-that-is-long-enough",), ["is not written whsec_ and base64 of 24 to 64 bytes"]),
    ((), ["is not set"]),
]


@pytest.mark.parametrize(("values", "expected"), KEYS)
def test_a_sinks_secret_is_looked_at_before_anything_is_sent(
    tmp_path: Path, values: tuple[bytes, ...], expected: list[str]
) -> None:
    found = good(tmp_path, HEAD + "billing: {webhook: https://b.example, secret: key}\n")
    secrets = {"t": (b"a-token",), "key": values}
    assert [fault.what for fault in faults(found.wanted(shipped()), secrets)] == expected


WRONG = [
    ("a/b: {lines: x}", "SINK001", "'a/b' is no name of a sink"),
    ("b: {attempts: 1}", "SINK002", "the sink has no type"),
    ("b: {lines: x, webhook: https://b.example, secret: k}", "SINK002", "the sink has several types: webhook, lines"),
    ("b: {lines: x, kinds: [sms.deliver]}", "SINK003", "'sms.deliver' is none of the kinds here"),
    ("b: {lines: x, vendors: [alyun]}", "SINK003", "'alyun' is none of the vendors here"),
    ("b: {lines: x, channels: [sms/2]}", "SINK003", "'sms/2' is none of the channels here"),
    ("b: {lines: x, kinds: [sms.delivery], statuses: [opened]}", "SINK003", "'opened' is none of the statuses here"),
    ("b: {webhook: ftp://b.example, secret: k}", "SINK004", "this is no URL that can be posted to"),
    ("b: {webhook: https://u:p@b.example, secret: k}", "SINK004", "this is no URL that can be posted to"),
    ("b: {webhook: 'https://b.example/#x', secret: k}", "SINK004", "this is no URL that can be posted to"),
    ("b: {webhook: 'https://b.example:99999/', secret: k}", "SINK004", "this is no URL that can be posted to"),
    ("b: {webhook: http://b.example/, secret: k}", "SINK004", "events would travel readable for everybody on the way"),
    ("b: {webhook: http://b.example/, secret: k, networks: [8.8.8.0/24]}", "SINK004",
     "events would travel readable for everybody on the way"),
    ("b: {webhook: http://localhost:1/, secret: k}", "SINK005", "localhost is this machine, and no networks are named"),
    ("b: {webhook: 'https://[::ffff:127.0.0.1]/', secret: k}", "SINK005",
     "::ffff:127.0.0.1 is not a public address, and no networks are named"),
    ("b: {webhook: https://8.8.8.8/, secret: k, networks: [10.0.0.0/8]}", "SINK005",
     "8.8.8.8 is in none of its networks"),
    ("b: {webhook: http://169.254.169.254/, secret: k, networks: [169.254.0.0/16]}", "SINK005",
     "169.254.169.254 is never connected to"),
    ("b: {webhook: https://b.example}", "SINK006", "the webhook has neither secret: nor unsigned:"),
    ("b: {webhook: https://b.example, secret: k, unsigned: w}", "SINK006",
     "the webhook has both secret: and unsigned:"),
    ("b: {webhook: https://b.example, secret: Zk3bQ9xT7mPw2LrV8sNd5YcJ}", "SIG002",
     "this looks like a secret itself, and here stands only its name"),
    ("b: {webhook: https://b.example, secret: k, networks: [10.0.0.1/8]}", "CHAN006", "'10.0.0.1/8' is no network"),
    ("b: {lines: x, secret: k}", "SINK007", "'secret' belongs to a webhook, and this sink writes lines"),
    ("b: {lines: x}\n  c: {lines: ./x}", "SINK008", "sink b writes there too"),
    ("b: {webhook: https://b.example, secret: t_2}", "CHAN010",
     "in the environment 't_2' stands where a value of 't' may stand"),
    ("b: {webhook: https://b.example, secret: k, timeout: 0}", "SPEC002", "'timeout' must be between 1 and 60, not 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message"), WRONG)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path: Path, text: str, code: str, message: str) -> None:
    found, diagnostics = reading(tmp_path, HEAD + text + "\n")
    assert found is None
    assert [(one.code, one.message) for one in diagnostics] == [(code, message)]
    (one,) = diagnostics
    assert one.span
    assert one.span.line >= 5
    assert one.help


def test_the_words_of_the_schema_are_those_of_the_tables() -> None:
    schema = json.loads((schemas() / "adapter.v1.json").read_text(encoding="utf-8"))
    properties = schema["definitions"]["sink"]["properties"]
    assert set(SINKS) == set(CHECKED)
    assert {*SINKS, *OF_A_WEBHOOK} <= set(properties)
    assert set(properties) - {*SINKS, *OF_A_WEBHOOK} == {"kinds", "vendors", "channels", "statuses", "attempts"}


def made(kind: str, vendor: str, channel: str, status: Any) -> Event:
    return Event("e", kind, {"data": {"vendor": vendor, "channel": channel, "status": status}}, 0)


def test_an_event_goes_to_every_sink_whose_filters_let_it_through() -> None:
    names = route(
        [
            Sink("all", "lines", "1"),
            Sink("kind", "lines", "2", kinds=frozenset({"sms.delivery", "sms.inbound"})),
            Sink("vendor", "lines", "3", vendors=frozenset({"acme"}), channels=frozenset({"sms/1"})),
            Sink("status", "lines", "4", statuses=frozenset({"delivered"})),
        ]
    )
    for _ in range(2):
        assert list(names(made("sms.delivery", "acme", "sms/1", "delivered"))) == ["all", "kind", "vendor", "status"]
        assert list(names(made("sms.delivery", "acme", "sms/2", "sent"))) == ["all", "kind"]
        assert list(names(made("email.event", "other", "sms/1", None))) == ["all"]
        assert list(names(made("own.kind", "acme", "sms/1", ["delivered"]))) == ["all", "vendor"]
        assert list(names(Event("e", "own.kind", {"data": {}}, 0))) == ["all"]


def test_without_sinks_an_event_goes_nowhere() -> None:
    assert list(route([])(made("sms.delivery", "acme", "sms/1", "sent"))) == []


SINKS_EXAMPLE = ROOT / "examples" / "deployments" / "with-sinks" / "adapter.yaml"


def test_the_example_is_well_when_all_its_secrets_are_there() -> None:
    secrets = {"TOKEN_SMS": "a-token-long-enough", "NETEASE_APP_SECRET": "s", "BILLING_KEY": KEY.decode()}
    environ = {f"ADAPTER_SECRET_{name}": value for name, value in secrets.items()}
    assert run("doctor", "--strict", "--config", SINKS_EXAMPLE, **environ).exit_code == 0
    environ["ADAPTER_SECRET_BILLING_KEY"] = "whsec_short"
    result = run("doctor", "--config", SINKS_EXAMPLE, **environ)
    assert result.exit_code == 1
    assert "error[DOC002]: sink billing: secret billing_key is not written whsec_" in result.stdout
    assert "adapter.yaml:" in result.stdout


def test_the_command_has_its_two_parts() -> None:
    found = main.get_command(click.Context(main), "deliveries")
    assert isinstance(found, click.Group)
    assert [*found.commands] == ["list", "retry"]
