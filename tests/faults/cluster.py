"""A PostgreSQL of one's own, in a temporary folder, to be killed."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.needed import absent

FOUND = shutil.which("initdb")
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or ([Path(FOUND).parent] if FOUND else [])
SECONDS = 60.0


@dataclass
class Cluster:
    """A server on a port of its own, whose every commit waits for the disk."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        log = self.folder / "log"
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c deadlock_timeout=200ms"
        run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(log), "-o", options, "-w", "-t", "60", "start")

    def kill(self) -> None:
        """As when the power fails: every process of it at once."""
        with (self.folder / "data" / "postmaster.pid").open(encoding="ascii") as file:
            postmaster = int(file.readline())
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        for pid in [postmaster, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        until = time.monotonic() + SECONDS
        while Path(f"/proc/{postmaster}").exists() and time.monotonic() < until:
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def stop(self) -> None:
        run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop", check=False)


def run(program: str, *arguments: str, check: bool = True) -> None:
    """PostgreSQL does not run as root: as its own user then."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, str(BINARIES[-1] / program), *arguments], check=check, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Skips, by name, where PostgreSQL's programs are not installed."""
    if not BINARIES:
        absent("PostgreSQL's initdb and pg_ctl are not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        for parent in folder.parents:
            if parent.stat().st_mode & 0o001 == 0:
                parent.chmod(parent.stat().st_mode | 0o011)
    run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")
    made = Cluster(folder, port)
    made.start()
    try:
        yield made
    finally:
        made.stop()
