"""How is the language server of YAML editors asked what its users would see? JSON over its standard streams."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

VERSION = "1.25.0"
"""Of the npm package yaml-language-server."""

ANSWER_WITHIN = 20
CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}


def installed() -> Path | None:
    """The server's program: YAML_LANGUAGE_SERVER, on the path, or installed by npm once; None without npm."""
    named = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
    if named:
        return Path(named)
    home = Path(tempfile.gettempdir()) / f"yaml-language-server-{VERSION}-{os.getuid()}"
    program = home / "node_modules" / ".bin" / "yaml-language-server"
    return program if program.exists() or _install(home) else None


def _install(home: Path) -> bool:
    """Whole or not at all, whoever else installs it at the same moment."""
    if not shutil.which("npm"):
        return False
    with tempfile.TemporaryDirectory(prefix=f"{home.name}-", dir=home.parent) as made:
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", f"{made}/whole"]
        if subprocess.run([*command, f"yaml-language-server@{VERSION}"], check=False).returncode:
            return False
        with suppress(OSError):  # another one was quicker
            Path(made, "whole").rename(home)
    return True


@dataclass(slots=True)
class Editor:
    """A session with the server. Places are lines and columns from 0."""

    process: subprocess.Popen[bytes]
    settings: dict[str, Any]
    incoming: Queue[dict[str, Any]] = field(default_factory=Queue)
    marked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    number: int = 0

    def open(self, path: Path) -> str:
        """Show a file."""
        return self._opened(path, path.read_text(encoding="utf-8"))

    def draft(self, folder: Path, text: str) -> str:
        """Show a text as a new file of a folder; it is never on the disk."""
        self.number += 1
        return self._opened(folder / f"draft-{self.number}.yaml", text)

    def _opened(self, path: Path, text: str) -> str:
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return path.as_uri()

    def squiggles(self, uri: str) -> list[dict[str, Any]]:
        """What is marked in a file that was opened."""
        while uri not in self.marked:
            self._take()
        return self.marked[uri]

    def hover(self, uri: str, line: int, column: int) -> str:
        found = self.ask("textDocument/hover", _at(uri, line, column))
        return str(found["contents"]["value"]) if found else ""

    def completions(self, uri: str, line: int, column: int) -> dict[str, str]:
        """What is offered, with its documentation."""
        found = self.ask("textDocument/completion", _at(uri, line, column))
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: _documentation(item.get("documentation")) for item in items}

    def ask(self, method: str, parameters: Mapping[str, Any]) -> Any:
        self.number += 1
        self._send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": parameters})
        while True:
            message = self._take()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def notify(self, method: str, parameters: Mapping[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _take(self) -> dict[str, Any]:
        """The next message; what the server itself asks is answered."""
        try:
            message = self.incoming.get(timeout=ANSWER_WITHIN)
        except Empty:
            raise AssertionError("the language server does not answer") from None
        if message.get("method") == "textDocument/publishDiagnostics":
            self.marked[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: Mapping[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        sections = (item.get("section", "").removeprefix("yaml") for item in message["params"]["items"])
        return [self.settings if not section else self.settings.get(section.removeprefix(".")) for section in sections]


def _at(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


def _documentation(found: Any) -> str:
    return str(found["value"] if isinstance(found, dict) else found or "")


def _listen(process: subprocess.Popen[bytes], incoming: Queue[dict[str, Any]]) -> None:
    assert process.stdout
    while line := process.stdout.readline():
        length = 0
        while line.strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            line = process.stdout.readline()
        if length:
            incoming.put(json.loads(process.stdout.read(length)))


@contextmanager
def editor(program: Path, root: Path, schemas: Mapping[str, Any] | None = None) -> Iterator[Editor]:
    """An editor that has a folder open; `schemas` is what stands under yaml.schemas in its settings."""
    settings = {"schemaStore": {"enable": False}, "completion": True, "hover": True, "validate": True}
    settings |= {"schemas": dict(schemas or {})}
    command = [str(program), "--stdio"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    session = Editor(process, settings)
    listener = Thread(target=_listen, args=(process, session.incoming), daemon=True)
    listener.start()
    try:
        folder = {"uri": root.as_uri(), "name": root.name}
        opening = {"processId": None, "rootUri": root.as_uri(), "workspaceFolders": [folder]}
        session.ask("initialize", opening | {"capabilities": CAPABILITIES})
        session.notify("initialized", {})
        session.notify("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})
        yield session
    finally:
        process.kill()
        process.wait()
        listener.join()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
