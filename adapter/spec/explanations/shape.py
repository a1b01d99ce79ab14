"""Mistakes in the shape of a file: keys and words that do not exist, are missing or stand elsewhere."""

from adapter.spec.explanations.explanation import Explanation

SHAPE = (
    Explanation(
        "SPEC001",
        "error",
        "unknown key",
        (
            "No key of this name may stand here. A misspelt key would otherwise do nothing, and nobody would "
            "notice. Where the key exists in another place, the message names that place."
        ),
        "ack: {sttaus: 200}",
        "ack: {status: 200}",
    ),
    Explanation(
        "SPEC002",
        "error",
        "not a value that may stand here",
        (
            "The value has another type or is not one of the words that are known here. A hover in the editor, "
            "and schemas/README.md, list what is possible."
        ),
        "body: jsn",
        "body: json",
    ),
    Explanation(
        "SPEC003",
        "error",
        "something is missing",
        "Without this key the file says too little to be used.",
        "status: {from: [state]}",
        "status: {from: [state], otherwise: undelivered}",
    ),
    Explanation(
        "SPEC005",
        "error",
        "a version that this adapter does not read",
        (
            "The first line says for which version of the language the file was written. A newer file needs a "
            "newer adapter."
        ),
        "spec: v9",
        "spec: v1",
    ),
    Explanation(
        "SPEC010",
        "error",
        "the name is not the file's",
        (
            "A vendor is known by its file's name, and so is a table, so that a folder can be laid over another"
            " one file by file."
        ),
        "vendor: acme        # in acme2.yaml",
        "vendor: acme        # in acme.yaml",
    ),
    Explanation(
        "SPEC011",
        "error",
        "two files for one vendor",
        "acme.yaml and acme.yml stand in one folder. One of them would win, and nobody could say which.",
        "acme.yaml, acme.yml",
        "acme.yaml",
    ),
    Explanation(
        "SPEC012",
        "warning",
        "something is still to be done",
        "A value still begins with TODO, as adapter new leaves it where it could not guess.",
        "unsigned: TODO say why",
        "unsigned: the vendor signs nothing, so the token in the URL protects it",
    ),
    Explanation(
        "SPEC013",
        "warning",
        "a setting that nothing reads",
        (
            "A channel may set it, and nothing would change. Either an expression has lost its _.settings.name,"
            " or the setting is no longer needed."
        ),
        'settings: {short_code: ""}',
        (
            'settings: {short_code: ""}\n'
            "events:\n"
            "  - {kind: sms.inbound, fields: {from: mobile, to: _.settings.short_code}}"
        ),
    ),
)
