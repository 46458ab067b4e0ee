"""What a lab does with machines: deploy, start, stop, reboot, destroy, recover, migrate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count as counted
from typing import TypedDict, Unpack

from cloudlab.errors import InvalidParameter
from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import Which
from cloudlab.lab.words import mib_of, several, text, whole
from cloudlab.model import (
    Account,
    Command,
    ComputeOffering,
    DiskOffering,
    Host,
    Network,
    SecurityGroup,
    Template,
    VirtualMachine,
    Zone,
)
from cloudlab.workflows import machines, migration
from cloudlab.workflows.passwords import reset_password

Vm = VirtualMachine


class Asked(TypedDict, total=False):
    """What may be asked for when deploying.

    Attributes:
        offering: its size; the first offering of users if not given.
        template: what its root disk is made from; the first one if not given.
        zone: where; the first zone if not given.
        account: who owns it; admin if not given.
        host: exactly where; only for the root administrator.
        disk: a disk offering for a data disk.
        disk_gib: size of the data disk, for a customized offering.
        network: of its account's own; the shared guest network if not given.
        user_data: what it fetches from its network's router, such as a cloud-init document.
        public_key: a line of `authorized_keys` that it fetches likewise.
        security_groups: on a shared network; the account's default group if not given.
    """

    offering: Which[ComputeOffering]
    template: Which[Template]
    zone: Which[Zone]
    account: Which[Account]
    host: Which[Host]
    disk: Which[DiskOffering]
    disk_gib: float
    network: Which[Network]
    user_data: str
    public_key: str
    security_groups: Sequence[Which[SecurityGroup]]


class MachineVerbs(Bench):
    """The verbs of a machine's life; each returns the machine when it is done."""

    def deploy(self, name: str = "", **asked: Unpack[Asked]) -> Vm:
        """Deploy a machine and return it when it runs.

        Args:
            name: what to call it; made up if not given.
            asked: `offering`, `template`, `zone`, `account`, `host`, `disk`, `disk_gib`,
                `network`, `user_data`, `public_key` and `security_groups`, as objects, by
                name or by id; see `Asked`. A machine on a network is its owner's, in its zone.

        Raises:
            InsufficientCapacity: no place will do; `error.explanation` tells why.
            InvalidParameter: something asked for is not allowed.
        """
        unknown = asked.keys() - Asked.__annotations__.keys()
        if unknown:
            known = ", ".join(Asked.__annotations__)
            raise InvalidParameter(f"deploy has no {', '.join(sorted(unknown))}; it has {known}")
        self._check_free(text("name", name))
        work = machines.deploy(self.cloud, self._deployment(name or self._made_up(), asked))
        return self.do(Command.DEPLOY, name or "vm", work)

    def _check_free(self, *names: str) -> None:
        """Refuse a name that a machine has: in DNS, large and small letters are the same.

        Raises:
            InvalidParameter: there is such a machine.
        """
        there = {vm.name.lower(): vm.name for vm in self.cloud.inventory.vms}
        for name in names:
            known = there.get(name.lower())
            if known is not None:
                case = "" if known == name else f", {known}: case makes no difference"
                raise InvalidParameter(
                    f"name is {name!r}, and there is a machine of that name already{case}"
                )

    def _made_up(self) -> str:
        """Return a name that no machine has, where the one made up of its id is taken."""
        vms = self.cloud.inventory.vms
        taken = {vm.name.lower() for vm in vms}
        return next(
            name for each in counted(vms.last_id + 1) if (name := f"vm-{each}") not in taken
        )

    def _deployment(self, name: str, asked: Asked) -> machines.Deployment:
        stock = self.cloud.inventory
        network, zone, owner = asked.get("network"), asked.get("zone"), asked.get("account")
        host, disk, disk_gib = asked.get("host"), asked.get("disk"), asked.get("disk_gib")
        on = None if network is None else self.the(stock.networks, network)
        if on is not None:
            zone = on.zone if zone is None else zone
            owner = on.account if owner is None else owner
        groups = several("security_groups", asked.get("security_groups", ()))
        return machines.Deployment(
            zone=self.the_or_first(stock.zones, zone),
            offering=self.the_or_first(stock.compute_offerings, asked.get("offering")),
            template=self.the_or_first(stock.templates, asked.get("template")),
            account=self.owner(owner),
            name=name,
            host=None if host is None else self.the(stock.hosts, host),
            disk=None if disk is None else self.the(stock.disk_offerings, disk),
            disk_size_mib=None if disk_gib is None else mib_of("disk_gib", disk_gib),
            network=on,
            user_data=text("user_data", asked.get("user_data", "")),
            public_key=text("public_key", asked.get("public_key", "")),
            security_groups=tuple(self.the(stock.security_groups, each) for each in groups),
        )

    def deploy_many(self, count: int, name: str = "vm", **asked: Unpack[Asked]) -> list[Vm]:
        """Deploy `count` machines called `name-1`, `name-2` ...; see `deploy`.

        Raises:
            InvalidParameter: the count is not positive, or one of the names is taken.
        """
        text("name", name)
        names = [f"{name}-{number}" for number in range(1, whole("count", count) + 1)]
        self._check_free(*names)
        return [self.deploy(each, **asked) for each in names]

    def start(self, vm: Which[Vm]) -> Vm:
        """Start a stopped machine, on its last host if that has room."""
        it = self._vm(vm)
        return self.do(Command.START, it, machines.start(self.cloud, it))

    def stop(self, vm: Which[Vm], *, forced: bool = False) -> Vm:
        """Stop a running machine, by pulling the plug if `forced`."""
        it = self._vm(vm)
        return self.do(Command.STOP, it, machines.stop(self.cloud, it, forced=forced))

    def reboot(self, vm: Which[Vm]) -> Vm:
        """Restart a running machine where it is."""
        it = self._vm(vm)
        return self.do(Command.REBOOT, it, machines.reboot(self.cloud, it))

    def reset_password(self, vm: Which[Vm]) -> str:
        """Return a new password of a running machine, which asks for it when it boots next.

        It is shown here once and kept nowhere: reboot the machine, and log in.
        """
        it = self._vm(vm)
        told: list[str] = []
        self.do(Command.RESET_PASSWORD, it, reset_password(self.cloud, it, told.append))
        return told[0]

    def destroy(self, vm: Which[Vm], *, expunge: bool = False) -> Vm:
        """Destroy a machine; `recover` brings it back until it is expunged."""
        it = self._vm(vm)
        return self.do(Command.DESTROY, it, machines.destroy(self.cloud, it, expunge=expunge))

    def recover(self, vm: Which[Vm]) -> Vm:
        """Bring a destroyed machine back, stopped."""
        it = self._vm(vm)
        return self.do(Command.RECOVER, it, machines.recover(self.cloud, it))

    def expunge(self, vm: Which[Vm]) -> Vm:
        """Remove a machine for good."""
        it = self._vm(vm)
        return self.do(Command.EXPUNGE, it, machines.expunge(self.cloud, it))

    def change_offering(self, vm: Which[Vm], offering: Which[ComputeOffering]) -> Vm:
        """Give a stopped machine the CPUs and the RAM of another offering.

        Raises:
            Conflict: it is not Stopped, has this offering already, or has snapshots.
            InvalidParameter: its owner may not use the offering, or its disks do not allow it.
        """
        it = self.the(self.cloud.inventory.vms, vm)
        new = self.the(self.cloud.inventory.compute_offerings, offering)
        work = machines.change_offering(self.cloud, it, new)
        return self.do(Command.CHANGE_SERVICE, it, work)

    def migrate(self, vm: Which[Vm], host: Which[Host] | None = None) -> Vm:
        """Move a running machine to `host`, or to where the planner puts it in its cluster."""
        it = self._vm(vm)
        target = None if host is None else self.the(self.cloud.inventory.hosts, host)
        return self.do(Command.MIGRATE, it, migration.migrate(self.cloud, it, target))

    def _vm(self, vm: Which[Vm]) -> Vm:
        return self.the(self.cloud.inventory.vms, vm)
