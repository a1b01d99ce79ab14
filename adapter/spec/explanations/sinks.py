"""Mistakes about where events are delivered to."""

from adapter.spec.explanations.explanation import Explanation

SINKS = (
    Explanation(
        "SINK001",
        "error",
        "not a name of a sink",
        "A sink's name stands in the database and behind --sink: up to 64 letters, digits, dots, underscores, dashes.",
        "sinks: {our billing: {lines: events.jsonl}}",
        "sinks: {our-billing: {lines: events.jsonl}}",
    ),
    Explanation(
        "SINK002",
        "error",
        "no type of sink, or several",
        "A sink is of one type, and the key that says where it delivers to says which: webhook or lines.",
        "billing: {kinds: [sms.delivery]}",
        "billing: {webhook: https://billing.example.com/events, secret: billing_key, kinds: [sms.delivery]}",
    ),
    Explanation(
        "SINK003",
        "error",
        "a filter with a word that nothing has",
        (
            "Kinds, vendors, channels of this file, and statuses of the kinds that are asked for: an event with that"
            " word cannot come, so the sink would never get one."
        ),
        "statuses: [delivred]",
        "statuses: [delivered]",
    ),
    Explanation(
        "SINK004",
        "error",
        "not a URL to post to",
        (
            "https:// and a host; no user and password, which would stand in a file that is shown to anybody, and no"
            " fragment. http:// is readable for everybody on the way: only for networks of your own."
        ),
        "webhook: http://billing.example.com/events",
        "webhook: https://billing.example.com/events",
    ),
    Explanation(
        "SINK005",
        "error",
        "an address that is not connected to",
        (
            "Whoever can change where a webhook points to could have the adapter ask its own machine and its"
            " neighbours. So an address that is not public is refused, also when a name leads there, unless networks"
            " names it; those where clouds tell a machine's secrets are refused always."
        ),
        "billing: {webhook: http://10.0.0.7/events, unsigned: our own network}",
        "billing: {webhook: http://10.0.0.7/events, unsigned: our own network, networks: [10.0.0.0/8]}",
    ),
    Explanation(
        "SINK006",
        "error",
        "neither secret nor unsigned, or both",
        (
            "A receiver must be able to tell our events from anybody's: they are signed after standardwebhooks.com. A"
            " webhook that is not says why."
        ),
        "billing: {webhook: https://billing.example.com/events}",
        "billing: {webhook: https://billing.example.com/events, secret: billing_key}",
    ),
    Explanation(
        "SINK007",
        "error",
        "a key of another type of sink",
        "Lines are written to a file: nothing is signed, and nothing is waited for.",
        "archive: {lines: events.jsonl, timeout: 10}",
        "archive: {lines: events.jsonl}",
    ),
    Explanation(
        "SINK008",
        "error",
        "two sinks write to one file",
        "An event that both let through would stand there twice, and nobody could tell why.",
        "one: {lines: events.jsonl}\ntwo: {lines: ./events.jsonl}",
        "one: {lines: events.jsonl}\ntwo: {lines: other.jsonl}",
    ),
)
