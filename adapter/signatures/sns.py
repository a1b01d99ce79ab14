"""Did Amazon SNS send it? The one built-in scheme: which fields are signed depends on the message's type, and the
certificate lies at an address that the message names.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping

from adapter.expressions.templates import Missing
from adapter.formats.json_text import loads, repeats_a_key
from adapter.model import Json, Secrets
from adapter.signatures.algorithms import ALGORITHMS

_HOST = r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?"
CERTIFICATE = re.compile(rf"https://{_HOST}/SimpleNotificationService-[A-Za-z0-9]{{1,64}}\.pem")
SUBSCRIBE = re.compile(rf"https://{_HOST}/\?[A-Za-z0-9&=:%._~+-]{{1,2000}}")
"""The only addresses that are ever fetched: matched as a whole, https, Amazon's own hosts."""


class CertificateNeeded(Exception):
    """The certificate at `url` must be fetched first: the engine itself reaches nothing."""

    def __init__(self, url: str) -> None:
        super().__init__(f"the certificate {url} is needed")
        self.url = url


def certificate_name(url: str) -> str:
    """Under which name a fetched certificate stands among the secrets."""
    return f"certificate {url}"


_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_ALGORITHMS = {"1": "rsa-sha1", "2": "rsa-sha256"}


def prove(body: bytes, topic: bytes, certificates: Secrets) -> bool:
    """Is this body signed by Amazon, for this topic? Anybody may have a topic that Amazon signs for.

    Raises Missing for a message without its parts, CertificateNeeded where its certificate was not fetched yet.
    """
    message = _message(body)
    if not hmac.compare_digest(_text(message, "TopicArn").encode(), topic):
        return False
    url = certificate_url(message)
    known = certificates.get(certificate_name(url), ())
    if not known:
        raise CertificateNeeded(url)
    return any([matches(message, certificate) for certificate in known])  # noqa: C419  (none stops early)


def _message(body: bytes) -> Json:
    if repeats_a_key(body):
        raise Missing("a key is there twice")
    try:
        return loads(body)
    except ValueError as error:
        raise Missing("not JSON") from error


def certificate_url(message: Json) -> str:
    """Where the certificate is. Raises Missing for an address that is not Amazon's."""
    url = _text(message, "SigningCertURL")
    if not CERTIFICATE.fullmatch(url):
        raise Missing("SigningCertURL is not at Amazon SNS")
    return url


def matches(message: Json, certificate: bytes) -> bool:
    """Is the message signed with the key of this certificate? Raises Missing for one without its parts."""
    algorithm = _ALGORITHMS.get(_text(message, "SignatureVersion"))
    if algorithm is None:
        raise Missing("SignatureVersion is neither 1 nor 2")
    try:
        signature = base64.b64decode(_text(message, "Signature"), validate=True)
    except binascii.Error as error:
        raise Missing("Signature is not base64") from error
    return ALGORITHMS[algorithm].matches(certificate, signed_text(message), signature)


def signed_text(message: Json) -> bytes:
    """The names and values that are signed, a line each; a Notification may have no Subject."""
    kind = _text(message, "Type")
    if kind not in _SIGNED:
        raise Missing(f"Type is not one of {', '.join(_SIGNED)}")
    names = (name for name in _SIGNED[kind] if name != "Subject" or message.get("Subject") is not None)
    return "".join(f"{name}\n{_text(message, name)}\n" for name in names).encode()


def _text(message: Json, name: str) -> str:
    value = message.get(name) if isinstance(message, Mapping) else None
    if not isinstance(value, str):
        raise Missing(f"{name} is missing")
    return value
