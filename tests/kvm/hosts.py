"""Hosts that are this machine: libvirt's test driver, and a shell in a folder of the test's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cloudlab.engine import LiveEngine
from cloudlab.errors import DriverFault, HostFault
from drivers.kvm import KvmOptions, kvm_ports
from drivers.site import Access, Done, Site
from tests.kvm.records import Records

T = TypeVar("T")

NODE = """<node><domain type="test"><name>i-2-1-VM</name><memory>8192</memory>
<os><type>hvm</type></os></domain></node>"""
"""A host with one domain, which is running and nobody's that we know."""

EMPTY = "<node/>"


class LocalShell:
    """Runs commands here."""

    def __init__(self) -> None:
        self.is_dead = False

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as the port has it)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command, unless the host is dead."""
        if self.is_dead:
            raise HostFault("the shell does not answer", "h1")
        begun = time.monotonic()
        ended = subprocess.run(argv, input=input, capture_output=True, timeout=timeout, check=False)
        return Done(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - begun)

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

    def put(self, data: bytes, path: str, *, mode: int = 0o644) -> None:
        """Write a file."""
        Path(path).write_bytes(data)
        Path(path).chmod(mode)

    def get(self, path: str) -> bytes:
        """Return what a file holds."""
        return Path(path).read_bytes()


class Here:
    """Two hosts with a pool in a folder; each host keeps its notes in a folder of its own."""

    def __init__(
        self, engine: LiveEngine, folder: Path, node: str, lab: tuple[str, str], **options: Any
    ) -> None:
        self.engine, self.folder = engine, folder
        self.primary, self.secondary = folder / "primary", folder / "secondary"
        for each in (self.primary, self.secondary, folder / "run"):
            each.mkdir(exist_ok=True)
        (folder / "node.xml").write_text(node)
        uri = f"test://{folder / 'node.xml'}"
        self.shells = {name: LocalShell() for name in ("h1", "h2")}
        hosts = {name: Access(name, "127.0.0.1", shell, uri) for name, shell in self.shells.items()}
        lab_id, store_id = lab
        self.site = Site(lab_id, hosts, store_id)
        self.options = KvmOptions(
            accelerators={"h1": "test", "h2": "test"},
            state_folder=str(folder / "run"),
            **options,
        )
        self.hypervisor, self.blocks, self.images = kvm_ports(
            engine, self.site, self.options, {"tiny": str(self.secondary / "tiny.qcow2")}
        )
        self.records = Records(f"file://{self.primary}")
        self.host, self.other = self.records.host, self.records.other
        self.pool = self.records.pool

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        self.engine.run(process)
        return process.result

    def open(self) -> None:
        """Connect both hosts and attach the pool to both."""
        for host in (self.host, self.other):
            self.do(self.hypervisor.connect(host))
            self.do(self.blocks.attach_pool(self.pool, host))

    def names(self) -> set[str]:
        """Return what lies in the lab's folder on the pool."""
        return {path.name for path in (self.primary / f"cloudlab-{self.site.lab_id}").iterdir()}


@contextmanager
def here(
    folder: Path, node: str = EMPTY, lab_id: str = "lab1", store_id: str = "", **options: Any
) -> Iterator[Here]:
    """Yield hosts that are here, not connected yet."""
    with LiveEngine() as engine:
        yield Here(engine, folder, node, (lab_id, store_id), **options)
