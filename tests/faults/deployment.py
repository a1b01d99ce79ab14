"""Servers of one deployment: started, killed, started again."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0

FILE = """
adapter: v1
store: {store}
channels:
  sms/1: {{vendor: huawei, open: a test}}
sinks:
  consumer:
    webhook: http://127.0.0.1:{sink}/events
    unsigned: a test
    networks: [127.0.0.0/8]
    attempts: 100
"""


@dataclass
class Server:
    """One process at a port of its own; its log goes on through every restart."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0
    more: Sequence[str] = ()

    def start(self) -> None:
        command = "from adapter.cli.main import main; main()"
        arguments = ["serve", "--config", str(self.folder / "adapter.yaml"), "--port", str(self.port), *self.more]
        with (self.folder / f"log-{self.port}").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", command, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
            )

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1

    def stop(self) -> int:
        """As an operator stops it; its exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(30)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Deployment:
    folder: Path
    store: str
    sink: int
    processes: int
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = FILE.format(store=self.store, sink=self.sink).lstrip()
        (self.folder / "adapter.yaml").write_text(text, encoding="utf-8")
        self.servers = [Server(self.folder, free_port()) for _ in range(self.processes)]

    async def start(self) -> None:
        for server in self.servers:
            server.start()
        for server in self.servers:
            await listening(server)

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("log-*")))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


async def listening(server: Server) -> None:
    until = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        while time.monotonic() < until:
            assert server.alive, (server.folder / f"log-{server.port}").read_text()
            try:
                await client.get("/healthz")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"no server at port {server.port} within {START_SECONDS:g} s")
