"""Virtual machines and their life: from Starting to Expunging."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record
from cloudlab.units import size_text

if TYPE_CHECKING:
    from cloudlab.model.networks import Nic, SecurityGroup
    from cloudlab.model.offerings import ComputeOffering
    from cloudlab.model.storage import Template, Volume
    from cloudlab.model.tenancy import Account
    from cloudlab.model.topology import Host, Zone


class VmState(StrEnum):
    """States of a virtual machine (CloudStack's VirtualMachine.State)."""

    STARTING = "Starting"
    RUNNING = "Running"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    MIGRATING = "Migrating"
    DESTROYED = "Destroyed"
    EXPUNGING = "Expunging"
    ERROR = "Error"


class VmEvent(StrEnum):
    """What can happen to a virtual machine (CloudStack's VirtualMachine.Event)."""

    START_REQUESTED = "StartRequested"
    STOP_REQUESTED = "StopRequested"
    DESTROY_REQUESTED = "DestroyRequested"
    RECOVERY_REQUESTED = "RecoveryRequested"
    EXPUNGE_OPERATION = "ExpungeOperation"
    MIGRATION_REQUESTED = "MigrationRequested"
    STORAGE_MIGRATION_REQUESTED = "StorageMigrationRequested"
    OPERATION_SUCCEEDED = "OperationSucceeded"
    OPERATION_FAILED = "OperationFailed"
    OPERATION_FAILED_TO_ERROR = "OperationFailedToError"
    OPERATION_RETRY = "OperationRetry"
    AGENT_REPORT_RUNNING = "AgentReportRunning"
    AGENT_REPORT_STOPPED = "AgentReportStopped"
    AGENT_REPORT_SHUTDOWNED = "AgentReportShutdowned"
    AGENT_REPORT_MIGRATED = "AgentReportMigrated"
    FOLLOW_AGENT_POWER_ON_REPORT = "FollowAgentPowerOnReport"
    FOLLOW_AGENT_POWER_OFF_REPORT = "FollowAgentPowerOffReport"


_S, _E = VmState, VmEvent

VM_LIFECYCLE: Final = Lifecycle(
    "vm",
    "state",
    VmState.STOPPED,
    [
        (
            _S.STOPPED,
            {
                _E.START_REQUESTED: _S.STARTING,
                _E.DESTROY_REQUESTED: _S.DESTROYED,
                _E.STOP_REQUESTED: _S.STOPPED,
                _E.AGENT_REPORT_STOPPED: _S.STOPPED,
                _E.AGENT_REPORT_SHUTDOWNED: _S.STOPPED,
                _E.OPERATION_FAILED: _S.STOPPED,
                _E.OPERATION_FAILED_TO_ERROR: _S.ERROR,
                _E.EXPUNGE_OPERATION: _S.EXPUNGING,
                _E.STORAGE_MIGRATION_REQUESTED: _S.MIGRATING,
                _E.FOLLOW_AGENT_POWER_ON_REPORT: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_OFF_REPORT: _S.STOPPED,
            },
        ),
        (
            _S.STARTING,
            {
                _E.OPERATION_RETRY: _S.STARTING,
                _E.OPERATION_SUCCEEDED: _S.RUNNING,
                _E.OPERATION_FAILED: _S.STOPPED,
                _E.AGENT_REPORT_RUNNING: _S.RUNNING,
                _E.AGENT_REPORT_STOPPED: _S.STOPPED,
                _E.AGENT_REPORT_SHUTDOWNED: _S.STOPPED,
                _E.FOLLOW_AGENT_POWER_ON_REPORT: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_OFF_REPORT: _S.STOPPED,
            },
        ),
        (
            _S.RUNNING,
            {
                _E.STOP_REQUESTED: _S.STOPPING,
                _E.MIGRATION_REQUESTED: _S.MIGRATING,
                _E.OPERATION_SUCCEEDED: _S.RUNNING,
                _E.AGENT_REPORT_RUNNING: _S.RUNNING,
                _E.AGENT_REPORT_STOPPED: _S.STOPPED,
                _E.AGENT_REPORT_SHUTDOWNED: _S.STOPPED,
                _E.AGENT_REPORT_MIGRATED: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_ON_REPORT: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_OFF_REPORT: _S.STOPPED,
            },
        ),
        (
            _S.STOPPING,
            {
                _E.OPERATION_SUCCEEDED: _S.STOPPED,
                _E.OPERATION_FAILED: _S.RUNNING,
                _E.STOP_REQUESTED: _S.STOPPING,
                _E.AGENT_REPORT_RUNNING: _S.RUNNING,
                _E.AGENT_REPORT_STOPPED: _S.STOPPED,
                _E.AGENT_REPORT_SHUTDOWNED: _S.STOPPED,
                _E.FOLLOW_AGENT_POWER_ON_REPORT: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_OFF_REPORT: _S.STOPPED,
            },
        ),
        (
            _S.MIGRATING,
            {
                _E.OPERATION_SUCCEEDED: _S.RUNNING,
                _E.OPERATION_FAILED: _S.RUNNING,
                _E.MIGRATION_REQUESTED: _S.MIGRATING,
                _E.AGENT_REPORT_RUNNING: _S.RUNNING,
                _E.AGENT_REPORT_STOPPED: _S.STOPPED,
                _E.AGENT_REPORT_SHUTDOWNED: _S.STOPPED,
                _E.FOLLOW_AGENT_POWER_ON_REPORT: _S.RUNNING,
                _E.FOLLOW_AGENT_POWER_OFF_REPORT: _S.STOPPED,
            },
        ),
        (
            _S.DESTROYED,
            {_E.RECOVERY_REQUESTED: _S.STOPPED, _E.EXPUNGE_OPERATION: _S.EXPUNGING},
        ),
        (
            _S.EXPUNGING,
            {_E.EXPUNGE_OPERATION: _S.EXPUNGING, _E.OPERATION_FAILED: _S.EXPUNGING},
        ),
        (
            _S.ERROR,
            {_E.DESTROY_REQUESTED: _S.EXPUNGING, _E.EXPUNGE_OPERATION: _S.EXPUNGING},
        ),
    ],
)
"""Source: CloudStack 4.0 `VirtualMachine.State`, with the power reports of 4.6."""

HOLDS_HOST: Final = frozenset(
    {VmState.STARTING, VmState.RUNNING, VmState.STOPPING, VmState.MIGRATING}
)
"""States in which a VM occupies a host (CloudStack calls such a VM active)."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class VirtualMachine(Record):
    """A user's virtual machine."""

    kind: ClassVar[str] = "vm"

    state: VmState = VmState.STOPPED
    zone: Zone
    account: Account
    offering: ComputeOffering
    template: Template
    display_name: str = ""
    host: Host | None = None
    """Where it runs; `None` unless its state holds a host."""
    last_host: Host | None = None
    """Where it ran before; preferred at the next start."""
    nics: list[Nic] = field(default_factory=list)
    """The default NIC comes first."""
    volumes: list[Volume] = field(default_factory=list)
    """The root volume comes first."""
    updated: float = 0.0
    """Moment of the last change of state, seconds."""
    restart_wanted_since: float | None = None
    """When it fell under high availability, seconds; `None` once it runs or is given up."""
    security_groups: list[SecurityGroup] = field(default_factory=list)
    user_data: str = ""
    """What its owner hands to it, as text; it fetches it from its network's router."""
    public_key: str = ""
    """A line of `authorized_keys` that it fetches in the same way."""
    ordinal: int = 0
    """Which request for a VM it was, counted from 0; addresses its random draws."""

    @property
    def instance_name(self) -> str:
        """The name on the hypervisor, `i-<account>-<vm>-VM`."""
        return f"i-{self.account.id}-{self.id}-VM"

    @property
    def is_active(self) -> bool:
        """Whether it occupies a host."""
        return self.state in HOLDS_HOST

    def glance(self) -> str:
        """Return its state, place, size and address."""
        place = f" on {self.host.name}" if self.host is not None else ""
        size = f"{self.offering.vcpu} vCPU, {size_text(self.offering.ram_mib)}"
        addresses = "".join(f", {nic.ip}" for nic in self.nics if nic.ip)
        return f"{self.state}{place}, {size}{addresses}"
