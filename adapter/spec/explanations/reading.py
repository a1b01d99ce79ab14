"""Mistakes of YAML itself: what cannot be read, and what another tool would read differently."""

from adapter.spec.explanations.explanation import Explanation

READING = (
    Explanation(
        "YAML001",
        "error",
        "not YAML",
        (
            "The file breaks a rule of YAML, so from here on nobody can know what it says. The commonest causes"
            " are an expression that begins with a character YAML keeps for itself (% @ * & ! |), text behind a"
            " closed quote or bracket, a tab, and lines of one mapping that begin in different columns."
        ),
        "when: !contains(type, 'x') || y",
        "when: \"!contains(type, 'x') || y\"",
    ),
    Explanation(
        "YAML002",
        "error",
        "a key stands twice",
        (
            "YAML would silently keep the last of the two, and the first line would look as if it counted. Keys"
            ' are compared as they are written: 0 and 000 are two keys, "0" and 0 are one.'
        ),
        'status:\n  codes:\n    "0": delivered\n    "0": failed',
        'status:\n  codes:\n    "0": delivered\n    "1": undelivered',
    ),
    Explanation(
        "YAML003",
        "error",
        "no single mapping",
        (
            "A file is one YAML document that consists of 'key: value' lines. It must not be empty, a list, a "
            "text, or several documents with --- between them."
        ),
        "- spec: v1\n- vendor: acme",
        "spec: v1\nvendor: acme",
    ),
    Explanation(
        "YAML004",
        "error",
        "an anchor, alias, tag or merge key",
        (
            "A spec says what it means where it says it: no &names, *aliases, !tags and no <<. Codes that "
            "several vendors share go into a table; an expression that begins with one of these characters goes"
            " in quotes."
        ),
        "time: &t {zone: UTC}\nother: *t",
        "time: {zone: UTC}",
    ),
    Explanation(
        "YAML005",
        "error",
        "a character that does not belong",
        (
            "The file is not UTF-8, begins with a byte order mark, has a control character, or uses full-width "
            "punctuation (： ，) or curly quotes where YAML needs its own. Input methods for Chinese insert these"
            " unasked. Where such a character is meant, put the text in quotes."
        ),
        "vendor： acme",
        "vendor: acme",
    ),
    Explanation(
        "YAML006",
        "warning",
        "a value is cut by a comment",
        (
            "A blank and a # begin a comment, also in the middle of what was meant as one value. The rest of "
            "the line is gone without a word."
        ),
        "title: Acme #1",
        'title: "Acme #1"',
    ),
    Explanation(
        "YAML007",
        "warning",
        "another tool reads this differently",
        (
            "Here an unquoted value is its text, whatever it looks like. Editors, linters and CI tools read "
            "1.10 as 1.1, 12:30 as 750, no as false and 2024-05-01 as a date. Quotes make all of them agree."
        ),
        "title: 1.10",
        'title: "1.10"',
    ),
    Explanation(
        "YAML008",
        "error",
        "an expression is cut inside { } or [ ]",
        (
            "Inside braces and brackets a comma, or a colon with a blank, ends an unquoted value, even within "
            "parentheses. Put the expression in quotes."
        ),
        "fields: {to: split(ids, '^')}",
        "fields: {to: \"split(ids, '^')\"}",
    ),
    Explanation(
        "YAML009",
        "error",
        "too big or too deep",
        (
            "A vendor file has at most 1 MiB, 20,000 keys and values and 60 levels. Nothing that a person "
            "maintains needs more, and what has more would keep the adapter from starting."
        ),
        "(a file of 10 MB)",
        "(a vendor file, and a table beside it)",
    ),
    Explanation(
        "YAML010",
        "error",
        "the file cannot be read",
        (
            "The name ends in .yaml, and behind it stands a folder, a pipe, a link that leads nowhere, or a "
            "file that this user may not read. All other files are loaded as usual."
        ),
        "acme.yaml -> /gone/acme.yaml",
        "acme.yaml, a file with mode 0644",
    ),
)
