"""Mistakes in examples, and what the examples leave open."""

from adapter.spec.explanations.explanation import Explanation

EXAMPLES = (
    Explanation(
        "EX001",
        "error",
        "not an HTTP request",
        (
            "An example is a request as it arrives: a line such as POST /notify/sms/1/111, headers, a blank "
            "line, the body."
        ),
        'request: \'{"sid": "1"}\'',
        'request: |\n  POST /notify/sms/1/111\n\n  {"sid": "1"}',
    ),
    Explanation(
        "EX003",
        "error",
        "what must come of it",
        "An example says either which events come of it (expect:, outcome:) or why it is turned away (reject:).",
        "{name: a receipt, request: …}",
        '{name: a receipt, request: …, expect: [{message_id: "1"}]}',
    ),
    Explanation(
        "EX004",
        "error",
        "two examples with one name",
        "Reports and the command line call examples by their names.",
        "[{name: one, …}, {name: one, …}]",
        "[{name: one, …}, {name: another, …}]",
    ),
    Explanation(
        "EX005",
        "error",
        "a name that no event has",
        (
            "expect: compares the fields that it names. A name that does not exist is null in every event, so a"
            " misspelt one would test nothing, or could never be right."
        ),
        'expect: [{mesage_id: "1"}]',
        'expect: [{message_id: "1"}]',
    ),
    Explanation(
        "EX006",
        "warning",
        "nothing to sign",
        "sign: true signs an example by the rules of verify:, and the file has none.",
        "unsigned: the vendor signs nothing\nexamples: [{sign: true, …}]",
        "unsigned: the vendor signs nothing\nexamples: [{…}]",
    ),
    Explanation(
        "COV001",
        "warning",
        "an entry without an example",
        "No example has a record for this entry, so nobody knows whether it reads one.",
        "events: [{kind: sms.delivery, …}, {kind: sms.inbound, …}]     # and no example is a reply",
        "an example with a reply",
    ),
    Explanation(
        "COV002",
        "warning",
        "null in every example",
        (
            "The field is mapped and no example fills it. A misspelt name looks just like that: JMESPath gives "
            "null and says nothing. Where the records have a similar name, the message tells it."
        ),
        "template_id: templateid",
        "template_id: templateId",
    ),
    Explanation(
        "COV003",
        "warning",
        "nothing asserts it",
        (
            "The examples fill these fields, and no expect: says with what. They could be mixed up and no test "
            "would fail."
        ),
        'expect: [{message_id: "1"}]',
        'expect: [{message_id: "1", to: "13800000000", segments: 2}]',
    ),
    Explanation(
        "COV004",
        "warning",
        "no failure, or no unknown code",
        (
            "Most receipts are successes and most mistakes are in the rest. One example has a failure, one a "
            "code that nobody listed."
        ),
        "examples with DELIVRD only",
        "one more with UNDELIV, one more with XA:0099",
    ),
    Explanation(
        "COV005",
        "warning",
        "the rules are never tried",
        (
            "No example is signed and none is turned away, so nothing shows that verify: lets the vendor in and"
            " others not. With sign: true the test signs the example itself and tries forged copies."
        ),
        "verify: […]\nexamples: [{name: …, request: …, expect: […]}]",
        "verify: […]\nexamples: [{name: …, sign: true, request: …, expect: […]}]",
    ),
    Explanation(
        "COV006",
        "warning",
        "two fields that could be swapped",
        (
            "Wherever the examples name these two fields, they have the same value. If the mapping mixed them "
            "up, every example would still pass."
        ),
        "expect: [{sent_at: X, done_at: X}]",
        "expect: [{sent_at: X, done_at: Y}]",
    ),
    Explanation(
        "COV007",
        "warning",
        "a handshake without an example",
        (
            "A vendor asks once, when the URL is registered, and a wrong answer then costs a support case. An "
            "example shows the answer now."
        ),
        "challenge: [{method: GET, …}]",
        'examples: [{name: the handshake, request: GET …, ack: {body: "…"}}]',
    ),
    Explanation(
        "COV010",
        "error",
        "less covered than asked for",
        (
            "adapter test --min-coverage was given a number, and the file's examples show less of it. "
            "--coverage lists what is missing."
        ),
        "one example, and --min-coverage 100",
        "an example for every entry, field and code",
    ),
    Explanation(
        "TEST001",
        "error",
        "an example comes out differently",
        (
            "What comes of the request is not what the example says: another event, field, outcome or answer. "
            "Either the spec is wrong or the example. --accept writes what comes out into the example."
        ),
        'expect: [{message_id: "1"}]            # and sid is 2',
        'expect: [{message_id: "2"}]',
    ),
    Explanation(
        "TEST002",
        "error",
        "an example cannot be run",
        (
            "The request cannot be signed or read: a header that a rule signs is missing, or the body is not of"
            " the type that its signature needs."
        ),
        'of: "{header.X-Time}{body}"             # and the example has no X-Time',
        "X-Time: 1714525200",
    ),
)
