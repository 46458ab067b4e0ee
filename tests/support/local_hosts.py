"""Hosts that are this machine: libvirt's test driver, and a shell in folders of the test's.

The test driver keeps its machines in a connection: they are gone when it is. So such a host can
die and come back empty, as real ones do; what it does not do is to run on unseen.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from cloudlab.engine import LiveEngine, check_cancelled
from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import Host
from drivers import naming
from drivers.kvm import KvmOptions, kvm_ports
from drivers.site import Access, Done, Site

EMPTY: Final = "<node/>"
"""A host without domains."""

MIB: Final = 1024 * 1024


class LocalShell:
    """Runs commands here, as a host would whose folder `shared` is the folder `own`."""

    def __init__(self, name: str = "h1", shared: Path | None = None, own: Path | None = None):
        self.name = name
        self.is_dead = False
        self._shared, self._own = str(shared or ""), str(own or "")

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as the port has it)
        timeout: float = 30.0,
        stoppable: bool = False,
    ) -> Done:
        """Run a command, unless the host is dead."""
        if self.is_dead:
            raise HostFault("the shell does not answer", self.name)
        begun, words = time.monotonic(), [self._here(word) for word in argv]
        if stoppable:
            code, out, err = self._run_stoppably(words, timeout)
        else:
            done = subprocess.run(
                words, input=input, capture_output=True, timeout=timeout, check=False
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        return Done(code, out, err, time.monotonic() - begun)

    def _run_stoppably(self, words: list[str], timeout: float) -> tuple[int, bytes, bytes]:
        """Run a command in a group of its own, which is ended when nobody waits any more."""
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        process = subprocess.Popen(
            words, stdin=null, stdout=pipe, stderr=pipe, start_new_session=True
        )
        deadline = time.monotonic() + timeout
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    out, err = process.communicate(timeout=0.05)
                    return process.returncode, out, err
                assert time.monotonic() < deadline, f"{words} takes too long"
                check_cancelled()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.communicate()

    def check(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as the port has it)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command that has to end well."""
        done = self.run(argv, input=input, timeout=timeout)
        if done.exit_code:
            raise DriverFault(f"{argv}: {done.stderr.decode()}")
        return done

    def put(self, local: Path | bytes, remote: str, mode: int = 0o644) -> None:
        """Write a file."""
        data = local if isinstance(local, bytes) else local.read_bytes()
        write = ["sh", "-c", 'cat > "$1" && chmod "$2" "$1"', "sh", remote, f"{mode:o}"]
        self.check(write, input=data)

    def get(self, remote: str) -> bytes:
        """Return what a file holds."""
        return self.check(["cat", remote]).stdout

    def close(self) -> None:
        """End the connection, of which there is none."""

    def _here(self, word: str) -> str:
        """Return a word of a command in which what is this host's own lies where it does here."""
        if self._shared and word.startswith(self._shared):
            return self._own + word.removeprefix(self._shared)
        return word


class LocalHosts:
    """The ports of real hosts over hosts that are here, with a pool in a folder they all see."""

    def __init__(
        self,
        engine: LiveEngine,
        folder: Path,
        names: Sequence[str],
        *,
        node: str = EMPTY,
        lab: tuple[str, str] = ("lab1", ""),
        templates: Sequence[str] = ("tiny",),
        **options: Any,
    ) -> None:
        self.engine, self.folder = engine, folder
        self.primary, self.secondary = folder / "primary", folder / "secondary"
        for each in (self.primary, self.secondary, *(folder / name / "run" for name in names)):
            each.mkdir(parents=True, exist_ok=True)
        (folder / "node.xml").write_text(node)
        shared = folder / "run"
        self.shells = {name: LocalShell(name, shared, folder / name / "run") for name in names}
        uri = f"test://{folder / 'node.xml'}"
        hosts = {name: Access(name, "127.0.0.1", shell, uri) for name, shell in self.shells.items()}
        self.site = Site(lab[0], hosts, lab[1])
        self.options = KvmOptions(
            accelerators=dict.fromkeys(names, "test"), state_folder=str(shared), **options
        )
        self.hypervisor, self.blocks, self.images = kvm_ports(
            engine,
            self.site,
            self.options,
            {name: str(self.secondary / f"{name}.qcow2") for name in templates},
        )

    def cut(self, host: Host) -> None:
        """Let nothing reach a host any more: neither its shell nor its libvirt answers."""
        self.shells[host.name].is_dead = True
        access, nobody = self.site.hosts[host.name], self.folder / "nobody"
        uri = f"qemu+unix:///system?socket={nobody}"
        self.site.hosts[host.name] = replace(access, libvirt_uri=uri)
        self.hypervisor.contacts._idle.get(host.name, []).clear()

    def kill(self, host: Host) -> None:
        """Let a host fail, with its machines and all that it noted since it was started."""
        self.cut(host)
        shutil.rmtree(self.own(host))

    def own(self, host: Host) -> Path:
        """Return the folder of what a host notes until it is off."""
        return self.folder / host.name / "run"

    def has_mount(self, pool_id: int, host: Host) -> bool:
        """Return whether a host says that it has a pool."""
        return (self.own(host) / self.lab_folder / f"pool-{pool_id}").is_symlink()

    def pool_file(self, name: str) -> Path:
        """Return the path of a file of the lab's on the pool."""
        return self.primary / self.lab_folder / name

    @property
    def lab_folder(self) -> str:
        """What the lab calls its own folders."""
        return naming.lab_folder(self.site.lab_id)
