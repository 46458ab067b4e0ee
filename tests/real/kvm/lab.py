"""Two real hosts, the ports on them, and ways to look past the ports."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from cloudlab.engine import LiveEngine
from cloudlab.errors import NotFound
from cloudlab.model import Host, StoragePool, Template, VirtualMachine, Volume
from drivers import naming
from drivers.kvm import KvmOptions, kvm_ports
from drivers.minidc import MiniDc
from drivers.site import Access, Site
from drivers.ssh import SshHost, timeouts
from drivers.world.minidc_lab import ANSWER_SECONDS
from tests.kvm.records import Records

T = TypeVar("T")

BOOT = 60.0
"""Seconds in which an emulated guest is surely up."""


def within(seconds: float, holds: Callable[[], object]) -> None:
    """Return once something holds.

    Raises:
        AssertionError: it does not in time.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.2)


def access(dc: MiniDc, name: str) -> Access:
    """Return how a host of a mini data centre is reached."""
    shell = SshHost(
        name,
        dc.layout.address(name),
        key_path=dc.layout.key,
        known_hosts=dc.layout.known_hosts,
        sock_path=dc.ssh_door(name),
        **timeouts(ANSWER_SECONDS),
    )
    return Access(name, dc.layout.address(name), shell, dc.libvirt_uri(name))


class Lab:
    """The ports on the hosts of a mini data centre, and one pool on its primary storage."""

    def __init__(self, dc: MiniDc, engine: LiveEngine, lab_id: str, options: KvmOptions) -> None:
        self.dc, self.engine = dc, engine
        self.site = Site(lab_id, {name: access(dc, name) for name in dc.hosts()})
        templates = {"tiny": str(dc.layout.template)}
        self.hypervisor, self.blocks, self.images = kvm_ports(engine, self.site, options, templates)
        self.records = Records(f"file://{dc.layout.primary}")
        self.host, self.other, self.pool = (
            self.records.host,
            self.records.other,
            self.records.pool,
        )
        self._vms: list[VirtualMachine] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        self.engine.run(process)
        return process.result

    def open(self) -> None:
        """Connect both hosts, and give each the pool and the bridge of the network."""
        for host in (self.host, self.other):
            self.do(self.hypervisor.connect(host))
            self.do(self.blocks.attach_pool(self.pool, host))
            self.bridge(host)

    def bridge(self, host: Host) -> None:
        """Let `host` have a bridge for the network, on its cable for guests."""
        name = naming.bridge(self.records.network)
        self.on(host, "ip", "link", "add", name, "type", "bridge", "forward_delay", "0")
        self.on(host, "ip", "link", "set", "eth1", "master", name)
        self.on(host, "ip", "link", "set", name, "up")

    def machine(self) -> VirtualMachine:
        """Return a machine whose root disk is there; it does not run."""
        vm = self.records.vm()
        self._vms.append(vm)
        self.do(self.images.stage(self.records.template, self.pool))
        self.do(self.blocks.create(vm.volumes[0], self.pool))
        return vm

    def booted(self, host: Host | None = None) -> VirtualMachine:
        """Return a machine whose system is up."""
        vm, where = self.machine(), host or self.host
        self.do(self.hypervisor.start(vm, where))
        self.wait_for(vm, where)
        return vm

    def data(self, vm: VirtualMachine) -> Volume:
        """Return one more disk that is there, which `vm` does not have yet."""
        volume = self.records.volume(vm)
        self.do(self.blocks.create(volume, self.pool))
        return volume

    def close(self) -> None:
        """Let nothing run, and let go of the hosts."""
        for vm in self._vms:
            for host in (self.host, self.other):
                if self.hypervisor.contacts.lives(host):
                    self.do(self.hypervisor.destroy(vm, host))
        for host in (self.host, self.other):
            self.do(self.hypervisor.disconnect(host))
        for each in self.site.hosts.values():
            each.shell.close()
        shutil.rmtree(self.folder(), ignore_errors=True)

    # --- past the ports ----------------------------------------------------------------------

    def on(self, host: Host, *argv: str) -> str:
        """Return what a command printed that ran on `host`."""
        return self.dc.run_in(host.name, argv, timeout=30).stdout

    def domains(self, host: Host) -> dict[str, str]:
        """Return every domain of `host` with its state, whosoever it is."""
        lines = self.on(host, "virsh", "-q", "list", "--all").splitlines()
        words = (line.split(maxsplit=2) for line in lines)
        return {name: state for _, name, state in words}

    def folder(self, pool: StoragePool | None = None) -> Path:
        """Return the folder of this lab in a pool."""
        url = (pool or self.pool).url.removeprefix("file://")
        return Path(url) / naming.lab_folder(self.site.lab_id)

    def disk(self, volume: Volume, pool: StoragePool | None = None) -> bool:
        """Return whether `volume` lies on a pool."""
        return (self.folder(pool) / naming.volume_file(volume)).exists()

    def image(self, template: Template, pool: StoragePool | None = None) -> bool:
        """Return whether a copy of `template` lies on a pool."""
        return (self.folder(pool) / naming.template_file(template)).exists()

    def mount(self, pool: StoragePool, host: Host) -> bool:
        """Return whether `host` notes that it reaches `pool`."""
        link = f"/run/{naming.lab_folder(self.site.lab_id)}/pool-{pool.id}"
        with suppress(NotFound):  # it is off
            return self.dc.run_in(host.name, ["test", "-e", link]).returncode == 0
        return False

    def wait_for(self, vm: VirtualMachine, host: Host) -> None:
        """Return once the agent of `vm` answers.

        Raises:
            AssertionError: it does not.
        """
        end = time.monotonic() + BOOT
        while self._agent(vm, host, {"execute": "guest-ping"}) is None:
            assert time.monotonic() < end, f"{vm} is not up within {BOOT} s"
            time.sleep(0.2)

    def inside(self, vm: VirtualMachine, host: Host, line: str) -> str:
        """Return what a line of shell printed inside `vm`."""
        words = {"path": "/bin/sh", "arg": ["-c", line], "capture-output": True}
        begun = self._agent(vm, host, {"execute": "guest-exec", "arguments": words})
        assert begun is not None, f"{vm} on {host} does not answer"
        asked = {"execute": "guest-exec-status", "arguments": {"pid": begun["pid"]}}
        end = time.monotonic() + 30
        while not (status := self._agent(vm, host, asked) or {}).get("exited"):
            assert time.monotonic() < end, f"{line} does not end"
            time.sleep(0.05)
        data = status.get("out-data", "") + status.get("err-data", "")
        return base64.b64decode(data).decode().strip()

    def _agent(self, vm: VirtualMachine, host: Host, command: dict[str, Any]) -> Any:
        name, text = naming.domain_name(vm), json.dumps(command)
        argv = ["virsh", "-q", "qemu-agent-command", "--timeout", "5", name, text]
        done = self.dc.run_in(host.name, argv, timeout=30)
        return json.loads(done.stdout)["return"] if done.returncode == 0 else None


@contextmanager
def lab(
    dc: MiniDc, lab_id: str = "test", options: KvmOptions | None = None, *, opened: bool = True
) -> Iterator[Lab]:
    """Yield a lab on a mini data centre that is up; nothing of it runs afterwards."""
    with LiveEngine() as engine:
        made = Lab(dc, engine, lab_id, options or KvmOptions(ram_headroom=2.0))
        try:
            if opened:
                made.open()
            yield made
        finally:
            made.close()
