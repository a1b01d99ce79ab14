"""Which secrets are live?"""

from pathlib import Path

import pytest

from adapter.service.secrets import confused, read_secrets, variable

NAMES = ["netease.app_secret", "acme.app-key", "acme.unset", "sms_1"]

ENVIRONMENTS = [
    ({}, {}),
    ({"ADAPTER_SECRET_NETEASE_APP_SECRET": "a"}, {"netease.app_secret": (b"a",)}),
    ({"ADAPTER_SECRET_ACME_APP_KEY": "k"}, {"acme.app-key": (b"k",)}),
    (
        {
            "ADAPTER_SECRET_ACME_APP_KEY": "new",
            "ADAPTER_SECRET_ACME_APP_KEY_2": "old",
            "ADAPTER_SECRET_ACME_APP_KEY_3": "older",
        },
        {"acme.app-key": (b"new", b"old", b"older")},
    ),
    ({"ADAPTER_SECRET_ACME_APP_KEY": "", "ADAPTER_SECRET_ACME_APP_KEY_2": "old"}, {"acme.app-key": (b"old",)}),
    ({"ADAPTER_SECRET_ACME_APP_KEY": ""}, {}),
    ({"ADAPTER_SECRET_ACME_APP_KEY": "密"}, {"acme.app-key": ("密".encode(),)}),
    ({"ADAPTER_SECRET_SMS_1": "t", "ADAPTER_SECRET_SMS_1_2": "u"}, {"sms_1": (b"t", b"u")}),
    ({"APP_SECRET": "another's"}, {}),
]


@pytest.mark.parametrize(("environ", "expected"), ENVIRONMENTS)
def test_the_environment_gives_values_under_the_vendors_name(
    environ: dict[str, str], expected: dict[str, tuple[bytes, ...]]
) -> None:
    assert read_secrets(NAMES, environ, None) == expected


BLOCK = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\nGb9ECWmEzf6F\n-----END PUBLIC KEY-----"
OTHER = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
FILES = [
    (b"a", (b"a",)),
    (b"new\nold\n", (b"new", b"old")),
    (b"new\r\n\r\nold\r\n", (b"new", b"old")),
    (b"\xef\xbb\xbfa\n", (b"a",)),
    (b"same\nsame\n", (b"same",)),
    (b"two words\n", (b"two words",)),
    (BLOCK, (BLOCK,)),
    (b"\xef\xbb\xbf# ours\n" + BLOCK + b"\r\n\n" + OTHER + b"\n", (BLOCK, OTHER)),
    (BLOCK + b"\n" + BLOCK + b"\n", (BLOCK,)),
]


@pytest.mark.parametrize(("content", "expected"), FILES)
def test_a_file_holds_one_live_value_a_line_or_one_key_a_block(
    tmp_path: Path, content: bytes, expected: tuple[bytes, ...]
) -> None:
    (tmp_path / "netease.app_secret").write_bytes(content)
    assert read_secrets(NAMES, {}, tmp_path) == {"netease.app_secret": expected}


def test_a_file_stands_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "netease.app_secret").write_text("from the file")
    environ = {"ADAPTER_SECRET_NETEASE_APP_SECRET": "left over", "ADAPTER_SECRET_ACME_APP_KEY": "k"}
    assert read_secrets(NAMES, environ, tmp_path) == {
        "netease.app_secret": (b"from the file",),
        "acme.app-key": (b"k",),
    }


def test_an_empty_file_is_an_unset_secret(tmp_path: Path) -> None:
    (tmp_path / "netease.app_secret").write_text("\n")
    assert read_secrets(NAMES, {"ADAPTER_SECRET_NETEASE_APP_SECRET": "left over"}, tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("netease.app_secret", "ADAPTER_SECRET_NETEASE_APP_SECRET"), ("a-b.c-d", "ADAPTER_SECRET_A_B_C_D")],
)
def test_a_secrets_variable_is_its_name_in_capitals(name: str, expected: str) -> None:
    assert variable(name) == expected


CONFUSED = [
    ("sms", "sms_2", True),
    ("sms", "sms_12", True),
    ("sms", "SMS-3", True),
    ("a.b", "a_b", True),
    ("sms_2", "sms", False),
    ("sms", "sms_1", False),
    ("sms", "sms_second", False),
    ("sms", "sms", False),
    ("sms", "smss_2", False),
]


@pytest.mark.parametrize(("name", "other", "expected"), CONFUSED)
def test_a_name_that_is_read_as_another_ones_further_value_is_found(name: str, other: str, expected: bool) -> None:
    assert confused(name, other) == expected
