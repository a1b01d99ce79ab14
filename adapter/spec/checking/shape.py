"""Is the file whole: its name, its settings, what a person still has to write?"""

import re
from pathlib import PurePath

from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, error, warning
from adapter.spec.checking.expressions import settings_of
from adapter.spec.diagnostics import nearest
from adapter.spec.language import Spec


def file_name(draft: Draft, _: Spec) -> Found:
    name, stem = draft.get(("vendor",)), PurePath(draft.document.file).stem
    if name is not None and name != stem:
        yield error(("vendor",), f"the vendor is '{name}' and the file '{stem}.yaml'", f"call the file {name}.yaml")


_TODO = re.compile(r"TODO\b")


def still_to_do(draft: Draft, _: Spec) -> Found:
    """Where a value was left open; a comment may say what it likes."""
    for path in draft.document.values if "TODO" in draft.document.text else ():
        if draft.document.values[path][2] and _TODO.match(str(draft.get(path, ""))):
            yield warning(path, "something is still to be done here", "write the value, or remove the line", 0)


def unused_settings(draft: Draft, _: Spec) -> Found:
    declared = draft.get(("settings",))
    if not declared:
        return
    used = {name for one in draft.parsed.values() for name in settings_of(one.tree)}
    for name in declared:
        if used.isdisjoint({name, None}) and not nearest(name, filter(None, used)):
            yield warning(
                ("settings", name), f"no expression reads the setting '{name}'", f"read it as _.settings.{name}"
            )
