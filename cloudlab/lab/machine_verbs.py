"""What a lab does with machines: deploy, start, stop, reboot, destroy, recover, migrate."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TypedDict, Unpack

from cloudlab.errors import InvalidParameter
from cloudlab.lab.bench import Bench
from cloudlab.model import (
    Account,
    Command,
    ComputeOffering,
    Host,
    Network,
    SecurityGroup,
    Template,
    VirtualMachine,
    Zone,
)
from cloudlab.units import mib
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

    offering: ComputeOffering | str
    template: Template | str
    zone: Zone | str
    account: Account | str
    host: Host | str
    disk: str
    disk_gib: float
    network: Network | str
    user_data: str
    public_key: str
    security_groups: Sequence[SecurityGroup | str]


class MachineVerbs(Bench):
    """The verbs of a machine's life; each returns the machine when it is done."""

    def deploy(self, name: str = "", **asked: Unpack[Asked]) -> Vm:
        """Deploy a machine and return it when it runs.

        Args:
            name: what to call it; made up if not given.
            asked: `offering`, `template`, `zone`, `account`, `host`, `disk`, `disk_gib`,
                `network`, `user_data`, `public_key` and `security_groups`, as objects or by
                name; see `Asked`. A machine on a network is its owner's, in its zone.

        Raises:
            InsufficientCapacity: no place will do; `error.explanation` tells why.
            InvalidParameter: something asked for is not allowed.
        """
        unknown = asked.keys() - Asked.__annotations__.keys()
        if unknown:
            known = ", ".join(Asked.__annotations__)
            raise InvalidParameter(f"deploy has no {', '.join(sorted(unknown))}; it has {known}")
        if name and self.cloud.inventory.vms.has_name(name):
            raise InvalidParameter(f"name is {name!r}, and there is a machine of that name already")
        work = machines.deploy(self.cloud, self._deployment(name, asked))
        return self.do(Command.DEPLOY, name or "vm", work)

    def _deployment(self, name: str, asked: Asked) -> machines.Deployment:
        stock = self.cloud.inventory
        disk_gib = asked.get("disk_gib")
        on = self.the(stock.networks, asked["network"]) if asked.get("network") else None
        owner = self.cloud.admin if on is None or on.account is None else on.account
        groups = asked.get("security_groups", ())
        return machines.Deployment(
            zone=self.the(stock.zones, asked.get("zone") or (on.zone if on else None)),
            offering=self.the(stock.compute_offerings, asked.get("offering")),
            template=self.the(stock.templates, asked.get("template")),
            account=self.the(stock.accounts, asked.get("account") or owner),
            name=name,
            host=self.the(stock.hosts, asked["host"]) if asked.get("host") else None,
            disk=stock.disk_offerings.named(asked["disk"]) if asked.get("disk") else None,
            disk_size_mib=None if disk_gib is None else _mib("disk_gib", disk_gib),
            network=on,
            user_data=asked.get("user_data", ""),
            public_key=asked.get("public_key", ""),
            security_groups=tuple(self.the(stock.security_groups, each) for each in groups),
        )

    def deploy_many(self, count: int, name: str = "vm", **asked: Unpack[Asked]) -> list[Vm]:
        """Deploy `count` machines called `name-1`, `name-2` ...; see `deploy`.

        Raises:
            InvalidParameter: the count is not positive.
        """
        if count < 1:
            raise InvalidParameter(f"count is {count}; allowed: 1 or more")
        return [self.deploy(f"{name}-{number}", **asked) for number in range(1, count + 1)]

    def start(self, vm: Vm | str) -> Vm:
        """Start a stopped machine, on its last host if that has room."""
        it = self._vm(vm)
        return self.do(Command.START, it, machines.start(self.cloud, it))

    def stop(self, vm: Vm | str, *, forced: bool = False) -> Vm:
        """Stop a running machine, by pulling the plug if `forced`."""
        it = self._vm(vm)
        return self.do(Command.STOP, it, machines.stop(self.cloud, it, forced=forced))

    def reboot(self, vm: Vm | str) -> Vm:
        """Restart a running machine where it is."""
        it = self._vm(vm)
        return self.do(Command.REBOOT, it, machines.reboot(self.cloud, it))

    def reset_password(self, vm: Vm | str) -> str:
        """Return a new password of a running machine, which asks for it when it boots next.

        It is shown here once and kept nowhere: reboot the machine, and log in.
        """
        it = self._vm(vm)
        told: list[str] = []
        self.do(Command.RESET_PASSWORD, it, reset_password(self.cloud, it, told.append))
        return told[0]

    def destroy(self, vm: Vm | str, *, expunge: bool = False) -> Vm:
        """Destroy a machine; `recover` brings it back until it is expunged."""
        it = self._vm(vm)
        return self.do(Command.DESTROY, it, machines.destroy(self.cloud, it, expunge=expunge))

    def recover(self, vm: Vm | str) -> Vm:
        """Bring a destroyed machine back, stopped."""
        it = self._vm(vm)
        return self.do(Command.RECOVER, it, machines.recover(self.cloud, it))

    def expunge(self, vm: Vm | str) -> Vm:
        """Remove a machine for good."""
        it = self._vm(vm)
        return self.do(Command.EXPUNGE, it, machines.expunge(self.cloud, it))

    def migrate(self, vm: Vm | str, host: Host | str | None = None) -> Vm:
        """Move a running machine to `host`, or to where the planner puts it in its cluster."""
        it = self._vm(vm)
        target = None if host is None else self.the(self.cloud.inventory.hosts, host)
        return self.do(Command.MIGRATE, it, migration.migrate(self.cloud, it, target))

    def _vm(self, vm: Vm | str) -> Vm:
        return self.the(self.cloud.inventory.vms, vm)


def _mib(field: str, gib: float) -> int:
    """Return whole MiB of a size that somebody gave.

    Raises:
        InvalidParameter: it is not a positive number.
    """
    if not 0 < gib < inf:
        raise InvalidParameter(f"{field} is {gib:g} GiB; allowed: a number above 0")
    return mib(gib)
