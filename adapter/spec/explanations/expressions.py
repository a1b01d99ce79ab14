"""Mistakes in expressions: what cannot be read, and what does not say what was meant."""

from adapter.spec.explanations.explanation import Explanation

EXPRESSIONS = (
    Explanation(
        "EXPR001",
        "error",
        "not an expression",
        (
            "The text is neither a dotted path nor JMESPath. The caret shows where reading stopped. Comparing "
            "is ==, text stands in single quotes, a name with a blank in double quotes."
        ),
        "when: type = 'dlr'",
        "when: type == 'dlr'",
    ),
    Explanation(
        "EXPR002",
        "error",
        "no such function, or not with these arguments",
        "schemas/README.md lists the functions with their arguments: JMESPath's own and ours.",
        "to: trim(mobile)",
        "to: strip_prefix(mobile, '+86')",
    ),
    Explanation(
        "EXPR003",
        "error",
        "text in double quotes",
        (
            "In JMESPath double quotes are for the names of fields that have blanks or digits; text stands in "
            'single quotes. type == "11" compares two fields, of which one is never there: it is never true, '
            "and nothing complains."
        ),
        "when: 'type == \"11\"'",
        "when: \"type == '11'\"",
    ),
    Explanation(
        "EXPR004",
        "error",
        "no JSON between backticks",
        (
            'Between backticks stands JSON: `11`, `true`, `"text"`. A bare word there would be taken for text '
            "by some tools and refused by others."
        ),
        "to: mobile || `none`",
        "to: \"mobile || 'none'\"",
    ),
    Explanation(
        "EXPR005",
        "warning",
        "text compared with a number",
        (
            "== compares with types: 11 is not '11'. In every example the two sides are of different types, so "
            "they are never equal. Vendors change such types without notice: compare texts, or use equals:, "
            "which does."
        ),
        "when: type == `11`",
        'equals: {type: "11"}',
    ),
    Explanation(
        "EXPR007",
        "warning",
        "many values for one",
        (
            "In every example the expression gives a list or an object, and the field takes one value: the "
            "first item, or nothing. Under each: the fields see one record, so the path begins there."
        ),
        'each: objects\nfields: {message_id: "_.body.objects[].id"}',
        "each: objects\nfields: {message_id: id}",
    ),
    Explanation(
        "EXPR008",
        "warning",
        "a condition that no example tests",
        (
            "The condition is true in every example, or in none. So nothing shows that it keeps out what it "
            "should, or lets in what it should."
        ),
        "when: event != 'dlr'       # and every example is a dlr",
        "when: event == 'dlr'       # and one example is something else",
    ),
    Explanation(
        "EXPR009",
        "warning",
        "an expression fails",
        (
            "JMESPath's functions raise for a value of another type, such as a field that is missing. The "
            "result is then null, and a condition is not true: also one that began with !. Ask first whether "
            "the value is there."
        ),
        "description: join(' ', errors)",
        "description: errors && join(' ', errors)",
    ),
    Explanation(
        "EXPR010",
        "error",
        "too costly",
        (
            "Lists inside lists inside lists, or a list that is gone over again for every item of another, can "
            "keep the adapter busy for minutes with a body of a megabyte. Whoever may post could do that on "
            "purpose, so it is refused when it is loaded."
        ),
        'to: "_.body.a[?_.body.b[?_.body.c[?x]]]"',
        "each: a\nfields: {to: x}",
    ),
    Explanation(
        "EXPR011",
        "error",
        "no such part of the request",
        (
            "Behind _ stands what an expression may know of the request: body, headers, query, path, method, "
            "parents, index, settings, vendor, channel. Tokens, secrets and addresses are not among them."
        ),
        "to: _.token",
        "to: _.query.account",
    ),
    Explanation(
        "EXPR012",
        "warning",
        "true only if it is full",
        (
            "A text field as a condition is false where the text is empty. An empty message is a message; its "
            "record would be dropped."
        ),
        "where: message\nfields: {text: message}",
        "where: message != null\nfields: {text: message}",
    ),
    Explanation(
        "EXPR013",
        "warning",
        "decided already",
        (
            "A text by itself is true, so x == 'a' || 'b' is true whatever the vendor sends. Each side of || "
            "and && is a condition of its own."
        ),
        "when: \"type == 'a' || 'b'\"",
        "when: \"type == 'a' || type == 'b'\"",
    ),
    Explanation(
        "EXPR014",
        "error",
        "an undeclared setting",
        (
            "Settings are declared under settings: with their defaults, so that a deployment can be checked "
            "before it starts."
        ),
        "to: _.settings.short_cod",
        'settings: {short_code: ""}\nto: _.settings.short_code',
    ),
)
