"""What adapter doctor finds weak about a deployment."""

from adapter.spec.explanations.explanation import Explanation

DEPLOYMENTS = (
    Explanation(
        "DOC001",
        "error",
        "a secret is not set",
        (
            "The channel is closed until it has a value: callbacks are answered with the vendor's retry status,"
            " and nothing is accepted unverified. Only a warning where no deployment file gives out a channel."
        ),
        "(nothing)",
        "ADAPTER_SECRET_ACME_APP_SECRET=…",
    ),
    Explanation(
        "DOC002",
        "error",
        "a secret that cannot be one",
        (
            "The value is there and not of the form that its rule needs, or a token that cannot stand in a URL."
            " Only a warning where no deployment file gives out a channel."
        ),
        "a public key without its first line",
        "-----BEGIN PUBLIC KEY----- …",
    ),
    Explanation(
        "DOC003",
        "error",
        "the channel of a vendor that is held back",
        ("The vendor's file has mistakes, so its callbacks are answered with the retry status until it is mended."),
        "sms/1: {vendor: acme, …}       # and acme.yaml has an error",
        "adapter validate finds no error in acme.yaml",
    ),
    Explanation(
        "DOC004",
        "warning",
        "signed and unsigned on one channel",
        (
            "Some vendors of the channel sign and others do not. Whoever knows the URL can pretend to be one "
            "that does not."
        ),
        "sms/1: {vendor: [signed, unsigned], …}",
        "sms/1: {vendor: signed, …}\nsms/2: {vendor: unsigned, …}",
    ),
    Explanation(
        "DOC005",
        "warning",
        "only the token protects it",
        "The vendor signs nothing. Where it posts from known addresses, networks: keeps others out.",
        "sms/1: {vendor: acme, token: SMS1_TOKEN}",
        "sms/1: {vendor: acme, token: SMS1_TOKEN, networks: [203.0.113.0/24]}",
    ),
    Explanation(
        "DOC006",
        "warning",
        "a channel without token",
        (
            "Anybody who guesses the URL may post. The reason that the file gives is shown, so that somebody "
            "can disagree with it."
        ),
        "sms/1: {vendor: acme, open: the vendor cannot change its URL}",
        "sms/1: {vendor: acme, token: SMS1_TOKEN}",
    ),
    Explanation(
        "DOC007",
        "warning",
        "a token that can be guessed",
        "A token has at least 16 characters and comes from a generator.",
        "SMS1_TOKEN=111",
        "SMS1_TOKEN=b0dF3kq9V2xWm7Zr…",
    ),
    Explanation(
        "DOC008",
        "warning",
        "not the whole body is signed",
        (
            "The vendor's signature leaves out the body or a part of it: whoever has seen one callback can send"
            " another body with its signature. The vendor has to mend that; networks: makes it harder."
        ),
        "sms/1: {vendor: acme, token: SMS1_TOKEN}",
        "sms/1: {vendor: acme, token: SMS1_TOKEN, networks: [203.0.113.0/24]}",
    ),
    Explanation(
        "DOC009",
        "error",
        "no time zone data",
        "Times of vendors cannot be read without the IANA database.",
        "(a system without tzdata)",
        "pip install tzdata",
    ),
    Explanation(
        "DOC010",
        "warning",
        "not installed as a package",
        "The adapter runs from a folder. Its version is unknown, and events cannot say which one made them.",
        "python -m adapter",
        "pip install callback-adapter",
    ),
)
