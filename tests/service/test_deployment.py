"""What may a deployment file say, and what is told about one that is wrong?"""

from functools import cache
from pathlib import Path

import pytest

from adapter.service.deployment import Deployment, read_deployment
from adapter.service.settings import Settings
from adapter.spec.diagnostics import Diagnostic
from adapter.spec.language import Registry
from adapter.spec.loader import load
from adapter.spec.packaged import home, schemas, vendors
from adapter.store.store import Limits
from tests.specs import loaded, tiny


@cache
def shipped() -> Registry:
    return load([vendors()], [schemas()]).registry


def reading(folder: Path, text: str, held_back: tuple[str, ...] = ()) -> tuple[Deployment | None, list[Diagnostic]]:
    path = folder / "adapter.yaml"
    path.write_text(text, encoding="utf-8")
    found, diagnostics, source = read_deployment(path, schemas(), shipped(), held_back)
    assert source == text
    return found, diagnostics


def good(folder: Path, text: str) -> Deployment:
    found, diagnostics = reading(folder, text)
    assert diagnostics == []
    assert found
    return found


HEAD = "adapter: v1\nchannels:\n"
SMALL = HEAD + "  sms/1: {vendor: netease, token: sms_1}\n"


def test_a_small_file_says_who_may_post_where(tmp_path: Path) -> None:
    found = good(tmp_path, SMALL)
    gate = found.gates["sms/1"]
    assert (gate.channel.vendors, gate.token, gate.open, gate.networks, gate.public_url) == (
        ("netease",), "sms_1", "", (), "",
    )  # fmt: skip
    assert found.settings == Settings(port=8080, open_mode=False)
    assert list(found.registry(shipped()).channels or {}) == ["sms/1"]
    assert [one.name for one in found.wanted(shipped())] == ["sms_1", "netease.app_secret"]


def test_every_word_of_a_file_is_taken(tmp_path: Path) -> None:
    text = """\
adapter: v1
store: sqlite:////var/lib/adapter/adapter.db
listen:
  host: 0.0.0.0
  port: 9000
  public_url: https://hooks.example.com/in/
  trusted_proxies: [10.0.0.0/8, "::1"]
limits: {body: 1000, body_seconds: 3, waiting: 7}
channels:
  sms/1:
    vendor: [aliyun, tencent]
    open: only reachable from the vendors' networks
    networks: [203.0.113.0/24, 2001:db8::7]
  sms/2:
    vendor: twilio
    token: sms_two
    secrets: {auth_token: twilio_second}
    public_url: https://sms.example.com
  sms/3: {vendor: twilio, token: sms_two, secrets: {twilio.auth_token: twilio_third}}
"""
    found = good(tmp_path, text)
    assert found.settings == Settings(
        host="0.0.0.0", port=9000, store="sqlite:////var/lib/adapter/adapter.db", open_mode=False,
        body_limit=1000, body_seconds=3.0, limits=Limits(waiting=7),
    )  # fmt: skip
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert [str(network) for network in found.gates["sms/1"].networks] == ["203.0.113.0/24", "2001:db8::7/128"]
    assert found.gates["sms/2"].channel.secrets == {"twilio.auth_token": "twilio_second"}
    assert found.gates["sms/3"].channel.secrets == {"twilio.auth_token": "twilio_third"}
    assert {name: gate.public_url for name, gate in found.gates.items()} == {
        "sms/1": "https://hooks.example.com/in",
        "sms/2": "https://sms.example.com",
        "sms/3": "https://hooks.example.com/in",
    }
    assert [one.name for one in found.wanted(shipped())] == ["sms_two", "sms_two", "twilio_second", "twilio_third"]


def test_a_vendor_that_is_held_back_may_be_named(tmp_path: Path) -> None:
    found, diagnostics = reading(tmp_path, HEAD + "  sms/1: {vendor: broken, token: t}\n", ("broken",))
    assert diagnostics == []
    assert found
    assert found.registry(shipped()).of(found.gates["sms/1"].channel) == ()


BROKEN = [
    ("adapter: v1\n", "1:1", "SPEC003", "'channels' is missing"),
    ("adapter: v1\nchannels: {}\n", "2:1", "SPEC002", "'channels' is empty"),
    ("adapter: v2\nchannels: {sms/1: {vendor: huawei, token: t}}\n", "1:10", "SPEC002",
     "'v2' is not a version of the deployment file"),
    (SMALL + "chanels: {}\n", "4:1", "SPEC001", "unknown key 'chanels'"),
    (SMALL + "listen: {port: 70000}\n", "4:16", "SPEC002", "'port' must be between 0 and 65535, not 70000"),
    (HEAD + "  sms/1: {vendr: netease, token: t}\n", "3:11", "SPEC001", "unknown key 'vendr'"),
    (HEAD + "  sms: {vendor: netease, token: t}\n", "3:3", "CHAN001", "'sms' is no channel"),
    (HEAD + "  sms/1/111: {vendor: netease, token: t}\n", "3:3", "CHAN001", "'sms/1/111' is no channel"),
    (HEAD + "  sms/1: {vendor: netease}\n", "3:3", "CHAN002", "the channel has neither token: nor open:"),
    (HEAD + "  sms/1: {vendor: netease, token: t, open: why}\n", "3:3", "CHAN002",
     "the channel has both token: and open:"),
    (HEAD + '  sms/1: {vendor: netease, token: "111"}\n', "3:35", "SPEC002", "'111' is not a name of a secret"),
    (HEAD + "  sms/1: {vendor: netease, token: ../../etc/passwd}\n", "3:35", "SPEC002",
     "'../../etc/passwd' is not a name of a secret"),
    (HEAD + "  sms/1: {vendor: netease, token: d41d8cd98f00b204e9800998ecf8427e}\n", "3:35", "SIG002",
     "this looks like a secret itself, and here stands only its name"),
    (HEAD + "  sms/1: {vendor: netease, token: t, secrets: {app_secret: Zk3bQ9xT7mPw2LrV8sNd5YcJ}}\n", "3:60", "SIG002",
     "this looks like a secret itself, and here stands only its name"),
    (HEAD + "  sms/1: {vendor: netese, token: t}\n", "3:19", "CHAN003", "there is no vendor 'netese'"),
    (HEAD + "  sms/1: {vendor: [aliyun, tencnt], token: t}\n", "3:28", "CHAN003", "there is no vendor 'tencnt'"),
    (HEAD + "  sms/1: {vendor: [aliyun, aliyun], token: t}\n", "3:28", "CHAN003", "'aliyun' stands here twice"),
    (HEAD + "  sms/1: {vendor: netease, token: t, secrets: {app_secrt: other}}\n", "3:59", "CHAN004",
     "no vendor here has a secret 'app_secrt'"),
    (HEAD + "  sms/1: {vendor: netease, token: t, settings: {region: eu}}\n", "3:57", "CHAN005",
     "no vendor here has a setting 'region'"),
    (HEAD + "  sms/1: {vendor: netease, token: t, networks: [203.0.113.1/24]}\n", "3:49", "CHAN006",
     "'203.0.113.1/24' is no network"),
    (HEAD + "  sms/1: {vendor: netease, token: t, networks: [203.0.113.0/24, everywhere]}\n", "3:65", "CHAN006",
     "'everywhere' is no network"),
    (SMALL + "store: postgresql://me:hush@host/d\n", "4:8", "SIG002",
     "a password stands in the address of the store"),
    (SMALL + "listen: {trusted_proxies: [10.0.0.0/33]}\n", "4:28", "CHAN006", "'10.0.0.0/33' is no network"),
    (SMALL + "listen: {public_url: hooks.example.com}\n", "4:22", "CHAN007", "'hooks.example.com' is no URL"),
    (HEAD + "  sms/1: {vendor: twilio, token: t}\n", "3:3", "CHAN009",
     "twilio signs the URL that it was given, and no public_url says it"),
    (HEAD + "  sms/1: {vendor: netease, token: sms}\n  sms/2: {vendor: huawei, token: sms_2}\n", "4:3", "CHAN010",
     "in the environment 'sms_2' stands where a value of 'sms' may stand"),
    (HEAD + "  sms/1: {vendor: netease, token: a.b}\n  sms/2: {vendor: huawei, token: a_b}\n", "4:3", "CHAN010",
     "in the environment 'a_b' stands where a value of 'a.b' may stand"),
    (HEAD + "  sms/1: {vendor: netease, token: one}\n"
     "  sms/2: {vendor: netease, token: two, secrets: {app_secret: netease.app_secret_2}}\n", "4:3", "CHAN010",
     "in the environment 'netease.app_secret_2' stands where a value of 'netease.app_secret' may stand"),
    (HEAD + "  sms/1: {vendor: netease, token: t}\n  sms/1: {vendor: huawei, token: t}\n", "4:3", "YAML002", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "code", "message"), BROKEN)
def test_a_mistake_is_told_once_where_it_is(
    tmp_path: Path, text: str, place: str, code: str, message: str | None
) -> None:
    found, diagnostics = reading(tmp_path, text)
    assert found is None
    (one,) = diagnostics
    assert one.span
    assert (f"{one.span.line}:{one.span.column}", one.code, one.message) == (place, code, message or one.message)
    assert one.help


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = HEAD + "  sms/1: {vendor: nobody}\n  sms/2: {vendor: netease, token: t, networks: [x, y]}\n"
    _, diagnostics = reading(tmp_path, text)
    assert sorted(one.code for one in diagnostics) == ["CHAN002", "CHAN003", "CHAN006", "CHAN006"]


EVENTS = "body: json\nevents: [{kind: sms.inbound, fields: {from: a}}]\n"


@pytest.mark.parametrize(
    ("those", "told"),
    [
        ("[acme, loose]", "every acme callback also matches loose"),
        ("[loose, acme]", "every acme callback also matches loose"),
        ("[acme, none]", "none has no match, so nothing here would be its"),
    ],
)
def test_vendors_that_cannot_be_told_apart_cannot_share_a_channel(tmp_path: Path, those: str, told: str) -> None:
    matches = {"acme": "match: {has: [a, b]}\n", "loose": "match: {has: [a]}\n", "none": ""}
    registry = loaded({f"{name}.yaml": tiny(match + EVENTS, name) for name, match in matches.items()}).registry
    path = tmp_path / "adapter.yaml"
    path.write_text(HEAD + f"  sms/1: {{vendor: {those}, token: t}}\n")
    found, diagnostics, _ = read_deployment(path, schemas(), registry)
    assert (found, [one.message for one in diagnostics]) == (None, [told])


@pytest.mark.parametrize("path", sorted((home() / "examples" / "deployments").rglob("adapter.yaml")), ids=str)
def test_the_deployments_among_the_examples_are_right(path: Path) -> None:
    found, diagnostics, _ = read_deployment(path, schemas(), shipped())
    assert found
    assert diagnostics == []
