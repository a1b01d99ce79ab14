"""Which URL did the vendor post to? A signature may cover it; its public part stands in the deployment file."""

from dataclasses import replace

from adapter.cli.deployed import Deployed
from adapter.cli.stored import TOKEN, Asked
from adapter.http_text import NOTIFY
from adapter.model import Request, Secrets
from adapter.service.gate import Gate
from adapter.service.secrets import variable


def addressed(asked: Asked, found: Deployed, secrets: Secrets) -> tuple[Request, str]:
    """The request with the URL that its channel's public_url makes of it, and why that cannot be the vendor's.

    No store keeps a token: for a stored request the channel's live one stands in the URL.
    """
    written, request = asked
    gate = found.deployment.gates.get(request.channel) if found.deployment else None
    if "://" in written.target:
        return request, ""
    if gate is None or not gate.public_url:
        return request, "no public_url is known for it: write it under listen: of the deployment file"
    path, mark, query = written.target.partition("?")
    token, why = _token(path, gate, secrets)
    if why:
        return request, why
    notify = NOTIFY.fullmatch(path)
    path = f"/notify/{request.channel}/{token}{notify[4] or ''}" if notify and token else path
    return replace(request, url=f"{gate.public_url}{path}{mark}{query}"), ""


def _token(path: str, gate: Gate, secrets: Secrets) -> tuple[str, str]:
    """The token that belongs into the URL of a stored request, or why nobody knows it; nothing for any other."""
    notify = NOTIFY.fullmatch(path)
    if notify is None or notify[3] != TOKEN:
        return "", ""
    if gate.token is None:
        return "", f"any token opens {gate.channel.name}, and the one in the vendor's URL was not stored"
    values = secrets.get(gate.token, ())
    if not values:
        return "", f"the token in it was not stored: set {variable(gate.token)}"
    return values[0].decode("utf-8", "replace"), ""
