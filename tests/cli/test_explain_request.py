"""Does an explanation say who claims a callback and why, what was signed, where fields come from, and no secret?"""

# A row of a table is one line.
# ruff: noqa: E501

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.http_text import Written, parse, request
from adapter.model import Secrets
from adapter.rehearsal import prepared, secrets_for
from adapter.signing import ARRIVAL, arriving, made_up_secrets, sign
from adapter.spec import packaged
from adapter.spec.language import Registry, Spec
from adapter.trace.masking import ends, mask
from adapter.trace.signature import Step
from adapter.trace.way import Way, way
from tests.cli.command import ACME, acme, run
from tests.specs import registry
from tests.vendors.shipped import POSTED, REGISTRY

SECRET = "ADAPTER_SECRET_ACME_API_SECRET"
TABLES = {"cn-carrier": (packaged.vendors() / "tables" / "cn-carrier.yaml").read_text(encoding="utf-8")}


@pytest.fixture(scope="module", autouse=True)
def _few_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only the shared tables come with the package: what is tested here does not depend on its vendors."""
    folder = tmp_path_factory.mktemp("packaged")
    shutil.copytree(packaged.vendors() / "tables", folder / "tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packaged, "vendors", lambda: folder)
        yield


def known(*changes: tuple[str, str], others: tuple[str, ...] = ()) -> Registry:
    text = ACME
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return registry(text, *others, tables=TABLES)


def explained(found: Registry, written: Written, secrets: Secrets, vendor: str = "acme") -> Way:
    return way(found, found.specs[vendor], request(written, ARRIVAL), secrets)


# Who claims it

BODY = '{"reports": [{"id": "a", "phone": "1", "result": "021", "when": "2024-05-01 09:00:00"}]}'
CLAIMS = [
    ("{headers: [X-A, X-B]}", "X-A: 1", BODY, "header x-b is absent"),
    ("{method: GET}", "X-A: 1", BODY, "the method is POST, not GET"),
    ("{path: /status}", "X-A: 1", BODY, "the path behind the token is '', not /status"),
    ("{content_type: text/xml}", "Content-Type: text/plain", BODY, "its type is 'text/plain', not text/xml"),
    ("{has: [reports, other.name]}", "X-A: 1", BODY, "'other.name' is absent"),
    ("{equals: {type: a}}", "X-A: 1", BODY, "'type' is absent"),
    ("{equals: {type: [a, b]}}", "X-A: 1", '{"type": "c"}', "'type' is 'c', not 'a' or 'b'"),
    ("{when: \"type == 'c'\"}", "X-A: 1", BODY, "when type == 'c' is not true"),
    ("{has: [a]}", "X-A: 1", "<a/>", "its body is not json (not json"),
    ("[{headers: [X-Q]}, {headers: [X-A], has: [none]}]", "X-A: 1", BODY, "'none' is absent"),
]


@pytest.mark.parametrize(("match", "header", "body", "why"), CLAIMS)
def test_the_first_part_that_fails_is_told(match: str, header: str, body: str, why: str) -> None:
    found = known(("{headers: [X-Acme-Signature], has: [reports]}", match))
    (claim,) = explained(found, parse(f"POST /notify/sms/1/1\n{header}\n\n{body}"), {}).claims
    assert not claim.holds
    assert claim.why.startswith(why)


def test_who_claims_it_is_told_with_what_was_asked() -> None:
    written = parse(f"POST /notify/sms/1/1\nX-Acme-Signature: 1\n\n{BODY}")
    (claim,) = explained(known(), written, {}).claims
    assert (claim.holds, claim.why) == (True, "headers x-acme-signature, has reports")


def test_every_shipped_example_is_claimed_by_its_own_spec_alone_and_every_other_says_why() -> None:
    for one in POSTED[::7]:
        claims = way(REGISTRY, one.spec, one.request, one.secrets).claims
        assert all(claim.why for claim in claims)
        assert [claim.vendor for claim in claims if claim.holds] in ([one.spec.vendor], [])


# The signature

PARTS = ("sha1", "{secret.api_secret}{header.X-Time}{body|md5|hex}")


def signed(rule: str, how: tuple[str, ...] = (), secret: bytes = b"correct horse battery") -> tuple[Step, ...]:
    """The steps for a request that was signed by one rule, and is held against another."""
    line = '{header: X-Acme-Signature, is: hmac-sha256, key: api_secret, encoding: hex, of: "{body}"}'
    theirs, ours = known((line, how[0] if how else rule)), known((line, rule))
    secrets = {"acme.api_secret": (secret,)}
    written = sign(theirs.specs["acme"], parse(f"POST /notify/sms/1/1\nX-Time: 17\n\n{BODY}"), secrets)
    return explained(ours, written, secrets).steps


def rule(of: str, algorithm: str = "sha1", more: str = "") -> str:
    return f'{{header: X-Acme-Signature, is: {algorithm}, of: "{of}"{more}}}'


OTHERWISE = [
    ("{secret.api_secret}{header.X-Time}{body}", "{header.X-Time}{secret.api_secret}{body}", "if the order were header x-time, secret api_secret, body"),
    ("{secret.api_secret}{body|md5|hex}", "{secret.api_secret}{body|md5|hex|upper}", "if the hex inside were in upper case"),
    ("{secret.api_secret}&{header.X-Time}", "{header.X-Time}&{secret.api_secret}", "if the order were header x-time, secret api_secret"),
    ("{body|md5|hex}{header.X-Time}{secret.api_secret}", "{secret.api_secret}{header.X-Time}{body|md5|hex|upper}", "if the order were secret api_secret, header x-time, body, and if the hex inside were in upper case"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "really", "hint"), OTHERWISE)
def test_what_would_have_matched_is_told(of: str, really: str, hint: str) -> None:
    (step,) = signed(rule(of), (rule(really),))
    assert (step.state, step.hints) == ("differs", (hint,))


WRITTEN = [
    (rule("{body}{secret.api_secret}"), rule("{body}{secret.api_secret}", more=", encoding: base64"), "if encoding were base64"),
    (rule("{body}{secret.api_secret}"), rule("{body}{secret.api_secret}", "md5"), "if it were md5"),
    (rule("{body}", "hmac-sha256", ", key: api_secret"), rule("{body}", "hmac-sha1", ", key: api_secret"), "if it were hmac-sha1"),
    (rule("{body}", "hmac-sha256", ", key: api_secret"), rule("{body}", "hmac-sha256", ", key: api_secret, prefix: 'sha256='"), "if prefix were 'sha256='"),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "hint"), WRITTEN)
def test_another_way_of_writing_it_is_told(ours: str, theirs: str, hint: str) -> None:
    (step,) = signed(ours, (theirs,))
    assert step.hints == (hint,)


@pytest.mark.parametrize(
    ("signed_body", "sent", "hint"),
    [
        (BODY + "\n", BODY, "if a line break stood at the end of the body"),
        (BODY + "\r\n", BODY, "if CR and LF stood at the end of the body"),
        (BODY, BODY + "\n", "if no line break stood at the end of the body"),
    ],
)
def test_a_line_break_more_or_less_is_told(signed_body: str, sent: str, hint: str) -> None:
    found, secrets = known(), {"acme.api_secret": (b"correct horse battery",)}
    written = parse("POST /notify/sms/1/1\nX-Acme-Signature: 00")
    signed_one = sign(found.specs["acme"], replace(written, body=signed_body.encode()), secrets)
    (step,) = explained(found, replace(signed_one, body=sent.encode()), secrets).steps
    assert step.hints == (hint,)


def test_what_no_small_change_explains_gets_no_hint() -> None:
    (step,) = signed(rule("{secret.api_secret}{body}"), (rule("{secret.api_secret}{body}x"),))
    assert (step.state, step.hints) == ("differs", ())


def test_the_live_value_that_agrees_is_told() -> None:
    found = known()
    spec = found.specs["acme"]
    written = sign(spec, parse(f"POST /notify/sms/1/1\n\n{BODY}"), {"acme.api_secret": (b"the second one",)})
    (step,) = explained(found, written, {"acme.api_secret": (b"the first one", b"the second one")}).steps
    assert (step.state, step.live) == ("ok", "live value 2 of 2 of api_secret")


@pytest.mark.parametrize(
    ("header", "secrets", "state", "detail"),
    [
        ("X-A: 1", {"acme.api_secret": (b"x" * 20,)}, "missing", "header x-acme-signature is missing"),
        ("X-Acme-Signature: ab", {"acme.api_secret": ()}, "no secret", "api_secret is not set"),
        ("X-Acme-Signature: ab", {}, "no secret", "api_secret is not set"),
        ("X-Acme-Signature: zz", {"acme.api_secret": (b"x" * 20,)}, "missing", "header x-acme-signature: it has no hex signature"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(header: str, secrets: Secrets, state: str, detail: str) -> None:
    (step,) = explained(known(), parse(f"POST /notify/sms/1/1\n{header}\n\n{BODY}"), secrets).steps
    assert (step.state, step.detail) == (state, detail)


@pytest.mark.parametrize("one", [one for one in POSTED if one.example.sign][::3], ids=lambda one: one.name)
def test_the_steps_of_every_shipped_example_agree_with_the_engine(one: Any) -> None:
    found = way(REGISTRY, one.spec, one.request, one.secrets)
    if found.steps and one.example.sign:
        assert all(step.good for step in found.steps)


# Secrets

SHAPES = [
    (rule("{secret.api_secret}"), "equal"),
    ('{header: X-Acme-Signature, is: equal, of: "{secret.api_secret}"}', "equal"),
    ('{header: X-Acme-Signature, is: equal, prefix: "Bearer ", of: "{secret.api_secret}"}', "bearer"),
    ('{header: X-Acme-Signature, is: equal, encoding: text, of: "{secret.api_secret|base64}"}', "base64"),
    (rule("{secret.api_secret}{body|md5|hex}"), "sha1"),
    (rule("{body}", "hmac-sha256", ", key: api_secret"), "hmac"),
    (rule("{let.a}{body}", more=', let: {a: "{secret.api_secret}:"}'), "let"),
    (rule("{list}", more=', list: {items: ["{secret.api_secret}", "{header.X-Time}"], sort: true, join: "&"}'), "list"),
]
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40)
secret_values = printable.map("~{}".format)
"""No word of a file or of our own code begins like that: such a word stays where it is."""


def _never(secret: str, shown: str) -> None:
    """Neither the secret nor a form of it."""
    raw = secret.encode()
    for form in (secret, base64.b64encode(raw).decode().rstrip("="), raw.hex()):
        assert form not in shown
        assert json.dumps(form)[1:-1] not in shown


@pytest.mark.parametrize("shape", [one for one, _ in SHAPES], ids=[name for _, name in SHAPES])
@given(secret_values, st.booleans())
def test_no_secret_is_in_what_is_told(shape: str, secret: str, right: bool) -> None:
    line = '{header: X-Acme-Signature, is: hmac-sha256, key: api_secret, encoding: hex, of: "{body}"}'
    found = known((line, shape), ("when}", "when, description: token}"))
    secrets = {"acme.api_secret": (secret.encode(),)}
    body = json.dumps({"reports": [{"id": "a", "token": secret, "result": "0", "spare": secret}], secret: secret})
    written = sign(found.specs["acme"], parse(f"POST /notify/sms/1/1\nX-Time: 17\n\n{body}"), secrets)
    written = written if right else written.with_header(b"x-acme-signature", f"no{secret}".encode())
    told = explained(found, written, secrets)
    _never(secret, repr(told.claims) + repr(told.steps) + repr(told.entries) + repr(told.unused))


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("right", [True, False])
def test_no_secret_is_printed(tmp_path: Path, output: str, right: bool) -> None:
    secret = "S3cr3t-0f-th3-sh0p"
    folder = acme(tmp_path / "own", ("done_at: when}", "done_at: when, description: token}"))
    body = json.dumps({"reports": [{"id": "a", "token": secret, "result": "0"}, {"token": secret}]})
    spec = known().specs["acme"]
    signed_one = sign(spec, parse(f"POST /notify/sms/1/1\n\n{body}"), {"acme.api_secret": (secret.encode(),)})
    signature = dict(signed_one.headers)[b"x-acme-signature"].decode() if right else "ab" * 32
    (tmp_path / "request.http").write_text(
        f"POST /notify/sms/1/1?t={secret}\nX-Acme-Signature: {signature}\n\n{body}", encoding="utf-8"
    )
    result = run("try", tmp_path / "request.http", "--vendors", folder, "--explain", "-o", output, **{SECRET: secret})
    assert result.exit_code == 1
    assert "‹secret acme.api_secret›" in result.stdout
    _never(secret, result.output)


def test_the_right_signature_is_never_shown_in_full() -> None:
    found, secret = known(), b"correct horse battery"
    spec = found.specs["acme"]
    right = sign(spec, parse(f"POST /notify/sms/1/1\n\n{BODY}"), {"acme.api_secret": (secret,)})
    signature = dict(right.headers)[b"x-acme-signature"].decode()
    wrong = right.with_header(b"x-acme-signature", b"ab" * 32)
    (step,) = explained(found, wrong, {"acme.api_secret": (secret,)}).steps
    assert step.ours == (f"{signature[:8]}…{signature[-4:]}",)
    assert signature not in repr(step)


@pytest.mark.parametrize(("text", "shown"), [("a" * 64, "aaaaaaaa…aaaa"), ("a" * 24, "aaaaaaaa…aaaa"), ("a" * 23, "23 characters"), ("", "0 characters")])  # fmt: skip
def test_a_short_signature_shows_only_its_length(text: str, shown: str) -> None:
    assert ends(text) == shown


def test_a_mask_hides_every_live_value_the_longest_first() -> None:
    hidden = mask({"a.k": (b"secret-one", b"secret-one-more"), "b.k": (b"id:abcdefgh",)})
    assert hidden.hide("secret-one-more secret-one abcdefgh") == "‹secret a.k› ‹secret a.k› ‹secret b.k›"
    assert hidden.tree({"secret-one": ["x", 1, None, "xsecret-one"]}) == {
        "‹secret a.k›": ["x", 1, None, "x‹secret a.k›"]
    }


# Fields


def fields(body: str, *changes: tuple[str, str]) -> tuple[Way, dict[str, tuple[str, str, str, str]]]:
    found = known(*changes)
    spec, written = found.specs["acme"], parse(f"POST /notify/sms/1/1\n\n{body}")
    secrets = made_up_secrets(spec, written)
    told = explained(found, sign(spec, written, secrets), secrets)
    sources = [one for entry in told.entries for record in entry.records for one in record.sources]
    return told, {one.name: (one.expression, one.raw, one.result, one.note) for one in sources}


def test_each_field_says_where_it_comes_from() -> None:
    _, found = fields(BODY)
    assert found["message_id"] == ("id", '"a"', "a", "")
    assert found["done_at"] == (
        "when",
        '"2024-05-01 09:00:00"',
        "2024-05-01T09:00:00+08:00",
        "yyyy-MM-dd HH:mm:ss Asia/Shanghai",
    )


def test_a_status_says_which_row_decided() -> None:
    _, found = fields(BODY)
    expression, raw, result, note = found["status"]
    assert (expression, raw, result) == ("code", '"021"', "undelivered")
    assert note.startswith("otherwise (")
    assert found["reason"][2] == "absent_subscriber"
    assert found["reason"][3].startswith("codes, row 021 (")
    _, found = fields(BODY.replace("021", "DELIVRD"))
    assert found["status"][3].startswith("table cn-carrier, row DELIVRD (")
    _, found = fields(BODY, ("  otherwise:", "  success: \"result == '021'\"\n  otherwise:"))
    assert found["status"][2:] == ("delivered", "success: result == '021' is true")


def test_a_field_without_a_value_names_the_nearest_key() -> None:
    told, found = fields(BODY.replace('"phone"', '"phon"'))
    assert found["to"] == ("phone", "", "null", "nothing there; near: phon")
    assert told.unused == ("reports[].phon",)


def test_an_alternative_that_gave_the_value_is_named() -> None:
    _, found = fields(BODY, ("to: phone", "to: [mobile, phone]"))
    assert found["to"][0] == "phone"
    _, found = fields(BODY, ("to: phone", "to: [mobile, number]"))
    assert found["to"][:3] == ("mobile, number", "", "null")


UNUSED = [
    ('{"reports": [{"id": "a", "phone": "1", "spare": 1}], "token": {"a": 1}}', (), ("reports[].spare", "token.a")),
    ('{"reports": [{"id": "a", "info": {"a": 1, "b": 2}}]}', (("to: phone", "to: info.a"),), ("reports[].info.b",)),
    ('{"reports": [{"id": "a", "info": {"a": 1, "b": 2}}]}', (("when}", "when}\n    extra: {info: info}"),), ()),
    ('{"reports": [{"id": "a", "b": 1}]}', (("when}", "when}\n    extra: \"without(@, ['id'])\""),), ()),
    ('{"reports": [{"id": "a"}], "batch": 7, "more": 8}', (("to: phone", "to: _.body.batch"),), ("more",)),
    (
        '{"reports": [{"id": "a"}], "type": "x"}',
        (("    each: reports", "    equals: {type: x}\n    each: reports"),),
        (),
    ),
]


@pytest.mark.parametrize(("body", "changes", "left"), UNUSED)
def test_what_nobody_reads_is_told(body: str, changes: tuple[tuple[str, str], ...], left: tuple[str, ...]) -> None:
    assert fields(body, *changes)[0].unused == left


def test_a_record_that_became_no_event_says_why() -> None:
    told, found = fields('{"reports": [{"phone": "1", "result": "000"}]}')
    assert told.entries[0].records[0].became == "a problem: no message_id or reference"
    assert found["to"][:2] == ("phone", '"1"')


# As it is printed


def test_the_way_is_printed_in_its_order(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own")
    (tmp_path / "request.http").write_text(f"POST /notify/sms/1/1\nContent-Type: text/json\n\n{BODY}", encoding="utf-8")
    result = run("try", tmp_path / "request.http", "--vendors", folder, "--sign", "--explain")
    names = [line.split()[0] for line in result.stdout.splitlines() if line[:1].strip()]
    assert result.exit_code == 0
    assert names[:6] == ["request", "detect", "signature", "events", "ack", "verdict"]
    assert "text/json" in result.stdout.splitlines()[0]


def test_a_refused_one_says_what_the_answer_would_have_been(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own")
    (tmp_path / "request.http").write_text(f"POST /notify/sms/1/1\nX-Acme-Signature: ab\n\n{BODY}", encoding="utf-8")
    result = run("try", tmp_path / "request.http", "--vendors", folder, "--explain", **{SECRET: "x" * 20})
    assert 'because header x-acme-signature differs (would be 200 {"ok":true}, accepted)' in result.stdout
    assert "DIFFERS" in result.stdout


def test_what_nobody_claims_lists_the_reason_of_each(tmp_path: Path) -> None:
    (tmp_path / "request.http").write_text('POST /notify/sms/1/1\n\n{"a": 1}', encoding="utf-8")
    result = run("try", tmp_path / "request.http", "--vendors", acme(tmp_path / "own"), "--explain")
    assert "nobody claims it" in result.stdout
    assert "no: header x-acme-signature is absent" in result.stdout


def test_data_has_the_same_parts(tmp_path: Path) -> None:
    (tmp_path / "request.http").write_text(f"POST /notify/sms/1/1\n\n{BODY}", encoding="utf-8")
    flags = ("--sign", "--explain", "-o", "json")
    result = run("try", tmp_path / "request.http", "--vendors", acme(tmp_path / "own"), *flags)
    found = json.loads(result.stdout)["explained"]
    assert set(found) == {"claims", "signature", "handshake", "entries", "unused", "would"}
    assert found["signature"][0]["state"] == "ok"
    assert found["entries"][0]["records"][0]["sources"][0]["name"] == "message_id"


def test_a_curl_command_is_tried_like_a_file(tmp_path: Path) -> None:
    command = (
        f"curl -X POST 'https://a.example/notify/sms/1/1' \\\n  -H 'Content-Type: application/json' \\\n  -d '{BODY}'"
    )
    (tmp_path / "request.sh").write_text(command, encoding="utf-8")
    result = run("try", tmp_path / "request.sh", "--vendors", acme(tmp_path / "own"), "--sign")
    assert result.exit_code == 0, result.output
    assert "accepted   1 event" in result.stdout
    (tmp_path / "request.sh").write_text(f"{command} --upload-file x", encoding="utf-8")
    result = run("try", tmp_path / "request.sh", "--vendors", tmp_path / "own")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--upload-file is not known here" in result.stderr


@pytest.mark.parametrize("spec", REGISTRY.specs.values(), ids=list(REGISTRY.specs))
def test_every_shipped_example_can_be_explained(spec: Spec) -> None:
    for example in spec.examples[::4]:
        secrets = secrets_for(spec, example)
        asked = arriving(spec, prepared(spec, example, secrets))
        told = way(REGISTRY, spec, asked, secrets)
        assert told.would
        assert sum(len(entry.records) for entry in told.entries) >= len(told.would.events)
