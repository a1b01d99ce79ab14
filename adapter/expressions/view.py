"""What does `_` know of the request? Made when first asked for; never the token, a secret or the peer."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from adapter.formats.form_text import form, members
from adapter.model import Json, Request


class View(dict[str, Json]):
    """The request as expressions see it. `parents` and `index` change from record to record."""

    def __init__(
        self, request: Request, vendor: str, body: Json, settings: Mapping[str, Json], fold_keys: bool = False
    ) -> None:
        super().__init__(body=body, vendor=vendor, settings=dict(settings), parents=[], index=None)
        self._request, self._fold_keys = request, fold_keys

    def __missing__(self, name: str) -> Json:
        folding = name == "query" and self._fold_keys
        value = query(self._request, str.lower) if folding else _PARTS[name](self._request)
        self[name] = value
        return value


def headers(request: Request) -> dict[str, Json]:
    """Header values by lower-case name; a repeated header has the list of its values."""
    return members([(_text(name), _text(value)) for name, value in request.headers])


def query(request: Request, fold: Callable[[str], str] = str) -> dict[str, Json]:
    """The query's parameters; where it is not UTF-8, each byte is a character."""
    try:
        return form(request.query, fold=fold)
    except UnicodeDecodeError:
        return form(request.query, "iso-8859-1", fold)
    except ValueError:  # too many parameters to be a callback's
        return {}


def content_type(request: Request) -> tuple[str, dict[str, str]]:
    """The media type in lower case, and its parameters."""
    return _media_type(request.header(b"content-type") or b"")


@lru_cache(maxsize=256)
def _media_type(raw: bytes) -> tuple[str, dict[str, str]]:
    media_type, *parameters = raw[:1000].decode("iso-8859-1").split(";")
    found = (parameter.partition("=") for parameter in parameters)
    return media_type.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in found}


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


_PARTS: dict[str, Callable[[Request], Json]] = {
    "headers": headers,
    "query": query,
    "path": lambda request: request.path,
    "method": lambda request: request.method,
    "channel": lambda request: request.channel,
}
