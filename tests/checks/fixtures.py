"""What is found in a fixture: a vendor file, or a folder with several, tables and a deployment?"""

from collections.abc import Mapping
from pathlib import Path

from adapter.cli.files import Selection
from adapter.cli.tested import diagnostics, run_examples
from adapter.examined.examine import examine
from adapter.service.checkup import Patient, findings
from adapter.service.deployment import read_deployment
from adapter.spec.diagnostics import Diagnostic
from adapter.spec.loader import Loaded, load
from adapter.spec.packaged import schemas

HOME = Path(__file__).parent
TOLD_BY_TESTING = ("TEST", "SIG009", "COV010")
"""Codes that only running the examples can find."""


def fixture(code: str, name: str) -> Path:
    """`bad.yaml`, or the folder `bad`."""
    file = HOME / code / f"{name}.yaml"
    return file if file.exists() else HOME / code / name


def found(code: str, name: str, folder: Path) -> list[Diagnostic]:
    """Everything that is found in a code's fixture; its files are laid out in `folder`."""
    _lay_out(fixture(code, name), folder)
    loaded = load([folder], [schemas()])
    examined = [one for spec in loaded.registry.specs.values() for one in examine(spec, loaded.registry.kinds)]
    return [*loaded.diagnostics, *examined, *_tested(code, loaded), *_deployed(code, folder, loaded)]


def _lay_out(source: Path, folder: Path) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for path in files:
        target = folder / _place(path, source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def _place(path: Path, source: Path) -> Path:
    """A deployment stands beside the folder of vendor files, not in it."""
    place = path.relative_to(source) if source.is_dir() else Path(path.name)
    return Path("..", place) if place.name in ("adapter.yaml", "secrets.txt") else place


def _tested(code: str, loaded: Loaded) -> list[Diagnostic]:
    if not code.startswith(TOLD_BY_TESTING):
        return []
    selection = Selection(loaded, loaded.vendors, (), loaded.diagnostics)
    return diagnostics(run_examples(selection, 100 if code == "COV010" else 0, ()), selection)


def _deployed(code: str, folder: Path, loaded: Loaded) -> list[Diagnostic]:
    path = folder.parent / "adapter.yaml"
    if not path.exists():
        return []
    deployment, mistakes, _ = read_deployment(path, schemas(), loaded.registry, loaded.held_back)
    if deployment is None or not code.startswith("DOC"):
        return mistakes
    registry = deployment.registry(loaded.registry)
    return [*mistakes, *findings(Patient(registry, deployment, _secrets(folder.parent), loaded.held_back))]


def _secrets(folder: Path) -> Mapping[str, tuple[bytes, ...]]:
    lines = (folder / "secrets.txt").read_text(encoding="utf-8").splitlines()
    return {name: (value.encode(),) for name, _, value in (line.partition(" ") for line in lines)}
