"""Which sinks does an event go to? Asked for every event on the writer's thread, so what can be known before is."""

from collections.abc import Iterable, Sequence

from adapter.delivery.sink import Sink
from adapter.model import Event
from adapter.store.rows import Route


def route(sinks: Iterable[Sink]) -> Route:
    """One look-up by kind, vendor and channel, of which there are few; only a status is looked at one by one."""
    those = tuple(sinks)
    known: dict[tuple[str, str, str], tuple[Sink, ...]] = {}
    plain: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def names(event: Event) -> Sequence[str]:
        data = event.envelope["data"]
        key = (event.kind, data.get("vendor", ""), data.get("channel", ""))
        found = plain.get(key)
        if found is not None:
            return found
        if key not in known:
            known[key] = tuple(sink for sink in those if _takes(sink, key))
            if not any(sink.statuses for sink in known[key]):
                plain[key] = tuple(sink.name for sink in known[key])
        status = data.get("status")
        return [sink.name for sink in known[key] if not sink.statuses or _among(status, sink.statuses)]

    return names


def _takes(sink: Sink, key: tuple[str, str, str]) -> bool:
    filters = sink.kinds, sink.vendors, sink.channels
    return all(not words or word in words for words, word in zip(filters, key, strict=True))


def _among(status: object, words: frozenset[str]) -> bool:
    """A kind of one's own may call a list its status."""
    return isinstance(status, str) and status in words
