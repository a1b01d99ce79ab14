"""Is a deployment fit to be posted to? What the doctor and the validator say of one."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import AKC, ROOT, acme, run
from tests.service.test_deployment import shipped

TWO = ROOT / "examples" / "deployments" / "two-accounts" / "adapter.yaml"
TOKEN = "a token long enough".replace(" ", "-")
ALL = {
    "ADAPTER_SECRET_TOKEN_MAIN": TOKEN,
    "ADAPTER_SECRET_TOKEN_MARKETING": TOKEN,
    "ADAPTER_SECRET_TOKEN_ALIYUN": TOKEN,
    "ADAPTER_SECRET_NETEASE_APP_SECRET": "one",
    "ADAPTER_SECRET_NETEASE_MARKETING": "two",
    "ADAPTER_SECRET_NETEASE_MARKETING_2": "two before",
}


def written(folder: Path, channels: str, more: str = "") -> Path:
    path = folder / "adapter.yaml"
    path.write_text(f"adapter: v1\n{more}channels:\n{channels}", encoding="utf-8")
    return path


def looked(*arguments: str | Path, **environ: str) -> tuple[int, dict[str, Any]]:
    result = run("doctor", "-o", "json", *arguments, **environ)
    return result.exit_code, json.loads(result.stdout)


def test_the_example_is_well_when_all_its_secrets_are_there() -> None:
    code, document = looked("--config", TWO, "--strict", **ALL)
    assert (code, document["findings"]) == (0, [])
    assert [(one["channel"], one["vendor"], one["signed"], one["whole_body"]) for one in document["channels"]] == [
        ("sms/main", "netease", ["sha1"], True),
        ("sms/marketing", "netease", ["sha1"], True),
        ("sms/aliyun", "aliyun", [], False),
    ]
    assert [one["secrets"] for one in document["channels"]] == [
        {"netease.app_secret": 1}, {"netease_marketing": 2}, {},
    ]  # fmt: skip
    assert document["channels"][2]["unsigned"].startswith("Alibaba Cloud documents no signature")
    assert document["channels"][2]["networks"] == ["127.0.0.0/8", "203.0.113.0/24"]
    assert document["config"] == "examples/deployments/two-accounts/adapter.yaml"
    assert {"Python", "starlette", "tzdata"} <= set(document["versions"])


@pytest.mark.parametrize(
    ("output", "fragment"),
    [
        ("concise", "error[DOC001]"),
        ("github", "::error file="),
        ("junit", "<testsuites"),
        ("sarif", '"ruleId": "DOC001"'),
    ],
)
def test_what_was_found_comes_in_every_format(output: str, fragment: str) -> None:
    result = run("doctor", "--config", TWO, "-o", output)
    assert (result.exit_code, fragment in result.stdout) == (1, True)


def test_the_text_names_what_is_missing_where_it_is_asked_for_and_no_value() -> None:
    environ = {name: value for name, value in ALL.items() if "MARKETING" not in name}
    result = run("doctor", "--config", TWO, **environ)
    assert result.exit_code == 1
    assert "error[DOC001]: sms/marketing netease: secret netease_marketing is not set" in result.stdout
    assert "15 |   sms/marketing:" in result.stdout
    assert "ADAPTER_SECRET_NETEASE_MARKETING" in result.stdout
    assert "3 channels looked at, 2 errors, 0 warnings" in result.stdout
    assert TOKEN not in result.stdout


def test_a_weakness_fails_under_strict_only(tmp_path: Path) -> None:
    path = written(tmp_path, "  s/1: {vendor: huawei, token: t}\n")
    code, document = looked("--config", path, ADAPTER_SECRET_T=TOKEN)
    assert (code, [one["code"] for one in document["findings"]]) == (0, ["DOC005"])
    assert looked("--config", path, "--strict", ADAPTER_SECRET_T=TOKEN)[0] == 3


def test_a_mistake_in_the_deployment_file_is_what_is_told(tmp_path: Path) -> None:
    code, document = looked("--config", written(tmp_path, "  s/1: {vendor: nobody, token: t}\n"))
    assert (code, [one["code"] for one in document["findings"]], document["channels"]) == (1, ["CHAN003"], [])


def test_a_vendor_whose_file_is_broken_is_an_error_where_it_is_used(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", AKC)
    path = written(tmp_path, "  s/1: {vendor: acme, token: t}\n")
    code, document = looked("--vendors", folder, "--config", path, ADAPTER_SECRET_T=TOKEN)
    assert (code, [one["code"] for one in document["findings"]]) == (1, ["DOC003"])
    assert document["channels"][0]["held_back"]


def test_without_a_deployment_every_shipped_vendor_is_shown_and_only_warned_about() -> None:
    code, document = looked()
    assert (code, document["config"]) == (0, None)
    assert [one["vendor"] for one in document["channels"]] == list(shipped().specs)
    for one in document["channels"]:
        assert bool(one["signed"]) != bool(one["unsigned"]), one["vendor"]
    assert {one["code"] for one in document["findings"]} == {"DOC001", "DOC008"}
    assert {one["severity"] for one in document["findings"]} == {"warning"}
    assert run("doctor", "--strict").exit_code == 3
    assert run("doctor").stdout.count("\n-  ") == len(shipped().specs)


def test_findings_are_sarif_too() -> None:
    result = run("doctor", "-o", "sarif", "--config", TWO)
    (report,) = json.loads(result.stdout)["runs"]
    assert {one["ruleId"] for one in report["results"]} == {"DOC001"}
    assert result.exit_code == 1


def test_validate_reads_the_deployment_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "  s/1: {vendor: netese, token: t}\n")
    named = run("validate", "--config", path)
    assert named.exit_code == 1
    assert "error[CHAN003]: there is no vendor 'netese'" in named.stdout
    assert "^^^^^^" in named.stdout
    monkeypatch.chdir(tmp_path)
    assert run("validate").exit_code == 1
    assert "CHAN003" not in run("validate", ROOT / "vendors.d" / "netease.yaml").stdout
    assert run("validate", "--config", TWO).exit_code == 0


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["doctor"], ["send", "netease"], ["validate"]])
def test_a_deployment_file_that_is_not_there_is_wrong_usage(command: list[str], tmp_path: Path) -> None:
    result = run(*command, "--config", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "there is no such file" in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["send", "netease"]])
def test_a_broken_deployment_file_starts_nothing(command: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, "  s/1: {vendor: netese, token: t}\n")
    result = run(*command, "--config", path)
    assert result.exit_code == 1
    assert "error[CHAN003]" in result.stderr
    assert "did you mean 'netease'?" in result.stderr
    assert not (tmp_path / "adapter.db").exists()
