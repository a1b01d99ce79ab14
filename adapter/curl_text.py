"""Which request does a curl command send? As pasted from a vendor's page, a browser or a colleague.

Options as in https://curl.se/docs/manpage.html; nothing is run, no file is read.
"""

import base64
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

from adapter.http_text import BadRequestText, Written

BOUNDARY = "----adapter-form-boundary"

_COMMAND = re.compile(r"\s*(?:[$>#]\s+)?curl(?:\.exe)?\s")
_QUOTED = re.compile(
    r"""(?P<ansi>\$'(?P<inner>(?:\\.|[^'\\])*)')|"(?:\\.|[^"\\])*"|'[^']*'|(?P<cut>[\\^][ \t]*\r?\n)|\\.""", re.S
)
_ANSI = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.S)
_BARE_MULTIPART = re.compile(r"content-type:\s*multipart/form-data[;\s]*$", re.I)
"""Without a boundary: curl adds one."""

_NAMED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}


def is_curl(text: str) -> bool:
    return bool(_COMMAND.match(text))


@dataclass(slots=True)
class _Command:
    """What the options said so far."""

    url: str = ""
    method: str = ""
    headers: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    form: list[tuple[str, str, str]] = field(default_factory=list)
    implied: dict[str, str] = field(default_factory=dict)
    in_query: bool = False


def parse_curl(text: str) -> Written:
    """Read a command. Raises BadRequestText, which says which option is not known here."""
    command = _Command()
    words = _words(text)
    for word in words:
        if word.startswith("-") and word != "-":
            _option(command, word, words)
        elif command.url:
            raise BadRequestText(f"curl: two addresses, {command.url} and {word[:60]}: leave one")
        else:
            command.url = word
    if not command.url:
        raise BadRequestText("curl: the command names no address")
    return _written(command)


def _words(text: str) -> Iterator[str]:
    try:
        found = shlex.split(_QUOTED.sub(_plainly_quoted, text))
    except ValueError as error:
        raise BadRequestText(f"curl: {str(error).lower()}: a quote is open") from error
    return iter(found[found.index(next(word for word in found if word.startswith("curl"))) + 1 :])


def _plainly_quoted(hit: re.Match[str]) -> str:
    """Lines that go on become one; `$'…'`, which browsers write, becomes a quote that the parser knows."""
    if hit["cut"]:
        return " "
    if hit["ansi"]:
        return shlex.quote(_ANSI.sub(_character, hit["inner"]))
    return hit[0].replace("\\\n", "") if hit[0].startswith('"') else hit[0]


def _character(hit: re.Match[str]) -> str:
    hexadecimal = hit[1] or hit[2] or hit[3]
    if hexadecimal:
        return chr(min(int(hexadecimal, 16), 0x10FFFF))
    return chr(int(hit[4], 8)) if hit[4] else _NAMED.get(hit[5], hit[5])


def _option(command: _Command, word: str, rest: Iterator[str]) -> None:
    name, joined = word, ""
    if word.startswith("--"):
        name, _, joined = word.partition("=")
    elif word[:2] in _SHORT and _SHORT[word[:2]] in _SWITCHES and len(word) > 2:  # -sSX POST
        _option(command, word[:2], rest)
        _option(command, f"-{word[2:]}", rest)
        return
    else:
        name, joined = word[:2], word[2:]
    name = _SHORT.get(name, name)
    if name in _SWITCHES:
        _SWITCHES[name](command)
    elif name in _VALUES:
        _VALUES[name](command, joined or _value(name, rest))
    else:
        raise BadRequestText(f"curl: option {word[:40]} is not known here: leave it out")


def _value(name: str, rest: Iterator[str]) -> str:
    found = next(rest, None)
    if found is None:
        raise BadRequestText(f"curl: {name} needs a value")
    return found


def _data(command: _Command, value: str) -> None:
    if value.startswith("@"):
        raise BadRequestText(f"curl: {value[:60]} is a file: put its text in place of it")
    command.data.append(value)
    command.implied.setdefault("content-type", "application/x-www-form-urlencoded")


def _raw(command: _Command, value: str) -> None:
    command.data.append(value)
    command.implied.setdefault("content-type", "application/x-www-form-urlencoded")


def _urlencoded(command: _Command, value: str) -> None:
    name, equals, content = value.partition("=")
    if "@" in name:
        raise BadRequestText(f"curl: {value[:60]} is a file: put its text in place of it")
    _raw(command, f"{name}={quote_plus(content)}" if equals and name else quote_plus(content or name))


def _json(command: _Command, value: str) -> None:
    _data(command, value)
    command.implied |= {"content-type": "application/json", "accept": "application/json"}


def _form(command: _Command, value: str) -> None:
    name, equals, content = value.partition("=")
    if not equals:
        raise BadRequestText(f"curl: -F {value[:60]} has no =")
    if content[:1] in ("@", "<"):
        raise BadRequestText(f"curl: {value[:60]} is a file: put its text in place of it")
    content, _, media_type = content.partition(";type=")
    command.form.append((name, content.strip('"'), media_type))


def _form_string(command: _Command, value: str) -> None:
    name, _, content = value.partition("=")
    command.form.append((name, content, ""))


def _user(command: _Command, value: str) -> None:
    command.implied["authorization"] = f"Basic {base64.b64encode(value.encode()).decode()}"


def _head(command: _Command) -> None:
    command.method = command.method or "HEAD"


def _set(name: str) -> Callable[[_Command, str], None]:
    return lambda command, value: setattr(command, name, value)


def _implied(name: str) -> Callable[[_Command, str], None]:
    return lambda command, value: command.implied.update({name: value})


def _without_effect(_: _Command, *__: str) -> None:
    """It changes how curl works, not what it sends."""


_SHORT = {
    "-X": "--request", "-H": "--header", "-d": "--data", "-F": "--form", "-u": "--user", "-A": "--user-agent",
    "-e": "--referer", "-b": "--cookie", "-G": "--get", "-I": "--head", "-o": "--output", "-m": "--max-time",
    "-x": "--proxy", "-w": "--write-out", "-c": "--cookie-jar", "-E": "--cert", "-s": "--silent",
    "-S": "--show-error", "-k": "--insecure", "-L": "--location", "-v": "--verbose", "-i": "--include", "-f": "--fail",
    "-g": "--globoff", "-N": "--no-buffer", "-#": "--progress-bar", "-4": "--ipv4", "-6": "--ipv6", "-0": "--http1.0",
}  # fmt: skip

_VALUES: dict[str, Callable[[_Command, str], None]] = {
    "--url": _set("url"),
    "--request": _set("method"),
    "--header": lambda command, value: command.headers.append(value),
    "--data": _data,
    "--data-ascii": _data,
    "--data-binary": _data,
    "--data-raw": _raw,
    "--data-urlencode": _urlencoded,
    "--json": _json,
    "--form": _form,
    "--form-string": _form_string,
    "--user": _user,
    "--user-agent": _implied("user-agent"),
    "--referer": _implied("referer"),
    "--cookie": _implied("cookie"),
    **dict.fromkeys(
        ("--output", "--max-time", "--connect-timeout", "--proxy", "--retry", "--retry-delay", "--write-out",
         "--cookie-jar", "--cacert", "--cert", "--key", "--resolve", "--interface", "--limit-rate", "--max-redirs"),
        _without_effect,
    ),
}  # fmt: skip

_SWITCHES: dict[str, Callable[[_Command], None]] = {
    "--get": lambda command: setattr(command, "in_query", True),
    "--head": _head,
    **dict.fromkeys(
        ("--silent", "--show-error", "--insecure", "--location", "--verbose", "--include", "--fail", "--globoff",
         "--no-buffer", "--progress-bar", "--ipv4", "--ipv6", "--compressed", "--http1.0", "--http1.1", "--http2",
         "--http2-prior-knowledge", "--http3", "--fail-with-body", "--path-as-is", "--tcp-nodelay"),
        _without_effect,
    ),
}  # fmt: skip


def _written(command: _Command) -> Written:
    content, implied = _content(command)
    target, host = _address(command)
    given = [one for one in command.headers if not (command.form and _BARE_MULTIPART.match(one))]
    headers = _headers(given, {**implied, **({"host": host} if host else {})})
    method = command.method or ("GET" if command.in_query or not (command.data or command.form) else "POST")
    kept = tuple(header for header in headers if header[0] != b"content-length")
    return Written(method, target, kept, content)


def _content(command: _Command) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers that curl adds."""
    if command.in_query:
        return b"", {name: value for name, value in command.implied.items() if name != "content-type"}
    if command.data and command.form:
        raise BadRequestText("curl: both -d and -F: leave one")
    if not command.form:
        return "&".join(command.data).encode(), command.implied
    boundary = _boundary(command.headers)
    media_type = f"multipart/form-data; boundary={boundary}"
    return _multipart(command.form, boundary), {**command.implied, "content-type": media_type}


def _boundary(headers: Sequence[str]) -> str:
    """The one that a header names already."""
    said = next((found for one in headers if (found := re.search(r"boundary=\"?([^\";\s]+)", one))), None)
    return said[1] if said else BOUNDARY


def _multipart(parts: Sequence[tuple[str, str, str]], boundary: str) -> bytes:
    lines: list[str] = []
    for name, content, media_type in parts:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{quoted}"']
        lines += [f"Content-Type: {media_type}"] if media_type else []
        lines += ["", content]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode()


def _address(command: _Command) -> tuple[str, str]:
    """Path with query, and host."""
    try:
        url = urlsplit(command.url if "://" in command.url else f"http://{command.url}")
    except ValueError as error:
        raise BadRequestText(f"curl: {command.url[:60]} is no address: {error}") from error
    more = "&".join(command.data) if command.in_query else ""
    query = "&".join(part for part in (url.query, more) if part)
    return f"{url.path or '/'}{'?' + query if query else ''}", url.netloc.rpartition("@")[2]


def _headers(written: Sequence[str], implied: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Written ones stand in for those that curl adds; `Name:` removes one, `Name;` sends it empty."""
    found: list[tuple[bytes, bytes]] = []
    for line in written:
        name, colon, value = line.partition(":")
        empty = not colon and line.rstrip().endswith(";")
        if not colon and not empty:
            raise BadRequestText(f"curl: '{line[:60]}' is no header: write -H 'Name: value'")
        name = name.rstrip().removesuffix(";") if empty else name
        implied = {key: each for key, each in implied.items() if key != name.strip().lower()}
        if value.strip() or empty:
            found.append((name.strip().lower().encode(), value.strip().encode()))
    return [*((name.encode(), value.encode()) for name, value in implied.items()), *found]
