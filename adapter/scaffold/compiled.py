"""Is a drafted file a spec? It is read as the loader reads it, from text."""

from adapter.scaffold.nouns import NoDraft, World
from adapter.spec.build.draft import Draft
from adapter.spec.build.vendor import vendor
from adapter.spec.language import Spec
from adapter.spec.reader import read


def spec_of(text: str, world: World) -> Spec:
    """The spec of a file's text. Raises NoDraft where the text has a mistake: then the draft itself is wrong."""
    document, mistakes = read(text.encode(), "draft.yaml")
    if document is not None:
        draft = Draft(document, document.data, world.kinds, world.tables)
        spec = vendor(draft, text.encode())
        mistakes = [one for one in (*mistakes, *draft.mistakes) if one.severity == "error"]
        if not mistakes:
            return spec
    told = "; ".join(f"line {one.span.line if one.span else 0}: {one.message}" for one in mistakes)
    raise NoDraft(f"no file could be drafted from this ({told})\n{text}")
