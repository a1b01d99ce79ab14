"""A vendor file whose shape is right becomes a spec."""

from hashlib import sha256

from adapter.formats.charsets import charset
from adapter.spec.build.answers import answers
from adapter.spec.build.challenge import challenges
from adapter.spec.build.draft import Draft
from adapter.spec.build.events import entries
from adapter.spec.build.match import matches
from adapter.spec.build.verify import rules
from adapter.spec.diagnostics import Path
from adapter.spec.language import Example, Manner, Spec


def vendor(draft: Draft, content: bytes) -> Spec:
    """The spec of a draft. Where the draft has errors, what it gives is not to be served."""
    listed = enumerate(draft.get(("examples",), []))
    return Spec(
        vendor=draft.get(("vendor",), ""),
        title=draft.get(("title",), draft.get(("vendor",), "")),
        docs=tuple(draft.listed(("docs",))),
        hash=sha256(content).hexdigest()[:16],
        manner=Manner(
            tuple(draft.listed(("body",))),
            _charsets(draft),
            draft.name_paths(("parse_json",)),
            draft.fold is not None,
        ),
        settings=draft.get(("settings",), {}),
        match=matches(draft),
        challenges=challenges(draft),
        verify=rules(draft),
        unsigned=draft.get(("unsigned",)),
        answers=answers(draft),
        entries=entries(draft),
        examples=tuple(_example(draft, ("examples", place)) for place, _ in listed),
        place=draft.place(("vendor",)),
        tables=tuple(dict.fromkeys(tables_of(draft))),
    )


def tables_of(draft: Draft) -> list[str]:
    """The tables that it names, the spec's own and those of its entries."""
    entries = (("events", place, "status") for place in range(len(draft.listed(("events",)))))
    return [str(name) for base in (("status",), *entries) for name in draft.listed((*base, "tables"))]


def _charsets(draft: Draft) -> tuple[str, ...]:
    found = []
    for place, name in enumerate(draft.listed(("charset",))):
        known = charset(str(name))
        if known:
            found.append(known)
        else:
            draft.error("BODY001", draft.item_path(("charset",), place), f"there is no charset '{name}'",
                        "write one such as utf-8, gb18030, big5 or iso-8859-1")  # fmt: skip
    return tuple(found)


def _published(draft: Draft, path: Path) -> dict[str, str]:
    """Secrets by their full names."""
    return {f"{draft.get(('vendor',), '')}.{name}": str(value) for name, value in draft.get(path, {}).items()}


def _example(draft: Draft, path: Path) -> Example:
    found = draft.get(path)
    expect = found.get("expect")
    return Example(
        name=found.get("name", ""),
        request=found.get("request", ""),
        sign=found.get("sign", False),
        secrets=_published(draft, (*path, "secrets")),
        demo=found.get("demo", False),
        expect=None if expect is None else tuple(expect),
        reject=found.get("reject"),
        outcome=found.get("outcome"),
        ack=found.get("ack"),
        place=draft.place(path),
    )
