"""A real nginx with the configuration that is shipped. Skips, by name, what needs one where there is none."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import ROOT
from tests.needed import absent

CONFIGURATION = ROOT / "examples" / "nginx" / "adapter.conf"
AROUND = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/start.log crit;
events {{}}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{own}
}}
"""


def program() -> str:
    """Skips the test without nginx; fails it where everything must be tested."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    if found is None:
        absent("no nginx here")
    return found


@contextmanager
def before(port: int, folder: Path) -> Iterator[int]:
    """Stands before the adapter's port; its own port, on 127.0.0.1. Logs are written into the folder."""
    command = program()
    with socket.create_server(("127.0.0.1", 0)) as free:
        own = free.getsockname()[1]
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, own=_configuration(port, own, folder)))
    with subprocess.Popen(
        [command, "-p", str(folder), "-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            _wait(process, own)
            yield own
        finally:
            process.terminate()


def _configuration(port: int, own: int, folder: Path) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    changes = {
        r"listen 443 ssl": f"listen 127.0.0.1:{own}",
        r"server 127\.0\.0\.1:8080": f"server 127.0.0.1:{port}",
        r"\n *ssl_certificate(_key)? .*": "",
        r"/var/log/nginx": str(folder),
    }
    for pattern, instead in changes.items():
        text, times = re.subn(pattern, instead, text)
        assert times, f"the configuration has no {pattern} any more"
    return text


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    assert process.stdout
    pytest.fail(f"nginx did not start: {process.stdout.read().decode()}")
