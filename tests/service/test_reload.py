"""What if a file changes while the server runs? Over HTTP: faults of files, each survived, told once, and mended."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.spec.loader import Loaded
from tests.faults.reloads import reloads
from tests.service.reloading import Reloading, folder, reloading, table, until, vendor


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reloading]:
    path = tmp_path_factory.mktemp("reload")
    with reloading(path, folder(path / "own")) as one:
        yield one


@pytest.fixture
def one(standing: Reloading, caplog: pytest.LogCaptureFixture) -> Reloading:
    """A server in open mode with nothing wrong."""
    standing.reset()
    caplog.clear()
    return standing


BROKEN = "spec: v1\nvendor: [acme\n"


def test_a_good_save_is_served_and_its_events_carry_its_hash(one: Reloading) -> None:
    assert one.status() == "delivered"
    before = one.hash()
    one.write("acme.yaml", vendor(status="expired"))
    until(lambda: one.status() == "expired")
    assert one.hash() not in ("", before)
    assert [one.data("acme")["spec"], one.data("beta")["spec"]] == [one.hash(), one.hash("beta")]
    assert one.last_good() == {}


def _text(text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "acme.yaml").write_text(text)

    return change


def _utf16(folder: Path) -> None:
    (folder / "acme.yaml").write_text(vendor(), encoding="utf-16")


def _directory(folder: Path) -> None:
    (folder / "acme.yaml").unlink()
    (folder / "acme.yaml").mkdir()


def _dangling(folder: Path) -> None:
    (folder / "acme.yaml").unlink()
    (folder / "acme.yaml").symlink_to(folder / "nowhere.yaml")


def _to_itself(folder: Path) -> None:
    (folder / "acme.yaml").unlink()
    (folder / "acme.yaml").symlink_to("acme.yaml")


def _pipe(folder: Path) -> None:
    (folder / "acme.yaml").unlink()
    os.mkfifo(folder / "acme.yaml")


def _huge(folder: Path) -> None:
    with (folder / "acme.yaml").open("wb") as file:
        file.truncate(3 << 30)


def _table(folder: Path) -> None:
    (folder / "tables" / "shared.yaml").write_text(table("{"))


def _row(folder: Path) -> None:
    (folder / "tables" / "shared.yaml").write_text(table('"9": nosuchword'))


def _no_table(folder: Path) -> None:
    (folder / "tables" / "shared.yaml").unlink()


def _twice(folder: Path) -> None:
    (folder / "acme.yml").write_text(vendor())


FAULTS: list[tuple[str, Callable[[Path], None], str]] = [
    ("a file that is no YAML", _text(BROKEN), "YAML001"),
    ("an empty file", _text(""), "YAML003"),
    ("an unknown key", _text(vendor().replace("body:", "boddy:")), "SPEC001"),
    ("another vendor's name", _text(vendor("gamma")), "SPEC010"),
    ("an example that fails", _text(vendor(status="expired", expected="delivered")), "TEST001"),
    ("no UTF-8", _utf16, "YAML005"),
    ("a directory", _directory, "YAML010"),
    ("a link to nowhere", _dangling, "YAML010"),
    ("a link to itself", _to_itself, "YAML010"),
    ("a pipe", _pipe, "YAML010"),
    ("3 GiB of nothing", _huge, "YAML009"),
    ("a broken table", _table, "YAML"),
    ("a broken row of a table", _row, "CODE001"),
    ("a table that is gone", _no_table, "CODE003"),
    ("two files for one vendor", _twice, "SPEC011"),
]


@pytest.mark.parametrize(("fault", "code"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_keeps_the_last_good_version_spares_the_others_is_told_once_and_mended(
    one: Reloading, caplog: pytest.LogCaptureFixture, fault: Callable[[Path], None], code: str
) -> None:
    before = one.hash()
    fault(one.vendors)
    one.write("beta.yaml", vendor("beta", status="expired", table="cn-carrier"))
    until(lambda: "acme" in one.last_good())
    assert code in one.last_good()["acme"]
    assert "acme" not in one.ready()[1]["held_back"]
    assert (one.status(), one.status(code="9"), one.status("beta")) == ("delivered", "expired", "expired")
    assert one.hash() == before
    report = one.reload.state.good.reports()["acme"]
    assert (report.hash, report.ok) == (before, False)
    until(lambda: one.kept()["acme"].broken)
    assert one.kept()["acme"].hash == before
    one.looks()
    assert [code in line and "acme: not taken" in line for line in caplog.messages].count(True) == 1
    one.reset()
    assert (one.last_good(), one.status()) == ({}, "delivered")
    until(lambda: one.kept()["acme"].broken == "")
    assert [f"acme: right again, {before}" in line for line in caplog.messages].count(True) == 1


def _emptied(own: Path) -> None:
    for file in own.glob("*.yaml"):
        file.unlink()


def _vanished(own: Path) -> None:
    shutil.rmtree(own)


def _a_file(own: Path) -> None:
    _vanished(own)
    own.write_text("no folder")


@pytest.mark.parametrize("outage", [_emptied, _vanished, _a_file])
def test_a_folder_that_is_empty_or_gone_changes_nothing(
    one: Reloading, caplog: pytest.LogCaptureFixture, outage: Callable[[Path], None]
) -> None:
    outage(one.vendors)
    until(lambda: "own" in one.last_good().get("files", ""))
    one.looks()
    assert (one.status(), one.status("beta")) == ("delivered", "delivered")
    assert [line.startswith("files: all that is served stays") for line in caplog.messages].count(True) == 1
    one.reset()  # the same files as before
    assert "files: they can be read again" in caplog.messages


def test_a_single_removed_file_removes_its_vendor_and_a_new_one_adds_it(one: Reloading) -> None:
    assert one.status("beta") == "delivered"
    (one.vendors / "beta.yaml").unlink()
    until(lambda: one.status("beta") == "")
    assert one.last_good() == {}
    until(lambda: "beta" not in one.kept())
    one.write("beta.yaml", vendor("beta", status="expired"))
    until(lambda: one.status("beta") == "expired")


def test_a_vendor_that_was_never_right_is_held_back_until_it_is(one: Reloading) -> None:
    one.write("gamma.yaml", vendor("gamma", status="expired", expected="delivered"))
    until(lambda: "gamma" in one.ready()[1]["held_back"])
    assert one.status("gamma") == ""
    until(lambda: "gamma" in one.kept())
    one.write("gamma.yaml", vendor("gamma"))
    until(lambda: one.status("gamma") == "delivered")
    assert "gamma" not in one.ready()[1]["held_back"]


def test_a_config_map_is_swapped_behind_its_link(tmp_path: Path) -> None:
    """Kubernetes' files of a ConfigMap are links through `..data`, which is replaced by another link."""
    own = tmp_path / "own"
    folder(own / "..2024_1")
    (own / "..data").symlink_to("..2024_1")
    for name in ("acme.yaml", "beta.yaml", "tables"):
        (own / name).symlink_to(f"..data/{name}")
    with reloading(tmp_path, own) as one:
        assert one.status() == "delivered"
        folder(own / "..2024_2", acme=vendor(status="expired"))
        (own / "..data_tmp").symlink_to("..2024_2")
        (own / "..data_tmp").rename(own / "..data")
        shutil.rmtree(own / "..2024_1")
        until(lambda: one.status() == "expired")
        assert one.status("beta") == "delivered"


def test_a_file_that_grows_is_taken_when_it_is_whole(one: Reloading, caplog: pytest.LogCaptureFixture) -> None:
    text = vendor(status="expired")
    with (one.vendors / "acme.yaml").open("w") as file:
        for start in range(0, len(text), 120):
            file.write(text[start : start + 120])
            file.flush()
            before = one.reload.memory.before
            until(lambda before=before: one.reload.memory.before is not before)  # type: ignore[misc]
    until(lambda: one.status() == "expired")
    assert [line for line in caplog.messages if "not taken" in line] == []


def test_a_new_table_makes_another_hash_and_other_events(one: Reloading) -> None:
    before = one.hash()
    assert one.status(code="9") == "expired"
    one.write("tables/shared.yaml", table('"9": rejected'))
    until(lambda: one.status(code="9") == "rejected")
    assert one.hash() != before
    assert one.data("acme")["spec"] == one.hash()


def test_a_broken_kind_changes_nothing_and_a_good_one_adds_its_fields(tmp_path: Path) -> None:
    kinds, own = tmp_path / "kinds", folder(tmp_path / "own")
    (kinds / "events").mkdir(parents=True)
    kind = kinds / "events" / "voice.call.v1.json"
    kind.write_text('{"type": "object", "properties": {"id": {"type": "string"}}}')
    with reloading(tmp_path, own, schemas=(kinds,)) as one:
        kind.write_text("{")
        until(lambda: "voice.call.v1.json" in one.last_good().get("files", ""))
        assert one.status() == "delivered"
        kind.write_text('{"type": "object", "properties": {"id": {"type": "string"}, "far": {"type": "string"}}}')
        until(lambda: one.last_good() == {})
        assert "far" in one.reload.state.good.kinds["voice.call"].columns


@pytest.mark.parametrize("examples", ["mistake", "example"])
def test_a_restart_with_a_broken_file_serves_the_last_good_version(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, examples: str
) -> None:
    own = folder(tmp_path / "own")
    with reloading(tmp_path, own) as one:
        until(lambda: "acme" in one.kept())
        kept = one.kept()["acme"]
        assert kept.files == {"acme.yaml": vendor(), "tables/shared.yaml": table()}
    (own / "acme.yaml").write_text(BROKEN if examples == "mistake" else vendor(status="expired", expected="delivered"))
    (own / "tables" / "shared.yaml").write_text(table('"9": rejected'))
    with reloading(tmp_path, own) as one:
        assert list(one.last_good()) == ["acme"]
        assert one.hash() == kept.hash
        assert (one.status(), one.status(code="9"), one.status("beta", "9")) == ("delivered", "expired", "rejected")
        assert any(f"acme: not taken, {kept.hash} of {kept.kept_at} is served on" in line for line in caplog.messages)
        one.write("acme.yaml", vendor())
        until(lambda: one.last_good() == {})
        assert one.status(code="9") == "rejected"


def test_a_store_that_fails_stops_no_reload(
    one: Reloading, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = replace(one.reload.where, path=one.vendors.parent / "no" / "folder.db")
    with monkeypatch.context() as changed:
        changed.setattr(one.reload, "where", nowhere)
        one.write("acme.yaml", vendor(status="expired"))
        until(lambda: one.status() == "expired")
        one.looks()
        assert [line.startswith("the last good versions were not kept") for line in caplog.messages].count(True) == 1
    until(lambda: one.kept()["acme"].hash == one.hash())


CHANNELS = "adapter: v1\nlimits: {{body: {limit}}}\nchannels:\n  sms/1: {{vendor: acme, open: a test}}\n{more}"


def _deployed(path: Path, limit: int = 2000, more: str = "") -> Path:
    path.write_text(CHANNELS.format(limit=limit, more=more))
    return path


def test_channels_and_limits_change_and_what_cannot_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = _deployed(tmp_path / "adapter.yaml")
    with reloading(tmp_path, folder(tmp_path / "own"), config) as one:
        assert one.status() == "delivered"
        assert one.post("beta", channel="sms/2").status_code == 404
        assert one.post(filler="x" * 2000).status_code == 413
        _deployed(config, 4000, "  sms/2: {vendor: beta, open: a test}\nlisten: {port: 9}\nstore: other.db\n")
        until(lambda: one.post("beta", channel="sms/2").status_code == 200)
        assert one.post(filler="x" * 2000).status_code == 200
        assert any("listen.port, store takes effect at the next start" in line for line in caplog.messages)


DEPLOYMENTS = [
    ("adapter: [", "YAML"),
    (CHANNELS.format(limit=1, more="  sms/2: {vendor: nobody, open: a test}\n"), "CHAN003"),
    ("", "YAML003"),
    (None, "cannot be read"),
]


def test_a_broken_deployment_file_keeps_the_last_good_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = _deployed(tmp_path / "adapter.yaml")
    with reloading(tmp_path, folder(tmp_path / "own"), config) as one:
        for (text, told), status in zip(DEPLOYMENTS, ["expired", "rejected"] * 2, strict=True):
            caplog.clear()
            config.unlink() if text is None else config.write_text(text)
            one.write("acme.yaml", vendor(status=status))
            until(one.last_good)
            assert told in one.last_good()[str(config)]
            until(lambda status=status: one.status() == status)  # type: ignore[misc]
            one.looks()
            assert [line.startswith(f"{config}: not taken") for line in caplog.messages].count(True) == 1
            _deployed(config)
            until(lambda: one.last_good() == {})


def test_vendors_that_no_longer_fit_their_channel_stay_and_the_others_go_on(tmp_path: Path) -> None:
    config = tmp_path / "adapter.yaml"
    config.write_text(
        "adapter: v1\nchannels:\n"
        "  sms/1: {vendor: [acme, beta], open: a test}\n  sms/2: {vendor: gamma, open: a test}\n"
    )
    with reloading(tmp_path, folder(tmp_path / "own", gamma=vendor("gamma")), config) as one:
        one.write("gamma.yaml", vendor("gamma", status="expired"))
        one.write("acme.yaml", vendor(status="expired").replace("match: {has: [acme]}", "match: {has: [beta]}"))
        until(lambda: one.status("gamma", channel="sms/2") == "expired")
        assert "MATCH001" in one.last_good()["acme"]
        assert (one.status(), one.status("beta")) == ("delivered", "delivered")
        one.write("acme.yaml", vendor(status="expired"))
        until(lambda: one.status() == "expired")
        assert one.last_good() == {}


def test_a_removed_file_that_a_channel_names_is_served_until_none_does(tmp_path: Path) -> None:
    more = "  sms/2: {vendor: beta, open: a test}\n"
    config = _deployed(tmp_path / "adapter.yaml", more=more)
    with reloading(tmp_path, folder(tmp_path / "own"), config) as one:
        (one.vendors / "beta.yaml").unlink()
        until(lambda: "its file is gone" in one.last_good().get("beta", ""))
        assert one.status("beta", channel="sms/2") == "delivered"
        _deployed(config)
        until(lambda: one.last_good() == {})
        assert one.post("beta", channel="sms/2").status_code == 404


def test_a_new_channel_finds_its_secret_and_no_value_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "fresh").write_text("t")
    monkeypatch.setenv("ADAPTER_SECRETS_DIR", str(secrets))
    config = _deployed(tmp_path / "adapter.yaml")
    with reloading(tmp_path, folder(tmp_path / "own"), config) as one:
        _deployed(config, more="  sms/2: {vendor: beta, token: fresh}\n")
        codes = set()

        def taken() -> bool:
            codes.add(one.post("beta", channel="sms/2").status_code)
            return 200 in codes

        until(taken)
        assert codes <= {200, 404}  # and never "come again", for want of a secret that is there
        (secrets / "fresh").write_text("another-token")
        until(lambda: one.post("beta", channel="sms/2").status_code == 404)
        _deployed(config, more="  sms/2: {vendor: beta, token: absent}\n")
        until(lambda: "sms/2: secret absent is not set" in caplog.messages)
        assert one.post("beta", channel="sms/2").status_code == 503
        assert "another-token" not in caplog.text


def test_it_looks_on_whatever_goes_wrong(one: Reloading, caplog: pytest.LogCaptureFixture) -> None:
    sources = one.reload.sources

    def failing(_: object) -> Loaded:
        raise KeyError("a mistake of ours")

    one.reload.sources = replace(sources, read=failing)
    one.write("acme.yaml", vendor(status="expired"))
    until(lambda: any("KeyError: 'a mistake of ours'" in line for line in caplog.messages))
    one.reload.sources = sources
    one.write("acme.yaml", vendor(status="rejected"))
    until(lambda: one.status() == "rejected")


def test_no_request_fails_and_none_is_answered_by_half_a_registry_while_files_toggle(tmp_path: Path) -> None:
    """`python -m tests.faults.reloads` does so a thousand times."""
    found = reloads(tmp_path, 12)
    assert (found.reloads, found.failed, found.mixed) == (12, 0, 0)
    assert found.good, found
