"""How would its vendor have signed this callback?"""

from collections.abc import Iterator

import click

from adapter.engine.decode import decode
from adapter.engine.identify import claims
from adapter.expressions.templates import Missing
from adapter.http_text import Written
from adapter.model import Json, Refused
from adapter.signing import arriving, made_up_secrets, sign
from adapter.spec.language import Registry, Spec

UNSIGNABLE = (Missing, Refused, ValueError, LookupError, TypeError)
"""What a request raises that lacks a part which is signed, or is not of the type that its signature needs."""


def signed_for(spec: Spec, written: Written) -> Written:
    """The request as the vendor would sign it with the test secrets. Raises UsageError."""
    try:
        return sign(spec, written, made_up_secrets(spec, written))
    except UNSIGNABLE as error:
        raise click.UsageError(f"--sign: {spec.vendor} cannot sign this request: {error}") from error


def vendor_to_sign_for(registry: Registry, written: Written) -> Spec:
    """The one vendor that claims the request as it is, or else once it is signed. Raises UsageError."""
    specs = registry.specs.values()
    found = [spec for spec in specs if _claims(spec, written)] or list(_once_signed(registry, written))
    if len(found) != 1:
        names = ", ".join(spec.vendor for spec in found) or "no vendor"
        raise click.UsageError(f"--sign: {names} would claim this request: say whose it is with --spec NAME")
    return found[0]


def _once_signed(registry: Registry, written: Written) -> Iterator[Spec]:
    for spec in registry.specs.values():
        try:
            signed = sign(spec, written, made_up_secrets(spec, written))
        except UNSIGNABLE:
            continue
        if spec.verify and _claims(spec, signed):
            yield spec


def _claims(spec: Spec, written: Written) -> bool:
    asked = arriving(spec, written)

    def tree(reader: Spec) -> Json:
        return decode(asked, reader.manner).tree

    return claims(spec, asked, tree)
