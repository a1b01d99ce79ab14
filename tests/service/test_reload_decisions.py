"""What is taken, what stays, and what is said of it? Tables without a server."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.service.deployment import parse_deployment
from adapter.service.fitting import Content, Deployed, State, settle, told_of
from adapter.service.good import Broken, Found, Good, Version, decide, sayings
from adapter.service.looking import Eyes, Memory, Places, emptied
from adapter.spec.packaged import schemas
from tests.specs import spec, tiny

A, B, C = ({Path("file"): text} for text in "abc")
AND = {**A, Path("and"): "another"}
DUE = [
    ("nothing new", Memory(A, A), A, False),
    ("new, seen once", Memory(A, A), B, False),
    ("new, seen twice", Memory(A, B), B, True),
    ("another one each time", Memory(A, B), C, False),
    ("back again", Memory(A, B), A, False),
    ("it failed a moment ago", Memory(A, B, failed=B, retry_at=10), B, False),
    ("it failed a while ago", Memory(A, B, failed=B, retry_at=9), B, True),
    ("it failed, and is another now", Memory(A, C, failed=B, retry_at=10), C, True),
    ("it failed, and is as it was before", Memory(A, A, failed=B, retry_at=10), A, True),
    ("a new file", Memory(A, AND), AND, True),
    ("a file is gone", Memory(AND, A), A, False),
    ("a file is gone for long", Memory(AND, A, looks=4), A, True),
]


@pytest.mark.parametrize(("memory", "now", "due"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_only_what_was_seen_again_is_taken(memory: Memory, now: dict[Path, str], due: bool) -> None:
    assert memory.due(now, 9.5) is due


EMPTIED = [
    ((), (), False),
    (("own/a.yaml",), ("own/a.yaml",), False),
    (("own/a.yaml", "own/b.yaml"), ("own/b.yaml",), False),
    (("own/a.yaml",), (), True),
    (("own/a.yaml", "own/tables/t.yaml"), ("own/tables/t.yaml",), True),
    ((), ("own/a.yaml",), False),
]


@pytest.mark.parametrize(("taken", "now", "outage"), EMPTIED)
def test_a_folder_is_emptied_when_no_vendor_file_is_left(
    taken: tuple[str, ...], now: tuple[str, ...], outage: bool
) -> None:
    before, after = ({Path(name): "" for name in names} for names in (taken, now))
    assert emptied([Path("own")], before, after) == ([Path("own")] if outage else [])


def test_a_file_of_the_same_size_and_time_is_another_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text("one")
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    eyes = Eyes(Places((tmp_path,), ()))
    first = eyes()
    path.write_text("two")
    os.utime(path, ns=times)
    assert (eyes() != first, eyes() == eyes()) == (True, True)


REST = "body: json\nevents: [{kind: ignore}]\n"
SOME = spec(tiny(REST))
SIGNS_ITS_URL = spec(
    tiny(REST).replace("unsigned: a test", 'verify: [{header: X, is: hmac-sha256, key: k, of: "{url}{body}"}]')
)


def version(content: str, since: str = "then") -> Version:
    return Version(replace(SOME, hash=content), {}, since)


def wrong(text: str, at: str = "now") -> Broken:
    return Broken(text, text, at)


# before: versions and what is broken; found: right and broken; after: hash by vendor, broken, and what is said.
STEPS = [
    ({"a": "1"}, {}, {"a": "1"}, {}, {"a": "1"}, {}, []),
    ({"a": "1"}, {}, {"a": "2"}, {}, {"a": "2"}, {}, ["a: 2 is served from now on, before it 1"]),
    ({"a": "1"}, {}, {}, {"a": "bad"}, {"a": "1"}, {"a": "bad"}, ["a: not taken, 1 of then is served on: bad\nbad"]),
    ({"a": "1"}, {"a": "bad"}, {}, {"a": "bad"}, {"a": "1"}, {"a": "bad"}, []),
    ({"a": "1"}, {"a": "bad"}, {}, {"a": "worse"}, {"a": "1"}, {"a": "worse"},
     ["a: not taken, 1 of then is served on: worse\nworse"]),
    ({"a": "1"}, {"a": "bad"}, {"a": "1"}, {}, {"a": "1"}, {}, ["a: right again, 1 is served on"]),
    ({"a": "1"}, {"a": "bad"}, {"a": "2"}, {}, {"a": "2"}, {}, ["a: 2 is served from now on, before it 1"]),
    ({}, {}, {}, {"a": "bad"}, {}, {"a": "bad"}, ["a: held back, for it was never right: bad\nbad"]),
    ({}, {"a": "bad"}, {"a": "1"}, {}, {"a": "1"}, {}, ["a: 1 is served from now on"]),
    ({"a": "1", "b": "1"}, {}, {"b": "1"}, {}, {"b": "1"}, {}, ["a: its file was removed, so it is served no more"]),
    ({"a": "1", "b": "1"}, {}, {"b": "2"}, {"a": "bad"}, {"a": "1", "b": "2"}, {"a": "bad"},
     ["a: not taken, 1 of then is served on: bad\nbad", "b: 2 is served from now on, before it 1"]),
    ({}, {"a": "bad"}, {}, {}, {}, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("versions", "broken", "right", "bad", "after", "still", "said"), STEPS)
def test_a_step(
    versions: dict[str, str], broken: dict[str, str], right: dict[str, str], bad: dict[str, str],
    after: dict[str, str], still: dict[str, str], said: list[str],
) -> None:  # fmt: skip
    before = Good({}, _versions(versions, "then"), {name: wrong(text, "then") for name, text in broken.items()})
    found = Found({}, _versions(right, "now"), {name: wrong(text) for name, text in bad.items()})
    good = decide(before, found, (), "now")
    assert {name: one.spec.hash for name, one in good.versions.items()} == after
    assert {name: one.why for name, one in good.broken.items()} == still
    assert list(sayings(before, good)) == said
    assert list(sayings(good, decide(good, found, (), "later"))) == []
    assert {name: one.ok for name, one in good.reports().items()} == {
        name: name not in still for name in {**after, **still}
    }
    for name, one in good.versions.items():
        assert one.since == ("then" if versions.get(name) == one.spec.hash else "now")


def _versions(hashes: dict[str, str], since: str) -> dict[str, Version]:
    return {name: version(content, since) for name, content in hashes.items()}


def test_a_removed_file_stays_where_a_channel_names_its_vendor() -> None:
    before = Good({}, _versions({"a": "1", "b": "1"}, "then"))
    good = decide(before, Found({}, _versions({"b": "1"}, "now"), {}), ("a",), "now")
    assert good.versions.keys() == {"a", "b"}
    assert good.last_good == {"a": "a: its file is gone, and a channel of the deployment file names it"}


ONE = b"adapter: v1\nchannels: {sms/1: {vendor: acme, open: a test}}\n"
TWO = ONE + b"# another\n"
TYPO = b"adapter: v1\nchanels: {}\n"


def _deployed(content: bytes) -> Deployed:
    read, _, _ = parse_deployment(content, "adapter.yaml", schemas(), Good({}, {"acme": version("1")}).registry)
    assert read
    return Deployed("adapter.yaml", content, read)


FITS: list[tuple[Content, str, bytes, str, list[str]]] = [
    (ONE, "1", ONE, "", []),
    (TWO, "1", TWO, "", ["adapter.yaml: taken, 1 channels"]),
    (TYPO, "1", ONE, "SPEC001", ["adapter.yaml: not taken"]),
    (TYPO, "2", ONE, "SPEC001", ["acme: 2 is served", "adapter.yaml: not taken"]),
    (TWO, "2", TWO, "", ["acme: 2 is served", "adapter.yaml: taken, 1 channels"]),
    (wrong("it is gone"), "2", ONE, "gone", ["acme: 2 is served", "adapter.yaml: not taken"]),
]


@pytest.mark.parametrize(("content", "acme", "serves", "why", "said"), FITS)
def test_a_deployment_file_is_taken_with_the_vendors_that_fit_it(
    content: Content, acme: str, serves: bytes, why: str, said: list[str]
) -> None:
    before = State(Good({}, {"acme": version("1")}), _deployed(ONE))
    found = Found({}, {"acme": version(acme)}, {})
    after = settle(before, found, content, "now")
    assert after.deployed
    assert (after.deployed.content, after.good.versions["acme"].spec.hash) == (serves, acme)
    assert why in after.last_good.get("adapter.yaml", "")
    assert bool(why) == bool(after.deployed.broken)
    lines = list(told_of(before, after))
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True))
    assert list(told_of(after, settle(after, found, content, "later"))) == []


def test_a_new_version_that_needs_a_public_url_stays_out_and_so_does_not_take_the_file_with_it() -> None:
    """A vendor that signs its URL cannot be believed where nobody says the URL."""
    signing = replace(SIGNS_ITS_URL, hash="2")
    before = State(Good({}, {"acme": version("1")}), _deployed(ONE))
    found = Found({}, {"acme": Version(signing, {}, "now")}, {})
    after = settle(before, found, TWO, "now")
    assert after.deployed
    assert (after.deployed.content, after.good.versions["acme"].spec.hash) == (TWO, "1")
    assert "CHAN009" in after.last_good["acme"]
    named = ONE.replace(b"channels", b"listen: {public_url: https://a.example}\nchannels")
    assert settle(after, found, named, "now").good.versions["acme"].spec.hash == "2"
