"""Which types of sinks are there? A function and a row for each word that adapter.yaml may use."""

from adapter.delivery.lines import lines
from adapter.delivery.sink import SinkType
from adapter.delivery.webhook import webhook

SINKS: dict[str, SinkType] = {
    "webhook": SinkType(webhook),
    "lines": SinkType(lines, together=500, alone=True),
}
