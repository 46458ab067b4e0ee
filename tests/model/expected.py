"""The transition tables as CloudStack's sources have them, written down apart from the code.

One line a state: `State: Event>Next Event>Next`. CloudStack 4.0 first; rows that 4.6 added stand
on lines of their own that begin with `+`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudlab import model


@dataclass(frozen=True, slots=True)
class Expected:
    """One table: whose it is, its kinds of state and event, and its rows."""

    name: str
    states: type
    events: type
    rows: dict[tuple[str, str], str]
    lifecycle: model.Lifecycle


def rows(text: str) -> dict[tuple[str, str], str]:
    """Return `(state, event) -> next state` of a table in the notation above."""
    found = {}
    for line in text.strip().splitlines():
        state, _, moves = line.strip().lstrip("+ ").partition(":")
        for move in moves.split():
            event, _, target = move.partition(">")
            assert (state, event) not in found, f"{state} + {event} is written twice"
            found[state, event] = target
    return found


VM = """
Stopped: StartRequested>Starting DestroyRequested>Destroyed StopRequested>Stopped
Stopped: AgentReportStopped>Stopped AgentReportShutdowned>Stopped OperationFailed>Stopped
Stopped: OperationFailedToError>Error ExpungeOperation>Expunging
Stopped: StorageMigrationRequested>Migrating
Starting: OperationRetry>Starting OperationSucceeded>Running OperationFailed>Stopped
Starting: AgentReportRunning>Running AgentReportStopped>Stopped AgentReportShutdowned>Stopped
Running: StopRequested>Stopping MigrationRequested>Migrating AgentReportRunning>Running
Running: AgentReportStopped>Stopped AgentReportShutdowned>Stopped AgentReportMigrated>Running
Stopping: OperationSucceeded>Stopped OperationFailed>Running StopRequested>Stopping
Stopping: AgentReportRunning>Running AgentReportStopped>Stopped AgentReportShutdowned>Stopped
Migrating: OperationSucceeded>Running OperationFailed>Running MigrationRequested>Migrating
Migrating: AgentReportRunning>Running AgentReportStopped>Stopped AgentReportShutdowned>Stopped
Destroyed: RecoveryRequested>Stopped ExpungeOperation>Expunging
Expunging: ExpungeOperation>Expunging OperationFailed>Expunging
Error: DestroyRequested>Expunging ExpungeOperation>Expunging
+ Running: OperationSucceeded>Running
+ Starting: FollowAgentPowerOnReport>Running FollowAgentPowerOffReport>Stopped
+ Stopping: FollowAgentPowerOnReport>Running FollowAgentPowerOffReport>Stopped
+ Stopped: FollowAgentPowerOnReport>Running FollowAgentPowerOffReport>Stopped
+ Running: FollowAgentPowerOnReport>Running FollowAgentPowerOffReport>Stopped
+ Migrating: FollowAgentPowerOnReport>Running FollowAgentPowerOffReport>Stopped
"""

VOLUME = """
Allocated: CreateRequested>Creating DestroyRequested>Destroy UploadRequested>UploadOp
Creating: OperationSucceeded>Ready OperationFailed>Allocated OperationRetry>Creating
Creating: CreateRequested>Creating DestroyRequested>Destroy CopySucceeded>Ready
Creating: CopyFailed>UploadOp
UploadOp: CopyRequested>Creating DestroyRequested>Destroy
Ready: DestroyRequested>Destroy SnapshotRequested>Snapshotting MigrationRequested>Migrating
Snapshotting: OperationSucceeded>Ready OperationFailed>Ready
Migrating: OperationSucceeded>Ready OperationFailed>Ready
Destroy: ExpungingRequested>Expunging OperationSucceeded>Destroy
+ Allocated: MigrationCopyRequested>Creating
+ Creating: MigrationCopySucceeded>Ready MigrationCopyFailed>Allocated
+ Ready: ResizeRequested>Resizing RevertSnapshotRequested>RevertSnapshotting
+ Resizing: OperationSucceeded>Ready OperationFailed>Ready
+ RevertSnapshotting: OperationSucceeded>Ready OperationFailed>Ready
+ UploadOp: OperationSucceeded>Uploaded OperationFailed>Allocated
+ Uploaded: CopyRequested>Copying DestroyRequested>Destroy
+ Copying: OperationSucceeded>Ready OperationFailed>Uploaded
+ Expunging: OperationSucceeded>Expunged OperationFailed>Destroy
+ NotUploaded: UploadRequested>UploadInProgress OperationSucceeded>Uploaded
+ NotUploaded: OperationFailed>UploadError OperationTimeout>UploadAbandoned
+ UploadInProgress: OperationSucceeded>Uploaded OperationFailed>UploadError
+ UploadInProgress: OperationTimeout>UploadError
+ UploadError: DestroyRequested>Destroy
+ UploadAbandoned: DestroyRequested>Destroy
"""

NETWORK = """
Allocated: ImplementNetwork>Implementing
Implementing: OperationSucceeded>Implemented OperationFailed>Shutdown
Implemented: DestroyNetwork>Shutdown
Shutdown: OperationSucceeded>Allocated OperationFailed>Implemented
+ Allocated: DestroyNetwork>Destroy
+ Setup: DestroyNetwork>Destroy
"""

NIC = """
Allocated: ReservationRequested>Reserving
Reserving: OperationCompleted>Reserved OperationFailed>Allocated CancelRequested>Allocated
Reserved: ReleaseRequested>Releasing
Releasing: OperationCompleted>Allocated OperationFailed>Reserved
"""

HOST_STATUS = """
Creating: AgentConnected>Connecting Error>Error
Connecting: AgentConnected>Connecting Ready>Up Ping>Connecting PingTimeout>Alert
Connecting: AgentDisconnected>Alert HostDown>Alert ShutdownRequested>Disconnected
Connecting: ManagementServerDown>Disconnected
Up: Ping>Up AgentConnected>Connecting PingTimeout>Alert AgentDisconnected>Alert HostDown>Down
Up: ShutdownRequested>Disconnected ManagementServerDown>Disconnected
Up: StartAgentRebalance>Rebalancing Remove>Removed
Disconnected: Ping>Up AgentConnected>Connecting PingTimeout>Alert HostDown>Down
Disconnected: WaitedTooLong>Alert ManagementServerDown>Disconnected
Disconnected: AgentDisconnected>Disconnected Remove>Removed
Down: AgentConnected>Connecting ManagementServerDown>Down AgentDisconnected>Down Remove>Removed
Alert: Ping>Up AgentConnected>Connecting ShutdownRequested>Disconnected
Alert: ManagementServerDown>Alert AgentDisconnected>Alert Remove>Removed
Rebalancing: RebalanceCompleted>Connecting RebalanceFailed>Disconnected
Rebalancing: AgentConnected>Connecting ManagementServerDown>Disconnected
Rebalancing: AgentDisconnected>Rebalancing
Error: AgentConnected>Connecting
+ Down: PingTimeout>Down
"""

HOST_RESOURCE = """
Creating: InternalCreated>Enabled Error>Error
Enabled: Enable>Enabled InternalCreated>Enabled Disable>Disabled
Enabled: AdminAskMaintenace>PrepareForMaintenance
Disabled: Enable>Enabled Disable>Disabled InternalCreated>Disabled
PrepareForMaintenance: InternalEnterMaintenance>Maintenance AdminCancelMaintenance>Enabled
PrepareForMaintenance: UnableToMigrate>ErrorInMaintenance
PrepareForMaintenance: InternalCreated>PrepareForMaintenance
ErrorInMaintenance: InternalEnterMaintenance>Maintenance AdminCancelMaintenance>Enabled
ErrorInMaintenance: Disable>Disabled DeleteHost>Disabled InternalCreated>ErrorInMaintenance
Maintenance: AdminCancelMaintenance>Enabled DeleteHost>Disabled InternalCreated>Maintenance
Error: InternalCreated>Error
"""

POOL = """
Initial: Created>Up
Up: MaintenanceRequested>PrepareForMaintenance MaintenanceReached>Maintenance
ErrorInMaintenance: MaintenanceRequested>PrepareForMaintenance MaintenanceReached>Maintenance
ErrorInMaintenance: MaintenanceCancelled>Up
PrepareForMaintenance: MaintenanceReached>Maintenance MaintenanceFailed>ErrorInMaintenance
Maintenance: MaintenanceCancelled>Up Remove>Removed
+ Up: Disable>Disabled
+ Disabled: Enable>Up
"""

ALLOCATION = """
Disabled: Enable>Enabled Disable>Disabled
Enabled: Enable>Enabled Disable>Disabled
"""

PHYSICAL_NETWORK = """
Disabled: Enable>Enabled
Enabled: Disable>Disabled
"""

VM_SNAPSHOT = """
Allocated: CreateRequested>Creating
Creating: OperationSucceeded>Ready OperationFailed>Error
Ready: RevertRequested>Reverting ExpungeRequested>Expunging
Reverting: OperationSucceeded>Ready OperationFailed>Ready
Error: ExpungeRequested>Expunging
Expunging: ExpungeRequested>Expunging OperationSucceeded>Removed
"""


def _table(name: str, text: str, states: type, events: type, of: model.Lifecycle) -> Expected:
    return Expected(name, states, events, rows(text), of)


TABLES = (
    _table("vm", VM, model.VmState, model.VmEvent, model.VM_LIFECYCLE),
    _table("volume", VOLUME, model.VolumeState, model.VolumeEvent, model.VOLUME_LIFECYCLE),
    _table(
        "vm snapshot",
        VM_SNAPSHOT,
        model.VmSnapshotState,
        model.VmSnapshotEvent,
        model.VM_SNAPSHOT_LIFECYCLE,
    ),
    _table("network", NETWORK, model.NetworkState, model.NetworkEvent, model.NETWORK_LIFECYCLE),
    _table("nic", NIC, model.NicState, model.NicEvent, model.NIC_LIFECYCLE),
    _table("host", HOST_STATUS, model.HostStatus, model.HostEvent, model.HOST_STATUS_LIFECYCLE),
    _table(
        "resource",
        HOST_RESOURCE,
        model.ResourceState,
        model.ResourceEvent,
        model.HOST_RESOURCE_LIFECYCLE,
    ),
    _table("pool", POOL, model.PoolState, model.PoolEvent, model.POOL_LIFECYCLE),
    _table("zone", ALLOCATION, model.AllocationState, model.AllocationEvent, model.ZONE_LIFECYCLE),
    _table("pod", ALLOCATION, model.AllocationState, model.AllocationEvent, model.POD_LIFECYCLE),
    _table(
        "cluster",
        ALLOCATION,
        model.AllocationState,
        model.AllocationEvent,
        model.CLUSTER_LIFECYCLE,
    ),
    _table(
        "physical network",
        PHYSICAL_NETWORK,
        model.PhysicalNetworkState,
        model.PhysicalNetworkEvent,
        model.PHYSICAL_NETWORK_LIFECYCLE,
    ),
)
"""Every table; `resource` is the second one of a host."""
