"""Mistakes in what a record becomes: fields, codes, charsets."""

from adapter.spec.explanations.explanation import Explanation

RECORDS = (
    Explanation(
        "FIELD001",
        "error",
        "not a field of this kind",
        (
            "A kind has the fields that its schema lists, under one name for all vendors. What has no field of "
            "its own goes under extra:. status and reason are results: the code decides them."
        ),
        "fields: {phone: mobile}",
        "fields: {to: mobile}",
    ),
    Explanation(
        "FIELD002",
        "error",
        "a field that must be known",
        (
            "Without it the event could not be told from others, or says nothing, and every record would end in"
            " quarantine."
        ),
        "fields: {code: state}",
        "fields: {message_id: sid, code: state}",
    ),
    Explanation(
        "FIELD003",
        "warning",
        "two fields from one path",
        (
            "Two fields that cannot be the same thing are read from the same place. One of the lines was "
            "probably copied."
        ),
        "fields: {message_id: sid, reference: sid}",
        "fields: {message_id: sid, reference: uid}",
    ),
    Explanation(
        "FIELD004",
        "warning",
        "an input that no example needs",
        (
            "In every example an input before this one gives a value. Either no vendor sends such a record, or "
            "no example shows it."
        ),
        "message_id: [sid, id]      # and every example has sid",
        "message_id: [sid, id]      # and one example has only id",
    ),
    Explanation(
        "FIELD005",
        "warning",
        "a member that looks like a field",
        (
            "The examples have a member with a telling name, no expression reads it, and the field that it "
            "seems to be for is not mapped."
        ),
        "fields: {message_id: sid}         # the examples have mobile",
        "fields: {message_id: sid, to: mobile}",
    ),
    Explanation(
        "CODE001",
        "error",
        "not a status",
        (
            "A row is status, status/reason or /reason, in the words of the kinds. ignore as a status drops the"
            " record on purpose."
        ),
        'codes: {"0": deliverd}',
        'codes: {"0": delivered}',
    ),
    Explanation(
        "CODE002",
        "warning",
        "a code is not quoted",
        (
            "The adapter reads 0012 as it is written. Other tools read 10, and NO as false. Quotes make all of "
            "them agree."
        ),
        "codes: {0012: expired}",
        'codes: {"0012": expired}',
    ),
    Explanation(
        "CODE003",
        "error",
        "no such table",
        (
            "Tables stand in the folder tables/ beside the vendor files. One that has a mistake of its own is "
            "not there either."
        ),
        "tables: [cn-carier]",
        "tables: [cn-carrier]",
    ),
    Explanation(
        "CODE005",
        "warning",
        "the opposite of a shared table",
        (
            "The table says that the code is a success and this row that it is not, or the other way round. Now"
            " and then that is right; then say so behind the row, in a comment that begins with # overrides."
        ),
        'codes: {"DELIVRD": unknown}',
        'codes:\n  "DELIVRD": unknown       # overrides: here it only means that the gateway took it',
    ),
    Explanation(
        "CODE006",
        "error",
        "one code twice",
        (
            "Codes are compared without blanks around them, and with fold: true without capitals. These two "
            "rows are for the same code."
        ),
        'codes: {"a": delivered, " a": expired}',
        'codes: {"a": delivered}',
    ),
    Explanation(
        "CODE007",
        "error",
        "nothing to take the status from",
        (
            "A kind with a status needs the vendor's code: map code: under fields, list the inputs under "
            "status: from:, or set a constant status."
        ),
        "fields: {message_id: sid}",
        "fields: {message_id: sid, code: state}",
    ),
    Explanation(
        "CODE008",
        "error",
        "an unknown code would be a success",
        (
            "otherwise: says what a code is that nobody listed. Vendors add codes without notice, and most of "
            "them are failures."
        ),
        "otherwise: delivered",
        "otherwise: undelivered",
    ),
    Explanation(
        "CODE009",
        "error",
        "not a reason",
        "Behind the slash stands one of the reasons that the kind lists.",
        'codes: {"7": rejected/blaklisted}',
        'codes: {"7": rejected/blacklisted}',
    ),
    Explanation(
        "CODE010",
        "error",
        "ranges that cannot be right",
        "A range ends before it begins, or covers codes of another range. A code must be in one range only.",
        'codes: {"1..5": expired, "5..9": rejected}',
        'codes: {"1..4": expired, "5..9": rejected}',
    ),
    Explanation(
        "CODE011",
        "error",
        "an entry's status without otherwise",
        "An entry has a status: of its own, the file has none, and nothing says what an unknown code is.",
        'status: {codes: {"0": delivered}}',
        'status: {codes: {"0": delivered}, otherwise: unknown}',
    ),
    Explanation(
        "CODE012",
        "warning",
        "codes that look alike",
        (
            "Two codes differ only in capitals or leading zeros and mean different things. A vendor sends one "
            "of them; the other is probably a slip."
        ),
        'codes: {"0": delivered, "000": expired}',
        'codes: {"000": delivered}',
    ),
    Explanation(
        "CODE013",
        "warning",
        "a reason that is never shown",
        (
            "accepted, sent, delivered and read are no failures, so an event with such a status has no reason. "
            "The reason in this row would be lost."
        ),
        'codes: {"8": sent/absent_subscriber}',
        'codes: {"8": sent}',
    ),
    Explanation(
        "BODY001",
        "error",
        "no such charset",
        "The names are those of Python's codecs and of the web: utf-8, gb18030, big5, iso-8859-1 …",
        "charset: [utf-9]",
        "charset: [utf-8, gb18030]",
    ),
)
