"""A lab file of its own for each test, on the two hosts of the run's mini data centre."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudlab import Lab, connect
from cloudlab.model import VmState
from cloudlab.workflows.reconcile.echoes import ECHO
from drivers.world.minidc_lab import lab_documents
from tests.real.world.doomed import HERE
from tests.real.world.seen import disagreements, leftovers
from tests.support.minidc import blank
from tests.support.places import ROOT

if TYPE_CHECKING:
    from drivers.minidc import MiniDc

PATIENCE = 60.0
"""Seconds after which something will not happen any more."""


@dataclass
class Place:
    """Hosts, the lab file that describes them, and the labs that were opened of it."""

    center: MiniDc
    folder: Path
    lab: dict[str, Any]
    design: dict[str, Any]
    opened: list[Lab] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The lab file."""
        return self.folder / "lab.yaml"

    def write(self) -> None:
        """Write lab file and design as they are now; JSON is YAML, too."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "design.yaml").write_text(json.dumps(self.design))
        self.file.write_text(json.dumps(self.lab))

    def open(self) -> Lab:
        """Open the lab, or open it again."""
        self.opened.append(connect(self.file, progress=False))
        return self.opened[-1]

    def prepared(self, build: Callable[[Lab], object]) -> None:
        """Open the lab, build something in it and leave it."""
        lab = self.open()
        build(lab)
        assert disagreements(lab, self.center) == []
        self.close()

    def close(self) -> None:
        """Leave every lab that was opened."""
        while self.opened:
            self.opened.pop().close()

    def kill_in(self, verb: str, step: str, when: str, after: float = 0.0) -> None:
        """Let another process begin a verb, and kill it at a step, `after` seconds into it."""
        module = "tests.real.world.doomed"
        argv = [sys.executable, "-m", module, str(self.file), verb, step, when]
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as doomed:
            try:
                assert doomed.stdout is not None
                assert doomed.stderr is not None
                ready, _, _ = select.select([doomed.stdout], [], [], PATIENCE)
                said = doomed.stdout.readline() if ready else "nothing"
                time.sleep(after)
            finally:
                doomed.kill()
            assert said == f"{HERE}\n", f"it never came to {step}: {doomed.stderr.read()}"

    def on(self, host: str, *argv: str) -> str:
        """Return what a command printed on a host, where it has to end well."""
        done = self.center.run_in(host, argv)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def clear(self, lab: Lab) -> list[str]:
        """Remove all machines, volumes and networks of a lab; return what is left of them."""
        books = lab.cloud.inventory
        for vm in list(books.vms):
            if vm.state is VmState.RUNNING:
                lab.stop(vm, forced=True)
            lab.destroy(vm, expunge=True)
        for volume in list(books.volumes):
            lab.delete_volume(volume)
        for network in [each for each in books.networks if each.is_isolated]:
            lab.delete_network(network)
        return settled(lab, lambda: leftovers(lab, self.center))


@contextmanager
def placed(center: MiniDc, folder: Path, name: str = "") -> Iterator[Place]:
    """Yield a place whose lab was never opened; afterwards the hosts are blank again.

    Args:
        center: the data centre.
        folder: where its files go.
        name: of the lab, if not the usual one.
    """
    lab, design = lab_documents(center)
    lab["lab"] = name or lab["lab"]
    place = Place(center, folder, lab, design)
    place.write()
    try:
        yield place
    finally:
        try:
            place.close()
        finally:
            blank(center)
            _forget_machines(center)


def _forget_machines(center: MiniDc) -> None:
    """Let no host remember a machine: definitions outlive a power failure."""
    for name in center.hosts():
        for domain in center.run_in(name, ["virsh", "list", "--all", "--name"]).stdout.split():
            flags = ["--managed-save", "--snapshots-metadata"]
            center.run_in(name, ["virsh", "undefine", domain, *flags])


def settled(lab: Lab, look: Callable[[], list[str]]) -> list[str]:
    """Return what `look` finds, once what a killed process had asked for can be no more.

    A host may do it late, at any moment until then; so a second look decides.
    """
    found = look()
    if found:
        lab.run(seconds=ECHO + 1)
        found = look()
    return found


def wait(lab: Lab, what: str, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Let time pass in a lab until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        lab.run(seconds=0.2)
