"""Mistakes in what proves that the vendor sent it, and in templates."""

from adapter.spec.explanations.explanation import Explanation

SIGNATURES = (
    Explanation(
        "SIG001",
        "error",
        "neither verify nor unsigned",
        "A file says how the vendor signs, or why there is nothing to verify. It is never silent about it.",
        "vendor: acme",
        "vendor: acme\nunsigned: the vendor signs nothing, so the token in the URL protects it",
    ),
    Explanation(
        "SIG002",
        "error",
        "a secret in the file",
        (
            "A file holds the names of secrets and never a secret: it is read, sent and committed by many. The "
            "value is the deployment's."
        ),
        "key: 9f86d081884c7d659a2feaa0c55ad015",
        "key: app_secret",
    ),
    Explanation(
        "SIG004",
        "error",
        "no secret is used",
        "Anybody can compute a hash. Only what needs a secret proves who sent it.",
        'verify: [{header: X-Sign, is: md5, of: "{body}"}]',
        'verify: [{header: X-Sign, is: hmac-md5, key: app_secret, of: "{body}"}]',
    ),
    Explanation(
        "SIG005",
        "error",
        "a digest that nothing binds",
        (
            "One rule compares a plain digest of the body with a header, and the rule with the secret covers "
            "neither that header nor the body. Whoever has seen one callback can send any body with the right "
            "digest."
        ),
        (
            "verify:\n"
            '  - {header: MD5, is: md5, of: "{body}"}\n'
            '  - {header: Sign, is: sha1, of: "{secret.app_secret}{header.Time}"}'
        ),
        (
            "verify:\n"
            '  - {header: MD5, is: md5, of: "{body}"}\n'
            '  - {header: Sign, is: sha1, of: "{secret.app_secret}{header.MD5}{header.Time}"}'
        ),
    ),
    Explanation(
        "SIG009",
        "error",
        "a forged copy is accepted",
        (
            "Examples with sign: true are signed with a made-up secret and then changed: a byte of the body, "
            "each header and field that a rule uses, the secret. One of these copies still passed."
        ),
        'of: "{header.Time}"            # and key: app_secret',
        'of: "{header.Time}{body}"',
    ),
    Explanation(
        "SIG010",
        "warning",
        "the same signature every time",
        (
            "What is signed has nothing of the request in it, so the signature never changes: whoever has seen "
            "one can send anything. Usually the rest of of: was forgotten."
        ),
        '{header: X-Sign, is: md5, of: "{secret.app_secret}"}',
        '{header: X-Sign, is: md5, of: "{secret.app_secret}{body}"}',
    ),
    Explanation(
        "SIG011",
        "error",
        "both verify and unsigned",
        "A file, or a handshake, either verifies or says why not.",
        "unsigned: never\nverify: […]",
        "verify: […]",
    ),
    Explanation(
        "SIG012",
        "error",
        "a rule is not complete",
        (
            "A rule says how the vendor signs (is:), what (of:), and in exactly one place where the signature "
            "stands: header, query, form, json or xml."
        ),
        '{is: md5, of: "{secret.k}{body}"}',
        '{header: X-Sign, is: md5, of: "{secret.k}{body}"}',
    ),
    Explanation(
        "SIG013",
        "error",
        "a key is missing, or not wanted",
        (
            "hmac, public-key algorithms and jwt need key: with the name of a secret. Plain hashes take none: "
            "there the secret stands in of:."
        ),
        '{header: X-Sign, is: hmac-sha256, of: "{body}"}',
        '{header: X-Sign, is: hmac-sha256, key: app_secret, of: "{body}"}',
    ),
    Explanation(
        "SIG014",
        "error",
        "a time that cannot be checked",
        "within: and unit: are about the time that at: points to. A length of time is 300s, 5m or 1h.",
        '{header: X-Sign, is: md5, of: "{secret.k}{body}", within: 5m}',
        '{header: X-Sign, is: md5, of: "{secret.k}{header.Time}{body}", at: "{header.Time}", within: 5m}',
    ),
    Explanation(
        "SIG015",
        "error",
        "no place with names and values",
        "pairs: takes its names and values from the query, the form, the headers, or an object in the body.",
        "pairs: {from: body}",
        "pairs: {from: form}",
    ),
    Explanation(
        "SIG016",
        "error",
        "jwt without a family of algorithms",
        (
            "allow: lists the algorithms of one family, such as HS256 and HS512. If both HMAC and public keys "
            "were allowed, a public key could be used as the secret of an HMAC."
        ),
        "{header: Authorization, is: jwt, key: k, allow: [HS256, RS256]}",
        "{header: Authorization, is: jwt, key: k, allow: [HS256]}",
    ),
    Explanation(
        "TMPL001",
        "error",
        "no such source in this template",
        (
            "Between braces stands a source and a path: {body}, {header.X-Time}, {json.data.id}, {secret.name}."
            " Which sources there are depends on where the template stands: a secret never reaches an answer."
        ),
        'of: "{bodi}"',
        'of: "{body}"',
    ),
    Explanation(
        "TMPL002",
        "error",
        "no such filter",
        "Behind | stands the name of a filter, such as hex, base64, lower, md5, with its arguments.",
        'of: "{body|hexx}"',
        'of: "{body|hex}"',
    ),
    Explanation(
        "CHAL001",
        "error",
        "a handshake for every request",
        (
            "A handshake is answered before anything is verified or stored. Without method, headers, has or "
            "equals it would take every callback."
        ),
        "challenge: [{text: OK, unsigned: public}]",
        'challenge: [{method: GET, has: [echostr], text: "{query.echostr}", unsigned: public}]',
    ),
    Explanation(
        "SIG017",
        "error",
        "a word that aws-sns does not take",
        (
            "Amazon says what is signed and where the signature stands. A rule with is: aws-sns says only whose"
            " topic it is (key:) and how old a message may be."
        ),
        '{is: aws-sns, key: topic_arn, of: "{body}"}',
        "{is: aws-sns, key: topic_arn}",
    ),
    Explanation(
        "SIG018",
        "error",
        "at without a place",
        (
            "at: is a template that points to the time in the request. Text without braces is the same for "
            "every callback, so nothing would be checked."
        ),
        "at: header.X-Time",
        'at: "{header.X-Time}"',
    ),
    Explanation(
        "CHAL002",
        "error",
        "confirm where nothing is proved",
        (
            "confirm: visits an address that stands in the request. Only what Amazon SNS has signed may name "
            "one, or anybody could make the adapter visit any address."
        ),
        "challenge: [{method: POST, has: [SubscribeURL], confirm: SubscribeURL, unsigned: public}]",
        (
            "challenge: [{method: POST, has: [SubscribeURL], confirm: SubscribeURL, verify: [{is: aws-sns, key:"
            " topic_arn}]}]"
        ),
    ),
    Explanation(
        "CHAL003",
        "error",
        "a handshake that signs for anybody",
        (
            "The answer is computed with the key that callbacks are signed with, for a caller who proved nothing, and "
            "what verify: signs could be just such a plain text. Whoever asks would get a genuine signature."
        ),
        "challenge: [{method: GET, has: [c], unsigned: public, text: '{query.c|hmac-sha256(secret.key)|hex}'}]",
        "challenge: [{method: GET, has: [c], unsigned: public, text: '{query.c|hmac-sha256(secret.other)|hex}'}]",
    ),
)
