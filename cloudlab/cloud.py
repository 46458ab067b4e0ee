"""One cloud: what it is made of, where it happens, by which rules; the one writer of states."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from cloudlab.engine import Engine
from cloudlab.errors import InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    CLUSTER_LIFECYCLE,
    HOST_RESOURCE_LIFECYCLE,
    HOST_STATUS_LIFECYCLE,
    NETWORK_LIFECYCLE,
    NIC_LIFECYCLE,
    PHYSICAL_NETWORK_LIFECYCLE,
    POOL_LIFECYCLE,
    VM_LIFECYCLE,
    VM_SNAPSHOT_LIFECYCLE,
    VOLUME_LIFECYCLE,
    Account,
    AccountType,
    AddressRange,
    Alert,
    AlertType,
    AllocationEvent,
    Domain,
    Event,
    EventLevel,
    EventState,
    Host,
    HostEvent,
    Lifecycle,
    NetworkEvent,
    NicEvent,
    PhysicalNetworkEvent,
    PoolEvent,
    Record,
    ResourceEvent,
    Settings,
    User,
    VirtualMachine,
    VmEvent,
    VmSnapshotEvent,
    VolumeEvent,
)
from cloudlab.policy import Avoid, Destination, Explanation, Scene, Wish, algorithm, explain, plan
from cloudlab.ports import Ports
from cloudlab.state import Inventory, Journal, Ledger, Move, NumberPool
from cloudlab.state.snapshot import (
    Plain,
    Reader,
    Writer,
    addresses_state,
    journal_state,
    ledger_state,
    restore_addresses,
    restore_journal,
    restore_ledger,
)

_TABLES: Final[dict[type[StrEnum], Lifecycle[Any, Any]]] = {
    AllocationEvent: CLUSTER_LIFECYCLE,
    HostEvent: HOST_STATUS_LIFECYCLE,
    NetworkEvent: NETWORK_LIFECYCLE,
    NicEvent: NIC_LIFECYCLE,
    PhysicalNetworkEvent: PHYSICAL_NETWORK_LIFECYCLE,
    PoolEvent: POOL_LIFECYCLE,
    ResourceEvent: HOST_RESOURCE_LIFECYCLE,
    VmEvent: VM_LIFECYCLE,
    VmSnapshotEvent: VM_SNAPSHOT_LIFECYCLE,
    VolumeEvent: VOLUME_LIFECYCLE,
}
"""The kind of event decides which table is asked."""


class Cloud:
    """One cloud: its state, its engine, its ports and its rules."""

    def __init__(
        self,
        engine: Engine,
        ports: Ports,
        settings: Settings | None = None,
        *,
        name: str = "cloud",
        seed: int = 0,
        journal: Journal | None = None,
    ) -> None:
        """Make an empty cloud with the domain ROOT and its account admin.

        Args:
            engine: where time comes from.
            ports: where it happens.
            settings: the rules; CloudStack's defaults if not given.
            name: for people.
            seed: address of every random choice.
            journal: what to keep of what happens; the last 100,000 moves if not given.

        Raises:
            NotFound: the settings name an allocation algorithm that nobody provides.
        """
        self.name = name
        self.engine = engine
        self.ports = ports
        self.seed = seed
        self.inventory = Inventory()
        self.ledger = Ledger()
        self.addresses: list[NumberPool] = []
        self.journal = journal if journal is not None else Journal()
        self.scene = Scene(self.ledger, settings or Settings(), self.addresses, seed)
        algorithm(self.settings.allocation_algorithm)
        self.root = self.inventory.domains.add(Domain(name="ROOT"))
        self.admin = self.add_account("admin", self.root, AccountType.ROOT_ADMIN)
        self.inventory.users.add(User(name="admin", account=self.admin))
        self.requests = 0
        """How many VMs were ever asked for; the next one's ordinal."""

    @property
    def settings(self) -> Settings:
        """The rules it runs by."""
        return self.scene.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        algorithm(settings.allocation_algorithm)
        self.scene.settings = settings

    @property
    def now(self) -> float:
        """The present moment, seconds."""
        return self.engine.now

    @property
    def ports_are_instant(self) -> bool:
        """Whether no step takes any time, so that a workflow ends where it is begun."""
        return self.ports.are_instant()

    # --- state -------------------------------------------------------------------------

    def move(self, record: Record, event: StrEnum) -> None:
        """Change the state of `record` by `event`: the only place where states are written.

        Raises:
            IllegalMove: the transition table has no such row; nothing changed.
        """
        table = _TABLES[event.__class__]
        field = table.field
        before = getattr(record, field)
        after = table.moves.get((before, event)) or table.after(before, event, record)
        setattr(record, field, after)
        if record.__class__ is VirtualMachine:
            record.updated = self.engine.now
        elif record.__class__ is Host:
            (self.ledger.open if record.is_usable else self.ledger.close)(record)
        if self.journal.hears_moves:
            self.journal.write_move(Move(self.engine.now, record, field, before, event, after))

    def place(self, vm: VirtualMachine, wish: Wish, avoid: Avoid) -> Destination:
        """Return where `vm` should run; no time passes and nothing changes.

        Raises:
            InsufficientCapacity: no place will do; it carries the `Explanation`.
        """
        found = plan(self.scene, vm, wish, avoid)
        if found is None:
            why = explain(self.scene, vm, wish, avoid)
            raise InsufficientCapacity(_refusal(wish, why), why)
        return found

    # --- what people read --------------------------------------------------------------

    def note(
        self,
        kind: str,
        subject: Record,
        text: str,
        *,
        state: EventState = EventState.COMPLETED,
        level: EventLevel = EventLevel.INFO,
        job: int | None = None,
    ) -> None:
        """Write an event of CloudStack's type `kind` about `subject`."""
        if self.journal.keeps:
            self.journal.write_event(
                Event(
                    self.now, kind, state, level, subject.kind, subject.id, subject.name, text, job
                )
            )

    def alert(self, kind: AlertType, scope: str, subject: str, text: str = "") -> Alert:
        """Raise an alert; about capacity, an open one of the same scope stands for it."""
        for known in self._open_alerts(kind, scope) if kind.is_about_capacity else ():
            known.sent_count += 1
            known.last_sent = self.now
            return known
        return self.inventory.alerts.add(
            Alert(
                name=subject,
                type=kind,
                scope=scope,
                text=text or subject,
                created=self.now,
                last_sent=self.now,
            )
        )

    def resolve(self, kind: AlertType, scope: str) -> None:
        """Close the open alerts of this type and scope; none is no error."""
        for known in self._open_alerts(kind, scope):
            known.resolved = self.now

    def _open_alerts(self, kind: AlertType, scope: str) -> list[Alert]:
        return [
            known
            for known in self.inventory.alerts
            if known.is_open and known.type is kind and known.scope == scope
        ]

    # --- owners and addresses ------------------------------------------------------------

    def add_domain(self, name: str, parent: Domain | None = None) -> Domain:
        """Add a domain under `parent` (ROOT if not given) and return it.

        Raises:
            InvalidParameter: the parent has a subdomain of this name.
        """
        above = parent or self.root
        if any(each.name == name for each in above.subdomains):
            raise InvalidParameter(f"domain {above.path} already has a subdomain {name}")
        domain = self.inventory.domains.add(Domain(name=name, parent=above, created=self.now))
        above.subdomains.append(domain)
        return domain

    def add_account(
        self, name: str, domain: Domain | None = None, kind: AccountType = AccountType.USER
    ) -> Account:
        """Add an account to `domain` (ROOT if not given) and return it.

        Raises:
            InvalidParameter: the domain has an account of this name.
        """
        owner = domain or self.root
        if name in owner.accounts:
            raise InvalidParameter(f"domain {owner.path} already has an account {name}")
        account = Account(name=name, domain=owner, type=kind, created=self.now)
        owner.accounts[name] = account
        return self.inventory.accounts.add(account)

    def add_range(self, each: AddressRange) -> AddressRange:
        """Take `each` into the inventory and give it a pool of its addresses."""
        each.row = len(self.addresses)
        self.addresses.append(NumberPool(each.name, int(each.start), int(each.end)))
        return self.inventory.ranges.add(each)

    # --- saved and taken up again ------------------------------------------------------------

    def state(self) -> Plain:
        """Return everything the books say, as plain data that JSON knows."""
        writer = Writer(self.inventory)
        return {
            "name": self.name,
            "seed": self.seed,
            "requests": self.requests,
            "settings": self.settings.by_name(),
            "inventory": writer.inventory_state(),
            "ledger": ledger_state(self.ledger),
            "addresses": addresses_state(self.addresses, self.inventory),
            "journal": journal_state(self.journal, writer),
        }

    @classmethod
    def restored(
        cls, engine: Engine, ports: Ports, state: Plain, *, journal: Journal | None = None
    ) -> Cloud:
        """Return the cloud that `state` was taken of, on another engine and other ports.

        Raises:
            InputError: the data is not what `state` returned.
        """
        settings = Settings.of(state["settings"])
        cloud = cls(
            engine, ports, settings, name=state["name"], seed=state["seed"], journal=journal
        )
        cloud.inventory = Inventory()
        reader = Reader(cloud.inventory)
        reader.fill(state["inventory"])
        restore_ledger(cloud.ledger, cloud.inventory, state["ledger"])
        restore_addresses(cloud.addresses, cloud.inventory, state["addresses"])
        restore_journal(cloud.journal, reader, state["journal"])
        cloud.root = next(each for each in cloud.inventory.domains if each.parent is None)
        cloud.admin = cloud.root.accounts["admin"]
        cloud.requests = state["requests"]
        return cloud

    def __repr__(self) -> str:
        """Say what it is and how full."""
        inventory = self.inventory
        return (
            f"<Cloud {self.name!r} at {self.now:g} s: {len(inventory.zones)} zones, "
            f"{len(inventory.hosts)} hosts, {len(inventory.vms)} VMs; {self.ledger!r}>"
        )


def _refusal(wish: Wish, why: Explanation) -> str:
    """Return the one sentence of a refusal."""
    place = wish.host or wish.cluster or wish.pod or wish.zone
    nearest = f"; nearest: {why.nearest}" if why.nearest is not None else ""
    fits = f"; would fit: {why.would_fit}" if why.would_fit else ""
    return f"no place in {place} for {why.asked} ({why.reason.label}){nearest}{fits}"
