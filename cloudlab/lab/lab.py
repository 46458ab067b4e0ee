"""The lab: deploy, watch, break, mend; let time pass, go back, save and load."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from cloudlab import plugins
from cloudlab.datasets import dataset
from cloudlab.design import Design, read_design
from cloudlab.engine import quiet_gc, stop_on_ctrl_c
from cloudlab.errors import Conflict, InputError, InvalidParameter, NotFound
from cloudlab.lab.checkpoint import Checkpoint
from cloudlab.lab.looking import Looking
from cloudlab.lab.progress import Report, reporter
from cloudlab.model import (
    Account,
    Cluster,
    Command,
    ComputeOffering,
    Host,
    Job,
    JobStatus,
    Pod,
    Record,
    StoragePool,
    Template,
    VirtualMachine,
    Zone,
)
from cloudlab.state import Journal, Table
from cloudlab.units import DAY, HOUR, MINUTE, clock_text
from cloudlab.workflows import hosts, jobs, machines, migration, pools, recovery, zones

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Process
    from cloudlab.lab.world import Opener, World

R = TypeVar("R", bound=Record)

STRETCHES: Final = 200
"""Into how many parts a run is cut, to tell its progress between them."""


def _located(name: str | Path) -> Path:
    """Return the file that is meant: the path itself, or a shipped design of that name."""
    path = Path(name)
    if path.exists() or path.parent != Path():
        return path
    try:
        return dataset("designs", path.name if path.suffix else f"{path.name}.yaml")
    except NotFound as error:
        raise InputError(f"there is no file {name}, and {error}") from None


class Lab(Looking):
    """A cloud to work with.

    Every verb waits until it is done and returns what it made or changed; things are given
    as objects or by name. Time passes only in verbs and in `run`.

    Example:
        lab = Lab("small-cloud")
        web = lab.deploy("web")
        lab.run(hours=1)
        lab.break_host(web.host)
    """

    def __init__(
        self,
        design: Design | str | Path,
        *,
        world: str = "simulator",
        seed: int = 0,
        latency: Any = "instant",
        progress: bool = True,
    ) -> None:
        """Build the cloud of a design.

        Args:
            design: a design, or a file, or the name of a shipped design.
            world: where it happens: `simulator`, or a plug-in's name.
            seed: of every random choice, >= 0.
            latency: how long steps take: a profile, a file, or the name of a shipped one.
            progress: whether long runs show a progress bar.

        Raises:
            InputError: the design cannot be read.
            NotFound: there is no such world.
        """
        self._opener = cast("Opener", plugins.load("world", world))
        self._latency = latency
        self._demand: Any = None
        self._progress = progress
        self._design = design if isinstance(design, Design) else read_design(_located(design))
        self._seed = seed
        self.checkpoints: list[Checkpoint] = []
        self.world: World = self._open()
        self._beginning = self.checkpoint("beginning")

    def _open(self) -> World:
        return self._opener(
            self._design, seed=self._seed, latency=self._latency, journal=Journal()
        )

    @property
    def cloud(self) -> Cloud:
        """The cloud: its records, books and rules."""
        return self.world.cloud

    @property
    def now(self) -> float:
        """The present moment, seconds."""
        return self.world.engine.now

    # --- machines ------------------------------------------------------------------------

    def deploy(
        self,
        name: str = "",
        *,
        offering: ComputeOffering | str | None = None,
        template: Template | str | None = None,
        zone: Zone | str | None = None,
        account: Account | str | None = None,
        host: Host | str | None = None,
        disk: str | None = None,
        disk_gib: float | None = None,
    ) -> VirtualMachine:
        """Deploy a machine and return it when it runs.

        Args:
            name: what to call it; made up if not given.
            offering: its size; the first offering of users if not given.
            template: what its root disk is made from; the first one if not given.
            zone: where; the first zone if not given.
            account: who owns it; admin if not given.
            host: exactly where; only for the root administrator.
            disk: a disk offering for a data disk.
            disk_gib: size of the data disk, for a customized offering.

        Raises:
            InsufficientCapacity: no place will do; `error.explanation` tells why.
            InvalidParameter: something asked for is not allowed.
        """
        inventory = self.cloud.inventory
        asked = machines.Deployment(
            zone=self._the(inventory.zones, zone),
            offering=self._the(inventory.compute_offerings, offering),
            template=self._the(inventory.templates, template),
            account=self.cloud.admin if account is None else self._the(inventory.accounts, account),
            name=name,
            host=None if host is None else self._the(inventory.hosts, host),
            disk=None if disk is None else inventory.disk_offerings.named(disk),
            disk_size_mib=None if disk_gib is None else round(disk_gib * 1024),
        )
        made = self._do(Command.DEPLOY, name or "vm", machines.deploy(self.cloud, asked))
        return cast("VirtualMachine", made)

    def deploy_many(self, count: int, name: str = "vm", **asked: Any) -> list[VirtualMachine]:
        """Deploy `count` machines called `name-1`, `name-2` ...; see `deploy`.

        Raises:
            InvalidParameter: the count is not positive.
        """
        if count < 1:
            raise InvalidParameter(f"count is {count}; allowed: 1 or more")
        return [self.deploy(f"{name}-{number}", **asked) for number in range(1, count + 1)]

    def start(self, vm: VirtualMachine | str) -> VirtualMachine:
        """Start a stopped machine."""
        it = self._vm(vm)
        return self._vm_verb(Command.START, it, machines.start(self.cloud, it))

    def stop(self, vm: VirtualMachine | str, *, forced: bool = False) -> VirtualMachine:
        """Stop a running machine, by pulling the plug if `forced`."""
        it = self._vm(vm)
        return self._vm_verb(Command.STOP, it, machines.stop(self.cloud, it, forced=forced))

    def reboot(self, vm: VirtualMachine | str) -> VirtualMachine:
        """Restart a running machine where it is."""
        it = self._vm(vm)
        return self._vm_verb(Command.REBOOT, it, machines.reboot(self.cloud, it))

    def destroy(self, vm: VirtualMachine | str, *, expunge: bool = False) -> VirtualMachine:
        """Destroy a machine; `recover` brings it back until it is expunged."""
        it = self._vm(vm)
        return self._vm_verb(Command.DESTROY, it, machines.destroy(self.cloud, it, expunge=expunge))

    def recover(self, vm: VirtualMachine | str) -> VirtualMachine:
        """Bring a destroyed machine back, stopped."""
        it = self._vm(vm)
        return self._vm_verb(Command.RECOVER, it, machines.recover(self.cloud, it))

    def expunge(self, vm: VirtualMachine | str) -> VirtualMachine:
        """Remove a machine for good."""
        it = self._vm(vm)
        return self._vm_verb(Command.EXPUNGE, it, machines.expunge(self.cloud, it))

    def migrate(
        self, vm: VirtualMachine | str, host: Host | str | None = None
    ) -> VirtualMachine:
        """Move a running machine to `host`, or to where the planner puts it in its cluster."""
        it = self._vm(vm)
        target = None if host is None else self._the(self.cloud.inventory.hosts, host)
        return self._vm_verb(Command.MIGRATE, it, migration.migrate(self.cloud, it, target))

    # --- the physical cloud ----------------------------------------------------------------

    def enter_maintenance(self, what: Host | StoragePool | str) -> Record:
        """Empty a host, or stop the users of a pool, and take it out of service."""
        it = self._host_or_pool(what)
        if isinstance(it, Host):
            work: jobs.Work = hosts.enter_maintenance(self.cloud, it)
            return self._do(Command.PREPARE_MAINTENANCE, it, work)
        work = pools.enter_maintenance(self.cloud, it)
        return self._do(Command.ENABLE_POOL_MAINTENANCE, it, work)

    def cancel_maintenance(self, what: Host | StoragePool | str) -> Record:
        """Put a host or pool back into service."""
        it = self._host_or_pool(what)
        if isinstance(it, Host):
            work: jobs.Work = hosts.cancel_maintenance(self.cloud, it)
            return self._do(Command.CANCEL_MAINTENANCE, it, work)
        work = pools.cancel_maintenance(self.cloud, it)
        return self._do(Command.CANCEL_POOL_MAINTENANCE, it, work)

    def enable(self, scope: Zone | Pod | Cluster | Host | StoragePool) -> None:
        """Let new machines be placed in `scope` again."""
        self._switch(scope, on=True)

    def disable(self, scope: Zone | Pod | Cluster | Host | StoragePool) -> None:
        """Place nothing new in `scope`; what runs there stays."""
        self._switch(scope, on=False)

    def break_host(self, host: Host | str) -> Host:
        """Kill a host: its machines stop. The cloud finds out in the next minutes: `run`."""
        it = self._the(self.cloud.inventory.hosts, host)
        self.world.break_host(it)
        return it

    def repair_host(self, host: Host | str) -> Host:
        """Mend a host that was killed and take it back into service."""
        it = self._the(self.cloud.inventory.hosts, host)
        self.world.repair_host(it)
        self._finish(self.world.engine.spawn(recovery.host_back(self.cloud, it)))
        return it

    def _switch(self, scope: Zone | Pod | Cluster | Host | StoragePool, *, on: bool) -> None:
        cloud = self.cloud
        if isinstance(scope, Host):
            work = hosts.enable(cloud, scope) if on else hosts.disable(cloud, scope)
        elif isinstance(scope, StoragePool):
            work = pools.enable(cloud, scope) if on else pools.disable(cloud, scope)
        else:
            work = zones.enable(cloud, scope) if on else zones.disable(cloud, scope)
        self._finish(self.world.engine.spawn(work))

    def _host_or_pool(self, what: Host | StoragePool | str) -> Host | StoragePool:
        inventory = self.cloud.inventory
        if isinstance(what, str):
            if inventory.hosts.has_name(what):
                return inventory.hosts.named(what)
            return inventory.pools.named(what)
        if isinstance(what, Host):
            return self._the(inventory.hosts, what)
        return self._the(inventory.pools, what)

    # --- time --------------------------------------------------------------------------------

    def play(self, demand: Any) -> Any:
        """Let a demand come from now on, as time passes in `run`; return what plays it."""
        play = getattr(self.world, "play", None)
        if play is None:
            raise InvalidParameter("a demand can only be played in a simulated world")
        self._demand = demand
        return play(demand)

    def run(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        until: float | None = None,
    ) -> float:
        """Let time pass, with a progress bar; return the moment that was reached.

        Interrupting the kernel, Ctrl-C or `cancel` ends the run within a second; what
        happened until then stays, and the next `run` goes on from there.

        Raises:
            InvalidParameter: the moment is past, or no time is given.
        """
        begin = self.now
        length = days * DAY + hours * HOUR + minutes * MINUTE + seconds
        end = begin + length if until is None else until
        if end <= begin:
            raise InvalidParameter(
                f"cannot run until {end:g} s: the clock shows {begin:g} s; give days, hours, "
                "minutes or seconds more than 0"
            )
        with reporter(end - begin, "simulated", shown=self._progress) as report:
            self._run_to(begin, end, report)
        return self.now

    def _run_to(self, begin: float, end: float, report: Report) -> None:
        engine = self.world.engine
        self.world.start()
        with quiet_gc(), stop_on_ctrl_c(engine):
            for stretch in range(1, STRETCHES + 1):
                engine.run(until=begin + (end - begin) * stretch / STRETCHES)
                report(engine.now - begin)
                if engine.stopped:
                    return

    def step(self, events: int = 1) -> float:
        """Let the next `events` things happen; return the moment that was reached."""
        self.world.start()
        for _ in range(events):
            if not self.world.engine.step():
                break
        return self.now

    def cancel(self) -> bool:
        """End the run that is under way in another thread; return whether there was one."""
        return self.world.engine.stop()

    # --- back and forth --------------------------------------------------------------------

    def checkpoint(self, name: str = "") -> Checkpoint:
        """Return this moment, to `rewind` to or to `save`.

        Work under way is ended first: the clock may go on by the length of that.
        """
        self.world.settle()
        at = self.now
        made = Checkpoint(name or f"checkpoint {len(self.checkpoints)}", at, self.world.state())
        self.checkpoints.append(made)
        return made

    def rewind(self, to: Checkpoint | str | None = None) -> float:
        """Go back to a checkpoint, the last one if none is given; return its moment.

        Records from before are history afterwards: look things up again by name.

        Raises:
            NotFound: there is no checkpoint of that name.
        """
        chosen = to if isinstance(to, Checkpoint) else self._checkpoint(to)
        self.world.engine.close()
        self.world = self._opener.restored(
            chosen.state, latency=self._latency, demand=self._demand
        )
        return self.now

    def _checkpoint(self, name: str | None) -> Checkpoint:
        if name is None:
            return self.checkpoints[-1]
        for each in reversed(self.checkpoints):
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.checkpoints)
        raise NotFound(f"there is no checkpoint {name!r}; there are: {known}")

    def reset(self) -> float:
        """Go back to the beginning: the cloud as designed, without machines."""
        self._demand = None
        return self.rewind(self._beginning)

    def save(self, path: str | Path) -> Path:
        """Write this moment to a file, packed when its name ends in .gz; return the path."""
        return self.checkpoint(f"saved at {clock_text(self.now)}").write(path)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        world: str = "simulator",
        latency: Any = "instant",
        demand: Any = None,
        progress: bool = True,
    ) -> Lab:
        """Return the lab that was saved in a file.

        Args:
            path: the file.
            world: where it happens.
            latency: the profile it ran with.
            demand: the demand that was being played, if any: demands are not saved.
            progress: whether long runs show a progress bar.

        Raises:
            InputError: it is not a saved lab, or it was playing a demand and none is given.
        """
        saved = Checkpoint.read(path)
        if saved.state.get("player") is not None and demand is None:
            raise InputError(f"{path} was playing a demand: give it again as demand=")
        lab = cls.__new__(cls)
        lab._opener = cast("Opener", plugins.load("world", world))
        lab._latency, lab._demand, lab._progress = latency, demand, progress
        lab.world = lab._opener.restored(saved.state, latency=latency, demand=demand)
        lab._design, lab._seed = lab.world.design, lab.world.seed
        lab.checkpoints, lab._beginning = [saved], saved
        return lab

    # --- one verb ----------------------------------------------------------------------------

    def _do(self, command: Command, target: Record | str, work: jobs.Work) -> Record:
        """Run one verb as a job to its end and return its result, or raise its error."""
        job: Job = self._finish(jobs.submit(self.cloud, command, target, work))
        if job.status is JobStatus.SUCCEEDED and job.result is not None:
            return job.result
        if job.error is not None:
            raise job.error
        raise Conflict(job.error_text or f"{command.value} {target} was stopped")

    def _finish(self, process: Process[Any]) -> Any:
        engine = self.world.engine
        self.world.start()
        with stop_on_ctrl_c(engine):
            result = engine.run(process)
        if not process.processed:
            engine.interrupt(process, "the lab was stopped")
            result = engine.run(process)
        return result

    def _vm_verb(
        self, command: Command, vm: VirtualMachine, work: Coroutine[Any, Any, VirtualMachine]
    ) -> VirtualMachine:
        return cast("VirtualMachine", self._do(command, vm, work))

    def _vm(self, vm: VirtualMachine | str) -> VirtualMachine:
        return self._the(self.cloud.inventory.vms, vm)

    def _the(self, table: Table[R], what: R | str | None) -> R:
        """Return the record that is meant: itself, by name, or the first of its kind.

        Raises:
            NotFound: there is none.
        """
        if what is None:
            for record in table:
                if not getattr(record, "is_system", False):
                    return record
            raise NotFound(f"this cloud has no {table.kind.kind}")
        if isinstance(what, str):
            return table.named(what)
        if what in table:
            return what
        return table.get(what.id)

    def __repr__(self) -> str:
        """Say what it is, and what to do with it."""
        return (
            f"<Lab at {clock_text(self.now)}: {self.cloud!r}; "
            "try lab.deploy(), lab.topology(), lab.run(hours=1)>"
        )
