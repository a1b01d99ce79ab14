"""Mistakes in what the vendor is answered."""

from adapter.spec.explanations.explanation import Explanation

ANSWERS = (
    Explanation(
        "ACK001",
        "warning",
        "the answer lacks something",
        (
            "The answer repeats a part of the request that an accepted example does not have. A vendor that "
            "waits for its own id takes such an answer for a failure and comes again."
        ),
        'ack: {text: "{json.msgid}"}          # and the example has id',
        'ack: {text: "{json.id}"}',
    ),
    Explanation(
        "ACK002",
        "warning",
        "almost JSON",
        (
            "The text looks like JSON, and no JSON reader takes it. Under json: the value is written as YAML "
            "and always comes out right."
        ),
        "ack: {text: \"{'code': 0}\"}",
        "ack: {json: {code: 0}}",
    ),
    Explanation(
        "ACK003",
        "warning",
        "a status that is no success",
        "What was stored must be acked, or the vendor sends it again and again. Vendors take 2xx for received.",
        "ack: {status: 302}",
        "ack: {status: 200}",
    ),
    Explanation(
        "ACK004",
        "warning",
        "the type is not the body's",
        "The Content-Type says something else than what the body is. The right one is sent by itself.",
        "ack: {json: {code: 0}, type: application/xml}",
        "ack: {json: {code: 0}}",
    ),
    Explanation(
        "ACK005",
        "error",
        "two bodies",
        "An answer has one body: json, text or xml.",
        "ack: {text: OK, json: {code: 0}}",
        "ack: {json: {code: 0}}",
    ),
    Explanation(
        "ACK006",
        "error",
        "come again, said as a success",
        (
            "retry_status is answered when a callback could not be stored. A 2xx would tell the vendor that all"
            " is well, and the callback would be lost."
        ),
        "ack: {retry_status: 200}",
        "ack: {retry_status: 503}",
    ),
    Explanation(
        "ACK007",
        "warning",
        "JSON in quotes",
        (
            "json: takes a value. A text under it is sent as a JSON string, quotes and all, which is not the "
            "object that it seems to be."
        ),
        "ack: {json: '{\"code\": 0}'}",
        "ack: {json: {code: 0}}",
    ),
)
