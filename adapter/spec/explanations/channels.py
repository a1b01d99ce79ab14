"""Mistakes in a deployment file."""

from adapter.spec.explanations.explanation import Explanation

CHANNELS = (
    Explanation(
        "CHAN001",
        "error",
        "not a channel",
        "A channel is family/channel: the two parts of its URL behind /notify/.",
        "channels: {sms: …}",
        "channels: {sms/1: …}",
    ),
    Explanation(
        "CHAN002",
        "error",
        "neither token nor open, or both",
        "Who may post to a channel is said by a token in its URL; a channel without one says why it is open.",
        "sms/1: {vendor: acme}",
        "sms/1: {vendor: acme, token: SMS1_TOKEN}",
    ),
    Explanation(
        "CHAN003",
        "error",
        "no such vendor",
        "A vendor is called by its file's name without .yaml.",
        "vendor: acm",
        "vendor: acme",
    ),
    Explanation(
        "CHAN004",
        "error",
        "no vendor here has this secret",
        "secrets: binds a name that a vendor's file uses to another one, so that two accounts differ.",
        "secrets: {app_secrt: SECOND_SECRET}",
        "secrets: {app_secret: SECOND_SECRET}",
    ),
    Explanation(
        "CHAN005",
        "error",
        "no such setting, or of another type",
        "A channel overrides settings that the vendor's file declares, with a value of the same type.",
        'settings: {short_cod: "1069"}',
        'settings: {short_code: "1069"}',
    ),
    Explanation(
        "CHAN006",
        "error",
        "not a network",
        "A network is an address with the length of its prefix, and no bits behind that.",
        "networks: [203.0.113.7/24]",
        "networks: [203.0.113.0/24]",
    ),
    Explanation(
        "CHAN007",
        "error",
        "not a URL",
        "public_url is how vendors reach the adapter from outside: scheme, host, and perhaps a path.",
        "public_url: hooks.example.com",
        "public_url: https://hooks.example.com",
    ),
    Explanation(
        "CHAN008",
        "error",
        "a shared channel for a vendor without match",
        (
            "Where several vendors post to one channel, match tells them apart. A vendor without it would never"
            " get a callback there."
        ),
        "sms/1: {vendor: [acme, other], …}     # and acme has no match",
        "sms/1: {vendor: acme, …}\nsms/2: {vendor: other, …}",
    ),
    Explanation(
        "CHAN009",
        "error",
        "a signed URL that nobody knows",
        "The vendor signs the URL that it was given. Behind a proxy only public_url says what that was.",
        "sms/1: {vendor: acme, token: SMS1_TOKEN}",
        "listen: {public_url: https://hooks.example.com}",
    ),
    Explanation(
        "CHAN010",
        "error",
        "two secrets in one place",
        (
            "In the environment a second live value of sms stands in …_SMS_2, and so does a secret of the name "
            "sms_2. One channel's secret would be taken for the other's."
        ),
        "token: sms\ntoken: sms_2",
        "token: sms\ntoken: mms",
    ),
    Explanation(
        "CHAN011",
        "error",
        "the admin token is a channel's too",
        "A vendor knows the token of its channel, so it could read what admin: keeps from strangers.",
        "admin: {token: sms}\nsms/1: {vendor: acme, token: sms}",
        "admin: {token: numbers}\nsms/1: {vendor: acme, token: sms}",
    ),
)
