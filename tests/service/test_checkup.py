"""What is weak about a deployment, before anybody has posted?"""

from pathlib import Path

import pytest

from adapter.service.checkup import Patient, facts, findings
from tests.service.test_deployment import good, shipped

TOKEN = "a-token-long-enough"
CHANNELS = [
    ("  s/1: {vendor: netease, token: t}\n", {}, [("DOC001", "error"), ("DOC001", "error")]),
    ("  s/1: {vendor: huawei, token: t}\n", {"t": TOKEN}, [("DOC005", "warning")]),
    ("  s/1: {vendor: huawei, token: t, networks: [203.0.113.0/24]}\n", {"t": TOKEN}, []),
    ("  s/1: {vendor: [netease, huawei], token: t, networks: [203.0.113.0/24]}\n",
     {"t": TOKEN, "netease.app_secret": "s"}, [("DOC004", "warning")]),
    ("  s/1: {vendor: netease, open: a test}\n", {"netease.app_secret": "s"}, [("DOC006", "warning")]),
    ("  s/1: {vendor: huawei, open: a test}\n", {}, [("DOC005", "warning"), ("DOC006", "warning")]),
    ("  s/1: {vendor: netease, token: t}\n", {"t": "short", "netease.app_secret": "s"}, [("DOC007", "warning")]),
    ("  s/1: {vendor: netease, token: t}\n", {"t": "a/b", "netease.app_secret": "s"},
     [("DOC002", "error"), ("DOC007", "warning")]),
    ("  s/1: {vendor: netease, token: t}\n", {"t": TOKEN + " a/b/c/d/e/f/g/h/i", "netease.app_secret": "s"},
     [("DOC002", "warning")]),
    ("  s/1: {vendor: sendgrid, token: t}\n", {"t": TOKEN, "sendgrid.public_key": "x"}, [("DOC002", "error")]),
    ("  s/1: {vendor: submail, token: t}\n", {"t": TOKEN, "submail.subhook_key": "x"}, [("DOC008", "warning")]),
]  # fmt: skip


@pytest.mark.parametrize(("channels", "secrets", "told"), CHANNELS)
def test_what_is_weak_about_a_channel_is_told_at_its_place(
    tmp_path: Path, channels: str, secrets: dict[str, str], told: list[tuple[str, str]]
) -> None:
    found = good(tmp_path, f"adapter: v1\nchannels:\n{channels}")
    live = {name: tuple(value.encode() for value in values.split()) for name, values in secrets.items()}
    patient = Patient(shipped(), found, live)
    diagnostics = list(findings(patient))
    assert sorted((one.code, one.severity) for one in diagnostics) == sorted(told)
    assert all(one.span and one.help for one in diagnostics)
    assert [one.channel for one in facts(patient)] == ["s/1"] * len(found.gates["s/1"].channel.vendors or ())
    shown = " ".join(f"{one.message} {one.help}" for one in diagnostics)
    assert [value for values in live.values() for value in values if len(value) > 4 and value.decode() in shown] == []
