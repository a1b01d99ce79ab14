"""Mistakes in telling whose request it is."""

from adapter.spec.explanations.explanation import Explanation

MATCHING = (
    Explanation(
        "MATCH001",
        "warning",
        "all callbacks of another vendor match too",
        (
            "Everything that one alternative of this match asks is also asked by the other vendor's. On a "
            "channel that both share, both would claim those callbacks, and nobody would get them. An error "
            "where a deployment puts both on one channel."
        ),
        "match: {has: sid}              # and another file asks for sid and status",
        "match: {has: [sid, report_url]}",
    ),
    Explanation(
        "MATCH002",
        "error",
        "an example is claimed by the wrong vendors",
        (
            "match does not take an example of its own file, or another vendor's match takes it too. On a "
            "shared channel that callback would be nobody's."
        ),
        "match: {headers: [X-Acme-Sign]}        # and the example has none",
        "match: [{headers: [X-Acme-Sign]}, {has: [acme_id]}]",
    ),
    Explanation(
        "MATCH004",
        "warning",
        "an entry that match keeps away",
        (
            "match asks for one value and the entry for another one in the same place. On a shared channel the "
            "entry never sees a callback."
        ),
        "match: {equals: {type: a}}\nevents: [{kind: sms.delivery, equals: {type: b}}]",
        "match: {equals: {type: [a, b]}}",
    ),
    Explanation(
        "MATCH005",
        "warning",
        "a header of the way, not of the sender",
        (
            "Proxies add, change and drop headers such as Host, Connection, Via and X-Forwarded-For. What "
            "matches today does not behind another proxy."
        ),
        "match: {headers: [X-Forwarded-For]}",
        "match: {headers: [X-Acme-Signature]}",
    ),
    Explanation(
        "MATCH006",
        "warning",
        "nothing can be proved",
        (
            "match asks only by when:. headers, has and equals can be compared with other files when they are "
            "loaded, and are looked up quickly; an expression can only be tried."
        ),
        'match: {when: "length(keys(@)) == `4`"}',
        "match: {has: [sid, report_status]}",
    ),
    Explanation(
        "MATCH007",
        "warning",
        "without match",
        (
            "Where a channel belongs to this vendor alone, match is not needed. Where it allows several, nobody"
            " could tell that a callback is this vendor's."
        ),
        "vendor: acme",
        "vendor: acme\nmatch: {has: [sid, report_status]}",
    ),
)
