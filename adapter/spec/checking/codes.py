"""Do the rows of a code table say what their author thinks?"""

from collections import defaultdict
from collections.abc import Iterator

from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, warning
from adapter.spec.diagnostics import Path
from adapter.spec.language import Row, Spec

_RETYPED = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")


def unquoted_codes(draft: Draft, _: Spec | None = None) -> Found:
    """Of a vendor file or a table."""
    for path, stretch in draft.document.keys.items():
        if stretch[2] != "plain" or path[-2:-1] != ("codes",):
            continue
        code = str(path[-1])
        if code.isalpha() and code.lower() not in _RETYPED:
            continue
        message = f"code {code} is not quoted; another YAML tool may read it as something else"
        yield warning(path, message, f'write "{code}":')


def contradicts_a_table(draft: Draft, spec: Spec) -> Found:
    """Meant now and then, so a comment on the row settles it."""
    kinds = [entry.shape.kind for entry in spec.entries if entry.shape.kind]
    for path, own, shared, table in _shadowed(draft):
        success = {word.name for kind in kinds for word in kind.words.values() if word.success}
        if own.status and shared.status and (own.status in success) != (shared.status in success):
            message = f"'{own.code}' is {own.status} here and {shared.status} in the table '{table}'"
            if "# overrides" not in _line(draft, path):
                yield warning(
                    path, message, "remove the row, or say behind it that this is meant: # overrides the table"
                )


def _line(draft: Draft, path: Path) -> str:
    return draft.document.text.split("\n")[draft.document.key_span(path).line - 1]


def _shadowed(draft: Draft) -> Iterator[tuple[Path, Row, Row, str]]:
    """Own rows whose code stands in a table too: where, both rows, and the table's name."""
    for base in _bases(draft):
        tables = draft.listed((*base, "tables")) or draft.listed(("status", "tables"))
        for code, meaning in draft.get((*base, "codes"), {}).items() if tables else ():
            known = ((str(name), draft.tables[name].exact.get(code.strip())) for name in tables if name in draft.tables)
            name, shared = next(((name, row) for name, row in known if row), ("", None))
            if shared:
                path = (*base, "codes", code)
                status, _, reason = str(meaning).partition("/")
                yield path, Row(code, status or None, reason or None, draft.place(path)), shared, name


def _bases(draft: Draft) -> list[Path]:
    entries = range(len(draft.listed(("events",))))
    return [("status",), *(("events", place, "status") for place in entries)]


def alike(draft: Draft, _: Spec) -> Found:
    """`0` and `000`, `Delivrd` and `DELIVRD`: a vendor sends one of them, and means one thing."""
    for base in _bases(draft):
        groups: dict[str, list[str]] = defaultdict(list)
        rows = draft.get((*base, "codes"), {})
        for code in rows:
            groups[code.strip().upper().lstrip("0") or "0"].append(code)
        for first, *others in groups.values():
            for other in others:
                if rows[other] != rows[first] and other.strip() != first.strip():
                    message = f"'{other}' and '{first}' look alike and mean different things"
                    yield warning((*base, "codes", other), message, "keep the one that the vendor sends")
