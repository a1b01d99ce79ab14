"""A server whose files may change: one vendor of our own, small folders, looks many times a second."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from adapter.cli.deployed import look
from adapter.cli.files import select
from adapter.cli.watched import begin, watch
from adapter.engine.flow import steps
from adapter.service.app import create_app
from adapter.service.good import Good, decide
from adapter.service.reload import Reload, kept_of
from adapter.service.settings import Settings
from adapter.service.weighing import weigh
from adapter.spec import packaged
from adapter.spec.loader import load
from adapter.store.good import Kept, read_kept, write_kept
from adapter.store.store import Store, open_store
from tests.service.tiny import clock, running

PATIENCE = 15.0

VENDOR = """\
spec: v1
vendor: {name}
title: A vendor
docs: [https://example.com]
body: json
match: {{has: [{name}]}}
unsigned: it signs nothing
time: {{formats: [iso8601]}}
status: {{tables: [{table}], codes: {{"{code}": {status}}}, otherwise: undelivered}}
events:
  - {{kind: sms.delivery, fields: {{message_id: {name}, code: code}}}}
examples:
  - name: a receipt
    request: |
      POST /notify/sms/1/t

      {{"{name}": "1", "code": "{code}"}}
    expect: [{{kind: sms.delivery, message_id: "1", status: {expected}}}]
"""
TABLE = "table: v1\nname: {name}\ntitle: Codes\ncodes: {{{codes}}}\n"


def vendor(name: str = "acme", status: str = "delivered", code: str = "0", **more: str) -> str:
    return VENDOR.format(name=name, status=status, code=code, **{"expected": status, "table": "shared", **more})


def table(codes: str = '"9": expired', name: str = "shared") -> str:
    return TABLE.format(name=name, codes=codes)


def folder(path: Path, **files: str) -> Path:
    """With two vendors and their table; `files` are others, or other texts."""
    (path / "tables").mkdir(parents=True)
    (path / "tables" / "shared.yaml").write_text(table())
    for name, text in {"acme": vendor(), "beta": vendor("beta"), **files}.items():
        (path / f"{name}.yaml").write_text(text)
    return path


@dataclass(frozen=True)
class Reloading:
    client: httpx.Client
    reload: Reload
    store: Store
    vendors: Path

    def write(self, name: str, text: str) -> None:
        (self.vendors / name).write_text(text)

    def post(self, name: str = "acme", code: str = "0", channel: str = "sms/1", **more: Any) -> httpx.Response:
        body = {name: f"{time.monotonic_ns()}", "code": code, **more}
        return self.client.post(f"/notify/{channel}/t", json=body)

    def status(self, name: str = "acme", code: str = "0", channel: str = "sms/1") -> str:
        """What became of one that is posted now: its event's status, or nothing."""
        return str(self.data(name, code, channel).get("status", ""))

    def data(self, name: str = "acme", code: str = "0", channel: str = "sms/1") -> dict[str, Any]:
        before = [stored.seq for stored in self.store.events()]
        assert self.post(name, code, channel).status_code == 200
        new = [json.loads(stored.envelope) for stored in self.store.events(since=max(before, default=0))]
        found: dict[str, Any] = new[0]["data"] if new else {}
        return found

    def kept(self) -> dict[str, Kept]:
        return read_kept(self.store.location)

    def ready(self) -> tuple[int, dict[str, Any]]:
        answer = self.client.get("/readyz")
        return answer.status_code, answer.json()

    def last_good(self) -> dict[str, str]:
        code, document = self.ready()
        assert code == 200, document
        found: dict[str, str] = document["last_good"]
        return found

    def reset(self) -> None:
        """The files as `folder` writes them, whatever was done to them; and served."""
        text = {"acme.yaml": vendor(), "beta.yaml": vendor("beta"), "tables/shared.yaml": table()}
        for path in (*self.vendors.glob("*.y*ml"), *self.vendors.glob("tables/*.y*ml")):
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            else:
                path.rmdir()
        if not self.vendors.is_dir():
            self.vendors.unlink(missing_ok=True)
        (self.vendors / "tables").mkdir(parents=True, exist_ok=True)
        for name, text_of in text.items():
            self.write(name, text_of)
        until(lambda: self._texts() == text and not self.reload.state.last_good and not self.reload.state.good.broken)

    def _texts(self) -> dict[str, str]:
        versions = self.reload.state.good.versions
        own = [versions[name].files for name in versions if name in ("acme", "beta", "gamma")]
        return {name: text for files in own for name, text in files.items()}

    def hash(self, name: str = "acme") -> str:
        return self.reload.state.good.versions[name].spec.hash

    def looks(self, count: int = 4) -> None:
        """Until so many looks have been and gone."""
        seen: list[object] = []

        def another() -> bool:
            if not seen or seen[-1] is not self.reload.memory.before:
                seen.append(self.reload.memory.before)
            return len(seen) > count

        until(another)


def until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


@cache
def shipped() -> list[Kept]:
    """As a store has the packaged vendors: their examples need not be run again by every server."""
    loaded = load([packaged.vendors()], [packaged.schemas()])
    return [*kept_of(decide(Good(), weigh(loaded, Good(), "before"), (), "before")).values()]


@contextmanager
def reloading(
    path: Path, vendors: Path, config: Path | None = None, schemas: tuple[Path, ...] = (), seconds: float = 0.03
) -> Iterator[Reloading]:
    """As `adapter serve` begins, in this process."""
    watched = watch([vendors], schemas, config)
    selection = select([vendors], schemas)
    found = look(selection, config)
    assert not found.errors, found.diagnostics
    chosen = Settings(port=0, store=str(path / "adapter.db"), grace_seconds=1, open_mode=config is None)
    with closing(open_store(chosen.store)) as store:
        write_kept(store.location, [] if read_kept(store.location) else shipped(), ())
        begun = begin(watched, selection, found, store.location)
        begun.reload.seconds = seconds
        sources = begun.reload.sources
        app = create_app(
            begun.found.registry, steps, store, sources.secrets(begun.found.wanted), chosen, clock=clock,
            announce=lambda _: None, held_back=begun.selection.loaded.held_back, deployment=begun.found.deployment,
            reread=sources.again(begun.found.wanted), every=seconds, reload=begun.reload,
        )  # fmt: skip
        with running(app, chosen) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            yield Reloading(client, begun.reload, store, vendors)
