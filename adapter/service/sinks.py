"""Where does this deployment deliver to? The part `sinks:` of adapter.yaml, and what is told about a mistake."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpx

from adapter.delivery.addresses import Network, objection
from adapter.delivery.lines import STDOUT
from adapter.delivery.sink import Sink
from adapter.delivery.sinks import SINKS
from adapter.spec.diagnostics import Path as KeyPath
from adapter.spec.diagnostics import Span, suggestion
from adapter.spec.language import Kind

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s#]*)?(?:\?[^\s#]*)?")
OF_A_WEBHOOK = ("secret", "unsigned", "networks", "timeout", "concurrency")
LOCAL = ("localhost", "localhost.localdomain", "ip6-localhost")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a deployment file's reading offers: `error` tells a mistake at a path, `name` and `networks` check what
    other parts of the file have too."""

    error: Callable[[str, KeyPath, str, str], None]
    name: Callable[[KeyPath, str], None]
    networks: Callable[[KeyPath, Sequence[str]], tuple[Network, ...]]
    place: Callable[[KeyPath], Span]
    kinds: Mapping[str, Kind]
    vendors: Sequence[str]
    channels: Sequence[str]


def read_sinks(data: Mapping[str, Any], ground: Ground) -> dict[str, Sink]:
    """Every sink, its mistakes told."""
    found: dict[str, Sink] = {}
    for name, value in data.items():
        path = ("sinks", name)
        if not NAME.fullmatch(name):
            ground.error("SINK001", path, f"'{name}' is no name of a sink", "write letters, digits and . _ - only")
        types = [word for word in SINKS if word in value]
        if len(types) != 1:
            what = f"several types: {', '.join(types)}" if types else "no type"
            ground.error("SINK002", path, f"the sink has {what}", f"give it one of {', '.join(SINKS)}")
            continue
        found[name] = _sink(ground, path, name, types[0], value)
    _check_files(ground, found.values())
    return found


def _sink(ground: Ground, path: KeyPath, name: str, type_: str, value: Mapping[str, Any]) -> Sink:
    networks = ground.networks((*path, "networks"), value.get("networks", []))
    CHECKED[type_](ground, path, value, networks)
    known = _known(ground, value)
    filters: dict[str, Any] = {word: _filter(ground, (*path, word), value, known[word]) for word in known}
    plain = {word: value[word] for word in ("secret", "unsigned", "concurrency", "attempts") if word in value}
    return Sink(
        name, type_, value[type_], **filters, **plain, networks=networks,
        timeout=float(value.get("timeout", Sink.__dataclass_fields__["timeout"].default)), span=ground.place(path),
    )  # fmt: skip


def _known(ground: Ground, value: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The words that a filter may use; statuses are those of the kinds that are asked for."""
    kinds = [ground.kinds[name] for name in value.get("kinds", ground.kinds) if name in ground.kinds]
    statuses = dict.fromkeys(word for kind in kinds for word in kind.words)
    return {"kinds": [*ground.kinds], "vendors": ground.vendors, "channels": ground.channels, "statuses": [*statuses]}


def _filter(ground: Ground, path: KeyPath, value: Mapping[str, Any], known: Sequence[str]) -> frozenset[str]:
    words = value.get(str(path[-1]), [])
    for place, word in enumerate(words):
        if word not in known:
            what = str(path[-1])
            ground.error("SINK003", (*path, place), f"'{word}' is none of the {what} here", suggestion(word, known))
    return frozenset(words)


def _webhook(ground: Ground, path: KeyPath, value: Mapping[str, Any], networks: Sequence[Network]) -> None:
    if ("secret" in value) == ("unsigned" in value):
        both = "both secret: and unsigned:" if "secret" in value else "neither secret: nor unsigned:"
        ground.error("SINK006", path, f"the webhook has {both}",
                     "give it secret: with the name of a secret (whsec_…), or unsigned: with the reason")  # fmt: skip
    if "secret" in value:
        ground.name((*path, "secret"), value["secret"])
    at, url = (*path, "webhook"), _url(value["webhook"])
    if url is None:
        ground.error("SINK004", at, "this is no URL that can be posted to",
                     "write one such as https://billing.example.com/events, without user, password and #")  # fmt: skip
        return
    _check_place(ground, at, url, networks)


def _url(text: str) -> httpx.URL | None:
    try:
        url = httpx.URL(text) if URL.fullmatch(text) else None
    except httpx.InvalidURL:
        return None
    good = url and url.host and not url.userinfo and (url.port is None or 0 < url.port < 65536)
    return url if good else None


def _check_place(ground: Ground, at: KeyPath, url: httpx.URL, networks: Sequence[Network]) -> None:
    """What can be known without asking for the name's address; that is looked at before each connection."""
    inside = bool(networks) and not any(network.is_global for network in networks)
    why = _private(url.host, networks)
    if why:
        ground.error("SINK005", at, f"{url.host} {why}", "add networks: with the ones that it may be in")
    elif url.scheme == "http" and not inside:
        ground.error("SINK004", at, "events would travel readable for everybody on the way",
                     "write https://, or add networks: with your own private ones")  # fmt: skip


def _private(host: str, networks: Sequence[Network]) -> str:
    if host.lower().rstrip(".") in LOCAL:
        return "" if networks else "is this machine, and no networks are named"
    try:
        return objection(ip_address(host), networks)
    except ValueError:
        return ""


def _lines(ground: Ground, path: KeyPath, value: Mapping[str, Any], _: Sequence[Network]) -> None:
    for word in OF_A_WEBHOOK:
        if word in value:
            ground.error("SINK007", (*path, word), f"'{word}' belongs to a webhook, and this sink writes lines",
                         "remove it")  # fmt: skip


CHECKED: Mapping[str, Callable[[Ground, KeyPath, Mapping[str, Any], Sequence[Network]], None]] = {
    "webhook": _webhook,
    "lines": _lines,
}


def _check_files(ground: Ground, sinks: Iterable[Sink]) -> None:
    first: dict[str, str] = {}
    for sink in sinks:
        if sink.type != "lines":
            continue
        file = STDOUT if sink.target == STDOUT else os.path.realpath(sink.target)
        if file in first:
            ground.error("SINK008", ("sinks", sink.name, "lines"), f"sink {first[file]} writes there too",
                         "give each its own file, or make one sink of both")  # fmt: skip
        first.setdefault(file, sink.name)


def printed(sinks: Iterable[Sink]) -> Iterator[Sink]:
    """Those that own stdout."""
    return (sink for sink in sinks if sink.type == "lines" and sink.target == STDOUT)
