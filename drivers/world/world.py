"""A cloud on real hosts and real time: the same books and workflows, kept in a store."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from cloudlab.cloud import Cloud
from cloudlab.design import read_design
from cloudlab.design.build import build, settings_of
from cloudlab.engine import LiveEngine
from cloudlab.errors import CloudError, DriverFault, InvalidParameter
from cloudlab.model import AlertType, JobStatus
from cloudlab.store import Mirror, Store
from cloudlab.tracing import Stopwatch, timed
from cloudlab.workflows import services
from cloudlab.workflows.reconcile import reconcile
from drivers.recorder import CommandLog
from drivers.world.site_of import minidc_of, real_ports, site_of, switches_of

if TYPE_CHECKING:
    from cloudlab.design import Design
    from cloudlab.engine import LateResult, Process
    from cloudlab.model import Host, Job
    from cloudlab.tracing import Timing
    from drivers.kvm import KvmHypervisor
    from drivers.minidc import MiniDc
    from drivers.power import Switch
    from drivers.world.lab_file import LabFile

REST: Final = 0.05
"""Seconds between two looks at whether everything has come to rest."""


class RealWorld:
    """A cloud on the hosts of a lab file.

    The first time its design is built; later it goes on where it was left: what was under way
    then is finished or undone, by what the hosts say.

    Attributes:
        lab: the lab file.
        design: of the cloud.
        engine: the wall clock; second 0 is when the lab was first opened.
        cloud: its books and rules.
        log: every command that was sent to a host.
        stopwatch: how long every step took.
        found: the jobs that were under way when the lab was last left.
    """

    is_simulated: Final = False
    seed: Final = 0

    def __init__(self, lab: LabFile) -> None:
        """Open the lab: reach every host, and build its cloud or take it up again.

        Raises:
            InputError: the design or a password cannot be read.
            Conflict: another process has the lab open.
            HostFault: it is new, and a host cannot be reached; nothing is left behind.
        """
        self.lab = lab
        self.design: Design = read_design(lab.design)
        self.log = CommandLog()
        self.stopwatch = Stopwatch()
        self.found: list[Job] = []
        self._serving: list[Process[None]] = []
        self._is_closed = self._cannot_note = False
        self._ours = _missing_files(lab.store)
        self._store = Store(lab.store)
        with ExitStack() as stack:
            stack.callback(self._store.close)
            self._open()
            stack.pop_all()

    # --- opened and closed ---------------------------------------------------------------

    def _open(self) -> None:
        saved = self._store.load()
        start = 0.0 if saved is None else saved.resume_at(time.time())
        self.engine = LiveEngine(start=start)
        self.engine.on_late_result = self._tell_late
        self._site = site = site_of(self.lab, self.log)
        ports = real_ports(self.engine, self.lab, site, self.log)
        self._hypervisor = cast("KvmHypervisor", ports.hypervisor)
        ports = timed(ports, lambda: self.engine.now, self._note)
        if saved is None:
            settings = settings_of(self.design)
            self.cloud = Cloud(self.engine, ports, settings, name=self.design.cloud)
        else:
            self.cloud = Cloud.restored(self.engine, ports, saved.state)
        self._mirror = Mirror(self.cloud, self._store, wall=time.time())
        site.store_id = self._mirror.lab
        self.cloud.ports = self._mirror.through(ports)
        if saved is None:
            self._build()
        else:
            self.found = self.engine.run(self.engine.spawn(reconcile(self.cloud))) or []

    def _build(self) -> None:
        """Build the design; what cannot be built leaves no store behind."""
        with ExitStack() as stack:
            stack.callback(self._forget)
            self.engine.run(self.engine.spawn(build(self.cloud, self.design), "build"))
            stack.pop_all()

    async def _let_go(self) -> None:
        """Leave the hosts that were reached, so that another lab can have them."""
        for host in self.cloud.inventory.hosts:
            try:
                await self.cloud.ports.hypervisor.disconnect(host)
            except CloudError:
                continue

    def _forget(self) -> None:
        """Leave the hosts, and remove the files of a store that nothing was built in."""
        self.engine.run(self.engine.spawn(self._let_go()))
        self._mirror.close()
        for each in self._ours:
            each.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the lab: what runs on its hosts runs on, and it can be opened again.

        Closing twice is no error.
        """
        if self._is_closed:
            return
        self._is_closed = True
        self.settle()
        self._mirror.close()
        self.engine.close()
        self._hypervisor.close()
        for access in self._site.hosts.values():
            access.shell.close()

    def keep(self) -> None:
        """Write down what the books say; where that fails there is an alert, and it is retried."""
        with suppress(DriverFault):
            self._mirror.commit()

    # --- what goes on by itself ----------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start what the cloud does by itself, these services or all."""
        if not self._serving:
            self._serving = services.start(self.cloud, *names)

    def play(self, demand: object) -> object:
        """Refuse: on real hosts demand comes by itself.

        Raises:
            InvalidParameter: always.
        """
        raise InvalidParameter(
            f"{demand!r} cannot be played on real hosts: play it in a simulation"
        )

    def settle(self) -> None:
        """Stop the services and wait until no job is under way."""
        for process in self._serving:
            self.engine.interrupt(process, "settle")
        self._serving = []
        while any(job.status is JobStatus.IN_PROGRESS for job in self.cloud.inventory.jobs):
            self.engine.run(until=self.engine.now + REST)
        self.engine.run(until=self.engine.now + REST)
        self._mirror.commit()

    # --- what goes wrong -------------------------------------------------------------------

    def break_host(self, host: Host) -> None:
        """Cut the power of `host`, past the books; the cloud finds out by itself."""
        self._switched(host).off()

    def repair_host(self, host: Host) -> None:
        """Give `host` power again; the cloud must take it back."""
        self._switched(host).on()

    def cut_management(self, host: Host) -> None:
        """Pull the management cable of `host`: its guests run on.

        Raises:
            InvalidParameter: the hosts are not those of a mini data centre.
        """
        self._center(host).unplug(host.name, "eth0")

    def mend_management(self, host: Host) -> None:
        """Put that cable back; see `cut_management`."""
        self._center(host).plug(host.name, "eth0")

    def _switched(self, host: Host) -> Switch:
        switches = switches_of(self.lab)
        if host.name not in switches:
            raise InvalidParameter(f"{host} has no power switch in the lab file: add power to it")
        return switches[host.name]

    def _center(self, host: Host) -> MiniDc:
        center = minidc_of(self.lab)
        if center is None:
            raise InvalidParameter(f"the cables of {host} can only be pulled by hand")
        return center

    # --- what is noted ---------------------------------------------------------------------

    def _note(self, timing: Timing) -> None:
        self.stopwatch(timing)
        try:
            with self.lab.timings.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(timing)) + "\n")
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        """Tell the administrator, once, that durations are not noted; nothing else suffers."""
        if not self._cannot_note:
            self._cannot_note = True
            title = f"Durations cannot be noted in {self.lab.timings}"
            self.cloud.alert(AlertType.MANAGEMENT_NODE, "timings", title, str(error))

    def _tell_late(self, late: LateResult) -> None:
        """Tell the administrator of an answer nobody waited for any more."""
        self.cloud.alert(AlertType.MANAGEMENT_NODE, "outside", "An answer came too late", str(late))

    def state(self) -> dict[str, Any]:
        """Return everything as plain data; a simulation can go on from it."""
        return {
            "version": 1,
            "design": self.design.to_yaml(),
            "seed": self.seed,
            "now": self.engine.now,
            "cloud": self.cloud.state(),
            "player": None,
        }

    def __repr__(self) -> str:
        """Say what it is and how far away."""
        hosts = ", ".join(host.name for host in self.lab.hosts)
        return f"<RealWorld {self.lab.lab} on {hosts}: {len(self.log)} commands sent>"


def _missing_files(store: str) -> list[Path]:
    """Return the files that opening the new SQLite store would make; none that is there."""
    if "://" in store:
        return []
    endings = ("", "-wal", "-shm", "-journal", ".lock", ".key")
    named = [Path(f"{store}{ending}") for ending in endings]
    return [] if named[0].exists() else [each for each in named if not each.exists()]
