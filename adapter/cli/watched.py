"""What does a server begin with, and what does it watch? Files, and what the store has of their last good versions."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from adapter.cli.deployed import Deployed, find
from adapter.cli.files import Selection, select
from adapter.cli.world import again, live_secrets, now
from adapter.service import fitting
from adapter.service.fitting import State, settle
from adapter.service.good import Good, Version, sayings
from adapter.service.looking import Eyes, Places, Sight
from adapter.service.reload import Reload, Sources, moment_of
from adapter.service.secrets import wanted
from adapter.service.weighing import NotLoaded, Read, failing, rebuilt, weigh
from adapter.spec import packaged
from adapter.spec.diagnostics import Diagnostic
from adapter.spec.kinds import BadKind
from adapter.spec.loader import Known, Loaded
from adapter.store.good import Kept, read_kept
from adapter.store.location import Location

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """`seen` is what lay in the places before anything was loaded from them."""

    sources: Sources
    seen: Sight


@dataclass(frozen=True, slots=True)
class Begun:
    """What is served from the start: the selection and the deployment with it, not with the files that are broken."""

    reload: Reload
    selection: Selection
    found: Deployed


def watch(vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None) -> Watched:
    file = find(config)
    places = Places((packaged.vendors(), *vendors), (packaged.schemas(), *schemas), file)
    eyes = Eyes(places)
    sources = Sources(places, eyes, Again(tuple(schemas)), live_secrets, again, now)
    return Watched(sources, eyes())


@dataclass(slots=True)
class Again:
    """Loads files once more, and builds only what is new in them."""

    schemas: Sequence[Path]
    known: Known = field(default_factory=Known)

    def __call__(self, vendors: Sequence[Path]) -> Loaded:
        """Raises NotLoaded."""
        try:
            loaded = select(vendors, self.schemas, known=self.known).loaded
        except click.ClickException as error:
            raise NotLoaded(error.message) from error
        self.known = loaded.known
        return loaded


def begin(watched: Watched, selection: Selection, found: Deployed, where: Location) -> Begun:
    """Raises StoreFailed, and OSError for files that are gone again."""
    kept = read_kept(where)
    state = _state(selection.loaded, found, kept, watched.sources)
    _tell(state.good, selection.loaded)
    reload = Reload(watched.sources, state, watched.seen, where, kept)
    registry, deployment = state.good.registry, state.deployed.deployment if state.deployed else None
    loaded = replace(selection.loaded, registry=registry, held_back=state.good.held_back)
    own = deployment.registry(registry) if deployment else registry
    those = deployment.wanted(registry) if deployment else wanted(registry)
    served = replace(found, registry=own, deployment=deployment, wanted=those)
    return Begun(reload, replace(selection, loaded=loaded), served)


def _state(loaded: Loaded, found: Deployed, kept: Mapping[str, Kept], sources: Sources) -> State:
    moment = moment_of(sources.clock())
    known = Good(loaded.registry.kinds, _known(loaded, kept))
    weighed = weigh(loaded, known, moment)
    older = _older({name: kept[name] for name in weighed.broken if name in kept}, sources.read)
    deployed, content = None, b""
    if found.deployment and sources.places.config:
        content = sources.places.config.read_bytes()
        deployed = fitting.Deployed(found.file, content, found.deployment)
    state = settle(State(replace(known, versions={**known.versions, **older}), deployed), weighed, content, moment)
    if state.deployed and state.deployed.broken:  # what was good does not fit the deployment file of today
        return settle(State(known, deployed), weighed, content, moment)
    return state


def _known(loaded: Loaded, kept: Mapping[str, Kept]) -> dict[str, Version]:
    """Those that are as the store has them: their examples have held."""
    specs = loaded.registry.specs
    same = {name: row for name, row in kept.items() if name in specs and specs[name].hash == row.hash}
    return {name: Version(specs[name], row.files, row.kept_at) for name, row in same.items()}


def _older(rows: Mapping[str, Kept], read: Read) -> dict[str, Version]:
    versions = ((row, _rebuilt(row, read)) for row in rows.values() if row.hash)
    return {row.vendor: replace(one, spec=replace(one.spec, hash=row.hash)) for row, one in versions if one}


def _rebuilt(row: Kept, read: Read) -> Version | None:
    try:
        return rebuilt(row.vendor, row.files, row.kept_at, read)
    except (OSError, NotLoaded, BadKind) as error:
        log.error("%s: its last good version cannot be had: %s", row.vendor, error)
        return None


def _tell(good: Good, loaded: Loaded) -> None:
    """What has not been told with the mistakes of the files: that something older is served, that examples fail."""
    untold = {name: one for name, one in good.broken.items() if name in good.versions or name not in loaded.held_back}
    for line in sayings(replace(good, broken={}), replace(good, broken=untold)):
        log.warning("%s", line)


def examples_that_fail(selection: Selection) -> list[Diagnostic]:
    """What differs, of all vendors."""
    registry = selection.loaded.registry
    return [one for spec in registry.specs.values() for one in failing(spec, registry.kinds)]
