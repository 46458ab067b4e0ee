"""A JupyterLab of our own: loopback only, a random token, a free port, gone when the test is."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.request import Request, urlopen

from tests.notebooks.waiting import wait_for
from tests.support.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS: Final = ROOT / "notebooks" / ".lab"
"""The settings that `make lab` opens JupyterLab with."""
START: Final = 60.0
"""Seconds that a server may take to answer."""
STOP: Final = 15.0
"""Seconds that a server may take to end its kernels and itself."""


@dataclass(frozen=True, slots=True)
class Jupyter:
    """A running server.

    Attributes:
        url: where it answers, ending in a slash.
        token: what lets a client in.
    """

    url: str
    token: str

    def page(self, notebook: str) -> str:
        """Return the address of a notebook in a workspace as nobody has touched it."""
        return f"{self.url}lab/tree/{notebook}?reset&token={self.token}"

    def has_kernel(self) -> bool:
        """Return whether a page is connected to a kernel.

        Cells that are run before that raise a dialog instead.
        """
        return any(session["kernel"]["connections"] for session in self._sessions())

    def end_sessions(self) -> None:
        """End every kernel: the next notebook starts with modules freshly imported."""
        for session in self._sessions():
            self._call("DELETE", f"api/sessions/{session['id']}")

    def _sessions(self) -> list[dict]:
        return json.loads(self._call("GET", "api/sessions"))

    def _call(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = Request(self.url + path, method=method, headers=headers)
        with urlopen(request, timeout=STOP) as response:
            return response.read()


@contextmanager
def jupyter_lab(notebooks: Path, scratch: Path) -> Iterator[Jupyter]:
    """Yield a server over the folder `notebooks`; all it writes goes to `scratch`.

    Raises:
        AssertionError: it did not come up; the message holds what it printed.
    """
    token = secrets.token_hex(24)
    log = scratch / "jupyter.log"
    with log.open("wb") as printed:
        server = subprocess.Popen(
            _command(notebooks),
            env=os.environ | _surroundings(scratch, token),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    card = scratch / "runtime" / f"jpserver-{server.pid}.json"
    try:
        wait_for(lambda: server.poll() is not None or card.is_file(), START, "JupyterLab to start")
        assert server.poll() is None, f"JupyterLab ended at once:\n{log.read_text()}"
        jupyter = Jupyter(json.loads(card.read_text())["url"], token)
        yield jupyter
        jupyter.end_sessions()
    finally:
        _end(server)


def _command(notebooks: Path) -> list[str]:
    """Return the command line; port 0 lets the system choose one that is free."""
    return [
        sys.executable,
        *("-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
        f"--ServerApp.root_dir={notebooks}",
        f"--LabApp.app_settings_dir={SETTINGS}",
        "--LabApp.extension_manager=readonly",
    ]


def _surroundings(scratch: Path, token: str) -> dict[str, str]:
    """Return the variables that keep the server away from the settings of whoever runs it."""
    folders = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    for folder in folders.values():
        (scratch / folder).mkdir(exist_ok=True)
    places = {name: str(scratch / folder) for name, folder in folders.items()}
    return places | {"JUPYTER_TOKEN": token, "PYTHONPATH": str(ROOT)}


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and what it has started; by force if it does not listen."""
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
