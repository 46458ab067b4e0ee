"""Whose fault it is that a migration failed, and how it is called off."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import libvirt
import pytest

from cloudlab.engine import Interrupted, LiveEngine
from cloudlab.errors import HostFault
from drivers.kvm import migration
from drivers.kvm.faults import translated
from drivers.kvm.marks import Identity
from tests.kvm.hosts import Here

DISK = "<domain><devices><graphics type='vnc' listen='10.0.0.11'/></devices></domain>"
BROKE = "internal error: client socket is closed"


@dataclass
class Domain:
    """A machine that moves until it is told that it does not, or until its job is called off.

    Attributes:
        failure: what libvirt says at once; empty: it moves until it is called off.
        deaf: how many times calling it off is refused, as it has not begun.
    """

    failure: str = ""
    deaf: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def XMLDesc(self, flags: int = 0) -> str:  # noqa: N802  (libvirt's word)
        """Return its document."""
        del flags
        return DISK

    def jobStats(self) -> dict[str, int]:  # noqa: N802
        """Return how much was moved."""
        return {"data_processed": 1}

    def abortJob(self) -> None:  # noqa: N802
        """Call it off."""
        if self.deaf:
            self.deaf -= 1
            raise libvirt.libvirtError("no job is active on the domain")
        self.over.set()

    def migrateToURI3(self, uri: str, parameters: dict[str, Any], flags: int) -> None:  # noqa: N802
        """Move it."""
        del uri, parameters, flags
        if self.failure:
            raise libvirt.libvirtError(self.failure)
        self.begun.set()
        assert self.over.wait(20), "nobody called it off"
        raise libvirt.libvirtError("operation aborted: migration out job: canceled by client")


@dataclass
class Source:
    """The connection to the source."""

    domain: Domain
    is_alive: bool = True

    def isAlive(self) -> bool:  # noqa: N802
        """Return whether it works."""
        return self.is_alive

    def lookupByName(self, name: str) -> Domain:  # noqa: N802
        """Return the machine."""
        del name
        return self.domain


def move(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the machine of `source`."""
    monkeypatch.setattr(migration.domains, "running", lambda *_: source.domain)
    monkeypatch.setattr(migration, "forget_notes", lambda _: None)
    monkeypatch.setattr(migration, "LOOK", 0.02)
    who = Identity("i-2-1-VM", "lab1", 1)
    uris = ("qemu+tcp://10.0.0.12/system", "tcp://10.0.0.12", "10.0.0.12")
    plan = migration.Move(who, "host h2", *uris, lambda: True, lambda: nullcontext(source), 30.0)
    migration.move(source, plan)


def test_a_connection_between_the_hosts_that_broke_is_told(monkeypatch) -> None:
    """The source answers: so it is not its own connection that libvirt there speaks of."""
    text = rf"did not move to host h2: the source lost its connection to it \({BROKE}\)"
    with pytest.raises(HostFault, match=text) as caught:
        move(Source(Domain(BROKE)), monkeypatch)
    assert caught.value.host_name is None


@pytest.mark.parametrize(
    ("failure", "is_alive"), [(BROKE, False), ("unsupported configuration: CPU", True)]
)
def test_every_other_failure_is_told_as_it_is(failure: str, is_alive: bool, monkeypatch) -> None:
    """The connection to the source broke, or libvirt refused something."""
    with pytest.raises(libvirt.libvirtError, match=failure):
        move(Source(Domain(failure), is_alive), monkeypatch)


def test_what_nobody_waits_for_is_called_off(monkeypatch) -> None:
    """Again until it is heard: a migration may not have begun yet when it is."""
    domain, told = Domain(deaf=3), []

    def moving() -> None:
        try:
            move(Source(domain), monkeypatch)
        except HostFault as fault:
            told.append(str(fault))
            raise

    with LiveEngine() as engine:

        async def interrupt() -> None:
            call = engine.spawn(engine.call(moving))
            while not domain.begun.is_set():
                await engine.sleep(0.01)
            engine.interrupt(call, "enough")
            with pytest.raises(Interrupted, match="enough"):
                await engine.wait(call)

        engine.run(engine.spawn(interrupt()))
    assert domain.deaf == 0
    (message,) = told
    assert "did not move to host h2: nobody waits for it any more" in message


@pytest.mark.parametrize(
    ("target_answers", "guilty", "message"),
    [
        (True, "h1", f"moving vm vm1 to host h2 on host h1 failed: {BROKE}"),
        (False, "h2", "vm vm1 did not move to host h2: host h2 does not answer any more"),
    ],
)
def test_who_is_to_blame_where_the_contact_with_the_source_broke(
    here: Here, *, target_answers: bool, guilty: str, message: str, monkeypatch
) -> None:
    """The source, for it has the machine and answers again; but not if the target is silent."""

    async def ask(host: Any, what: str, fn: Any, *_: object, timeout: float) -> None:
        del timeout
        if fn is migration.move:
            error = libvirt.libvirtError(BROKE)
            raise translated(error, what, host.name) from error

    async def runs(*_: object) -> bool:
        return True

    async def destroy(_vm: object, host: Any) -> None:
        if not target_answers:
            raise HostFault("no answer", host.name)

    hypervisor = here.hypervisor
    monkeypatch.setattr(hypervisor.contacts, "ask", ask)
    monkeypatch.setattr(hypervisor, "_runs", runs)
    monkeypatch.setattr(hypervisor, "destroy", destroy)
    with pytest.raises(HostFault, match=message) as caught:
        here.do(hypervisor.migrate(here.records.vm(), here.host, here.other))
    assert caught.value.host_name == guilty
