"""What do the numbers look like to Prometheus? Made when they are asked for, from counters that cost nothing."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeAlias

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from adapter.delivery.pump import Numbers
from adapter.service.held import Room
from adapter.service.keys import Keys
from adapter.service.metrics import Counts, copied
from adapter.service.numbers import SpecState, Told
from adapter.service.rhythm import Rhythms
from adapter.store.store import Store

Rows: TypeAlias = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True, eq=False)
class Exposition(Collector):
    """Everything that is counted in this process, as families of metrics. `now` is in seconds since 1970."""

    counts: Counts
    keys: Keys
    rhythms: Rhythms
    store: Store
    room: Room
    told: Told
    now: Callable[[], float]

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("adapter_build", "What runs here.", value=_build())
        yield from _of_requests(self.counts)
        yield from _of_keys(self.keys)
        yield from _of_channels(self.rhythms, self.now())
        yield from _of_store(self.store)
        yield from _of_memory(self.room, self.told.lines_dropped())
        yield from _of_deliveries(self.told.deliveries())
        yield from _of_specs(self.told.specs())


def registry(exposition: Exposition) -> CollectorRegistry:
    own = CollectorRegistry(auto_describe=False)
    own.register(exposition)
    ProcessCollector(registry=own)
    return own


def writable(fit: bool) -> Metric:
    """Asked for apart: a store has to be tried."""
    return _gauge("adapter_store_writable", "1 when the store can be written, else 0.", (), [((), float(fit))])


def _build() -> dict[str, str]:
    return {"version": version("callback-adapter"), "python": platform.python_version()}


def _of_requests(counts: Counts) -> Iterator[Metric]:
    found = counts.snapshot()
    requests = ((key, count) for key, count in found.items() if key[2] != "note")
    notes = (((key[0], key[1], key[3]), count) for key, count in found.items() if key[2] == "note")
    yield _counter("adapter_requests", "Requests by what became of them.",
                   ("vendor", "channel", "outcome", "code"), requests)  # fmt: skip
    yield _counter("adapter_notes", "What was noted of requests, such as which of several secrets proved them.",
                   ("vendor", "channel", "note"), notes)  # fmt: skip
    yield _counter("adapter_problems", "Problems of requests and records, by stage.",
                   ("vendor", "stage", "code"), copied(counts.problems).items())  # fmt: skip
    yield _counter("adapter_unknown_codes", "Events whose code no table of the vendor's file knows.",
                   ("vendor",), _single(copied(counts.unknown)))  # fmt: skip


def _of_keys(keys: Keys) -> Iterator[Metric]:
    yield _counter("adapter_keys_new", "Keys in bodies that the vendor had never sent; the log has their names.",
                   ("vendor",), _single(copied(keys.new)))  # fmt: skip
    yield _gauge("adapter_keys_missing", "Keys that the vendor nearly always sent and sends no more.",
                 ("vendor",), _single(keys.missing()))  # fmt: skip


def _of_channels(rhythms: Rhythms, now: float) -> Iterator[Metric]:
    known = sorted(rhythms.channels.copy().items())
    usual = [(channel, one, one.usual) for channel, one in known]
    learned = [(channel, one.last, seconds) for channel, one, seconds in usual if seconds is not None]
    yield _gauge("adapter_channel_last_seen_timestamp_seconds", "When a genuine request last came.",
                 ("channel",), (((channel,), one.last) for channel, one in known))  # fmt: skip
    yield _gauge("adapter_channel_usual_silence_seconds", "The longest silence that is nothing special, as learned.",
                 ("channel",), (((channel,), seconds) for channel, _, seconds in learned))  # fmt: skip
    yield _gauge("adapter_channel_silence_ratio", "The silence of now in units of the usual one.",
                 ("channel",), (((name,), max(0.0, now - last) / usual) for name, last, usual in learned))  # fmt: skip


def _of_store(store: Store) -> Iterator[Metric]:
    yield _gauge("adapter_store_waiting_requests", "Requests before the writer.", (), [((), store.waiting)])
    yield _gauge("adapter_store_busy_seconds", "For how long the commit of now has been going on.", (),
                 [((), store.busy)])  # fmt: skip
    yield HistogramMetricFamily(
        "adapter_store_commit_duration_seconds", "How long groups took to commit, also those that failed.",
        buckets=store.commits.cumulative(), sum_value=store.commits.total,
    )  # fmt: skip
    yield _counter("adapter_refused_dropped", "Refused requests that found no room to be kept.", (),
                   [((), store.dropped)])  # fmt: skip


def _of_memory(room: Room, lines_dropped: int) -> Iterator[Metric]:
    yield _gauge("adapter_bodies_held_bytes", "Bytes of bodies in memory.", (), [((), room.held)])
    yield _counter("adapter_lines_dropped", "Events that were stored and not printed: the reader was too slow.", (),
                   [((), lines_dropped)])  # fmt: skip


def _of_deliveries(sinks: Mapping[str, Numbers]) -> Iterator[Metric]:
    def rows(value: Callable[[Numbers], float]) -> Rows:
        return [((name,), float(value(one))) for name, one in sorted(sinks.items())]

    sink = ("sink",)
    yield _counter("adapter_deliveries", "Deliveries that a sink took.", sink, rows(lambda one: one.delivered))
    yield _counter("adapter_delivery_failures", "Attempts that failed.", sink, rows(lambda one: one.failed))
    yield _counter("adapter_deliveries_dead", "Deliveries that were given up.", sink, rows(lambda one: one.dead))
    yield _gauge("adapter_deliveries_due", "Deliveries that wait.", sink, rows(lambda one: one.due or 0))
    yield _gauge("adapter_delivery_lag_seconds", "For how long the oldest delivery has waited.", sink,
                 rows(lambda one: one.oldest or 0))  # fmt: skip
    yield _gauge("adapter_delivery_breaker_open", "1 while a sink is left alone.", sink,
                 rows(lambda one: one.breaker == "open"))  # fmt: skip


def _of_specs(specs: Mapping[str, SpecState]) -> Iterator[Metric]:
    known = sorted(specs.items())
    live: Rows = [((vendor, one.hash), 1.0) for vendor, one in known if one.hash]
    yield _gauge("adapter_spec_live", "The version of a vendor's file that is served.", ("vendor", "hash"), live)
    yield _gauge("adapter_reload_ok", "1 when the newest version of a vendor's file is served, else 0.", ("vendor",),
                 [((vendor,), float(one.ok)) for vendor, one in known])  # fmt: skip
    yield _gauge("adapter_reload_timestamp_seconds", "When a vendor's file was last taken up or turned down.",
                 ("vendor",), [((vendor,), one.timestamp) for vendor, one in known])  # fmt: skip


def _single(counts: Mapping[str, int]) -> Rows:
    return [((name,), float(count)) for name, count in sorted(counts.items())]


def _counter(name: str, says: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = CounterMetricFamily(name, says, labels=labels)
    for values, count in rows:
        family.add_metric(values, count)
    return family


def _gauge(name: str, says: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
