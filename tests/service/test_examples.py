"""Do the files to copy fit what there is: metrics that exist, units that systemd reads, an honest first line?"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapter.delivery.pump import Numbers
from adapter.model import Problem
from adapter.service.numbers import SpecState, Told
from adapter.spec.language import Registry
from tests.cli.command import ROOT
from tests.service import tiny
from tests.service.tiny import serving

EXAMPLES = ROOT / "examples"
RULES = EXAMPLES / "alerts" / "prometheus-rules.yml"
METRIC = re.compile(r"\b(?:adapter|process)_[a-z_]+")
LABELS = re.compile(r"(?:by|without) \(([^)]*)\)|([a-z_]+)(?:=~|!~|!=|=)\"|\$labels\.([a-z_]+)")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def exposed(folder: Path) -> dict[str, set[str]]:
    """The labels of each metric of a server on which everything has happened."""

    def everything(*_: object) -> Any:
        return tiny.outcome(tiny.event("1", code_known=False), name="partial", problems=(Problem("a", "b", "c"),))

    told = Told(lambda: {"crm": Numbers(1, 1, 1, 1, 1.0, "closed")}, lambda: {"acme": SpecState("a", True, 1.0)})
    with serving(folder, Registry({}, {}, None), everything, told=told) as server:
        for _ in range(25):
            server.post("1")
        text = server.client.get("/metrics").text
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
        if family.type == "counter":  # the parser leaves the ending out, and a family may have no row yet
            found.setdefault(f"{family.name}_total", set())
    return found


def test_every_metric_and_label_of_an_alert_is_one_that_we_have(tmp_path: Path) -> None:
    known = exposed(tmp_path)
    unlabelled = {"adapter_keys_missing", "adapter_keys_new_total"}  # no vendor here lost or found one
    for rule in rules():
        text = rule["expr"] + " ".join(rule["annotations"].values())
        names = METRIC.findall(rule["expr"])
        assert names, rule
        assert [name for name in names if name not in known] == [], rule["alert"]
        labels = {word.strip() for found in LABELS.findall(text) for part in found for word in part.split(",") if word}
        given = set().union(*(known[name] | ({"vendor"} if name in unlabelled else set()) for name in names))
        assert labels <= given | {""}, rule["alert"]


def test_each_alert_says_what_it_means() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 9
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules())


def test_prometheus_can_read_the_alerts() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here")
    done = subprocess.run([promtool, "check", "rules", RULES], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_can_read_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    text = (EXAMPLES / "systemd" / "callback-adapter.service").read_text(encoding="utf-8")
    unit = tmp_path / "callback-adapter.service"
    unit.write_text(text.replace("/opt/callback-adapter/bin/adapter", sys.executable), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", unit], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["docker/Dockerfile", "docker/compose.yaml"])
def test_a_file_that_no_test_runs_says_so_first(name: str) -> None:
    assert (EXAMPLES / name).read_text(encoding="utf-8").startswith("# No test runs this file.")


def test_the_services_of_the_compose_file_can_at_least_be_read() -> None:
    compose = yaml.safe_load((EXAMPLES / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"adapter", "database"}
    named = {name for service in compose["services"].values() for name in service.get("secrets", ())}
    assert named == set(compose["secrets"])
