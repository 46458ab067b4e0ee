"""What was asked, what happened, and what an administrator should know: jobs, events, alerts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from cloudlab.errors import CloudError
from cloudlab.model.record import Record


class JobStatus(IntEnum):
    """How far a job is (CloudStack's jobstatus)."""

    IN_PROGRESS = 0
    SUCCEEDED = 1
    FAILED = 2


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Job(Record):
    """One asynchronous command; its name is the command's."""

    kind: ClassVar[str] = "job"

    status: JobStatus = JobStatus.IN_PROGRESS
    target: str = ""
    """What it acts on: `vm web-1`."""
    subject: Record | None = None
    """The same as an object, where there is one when it begins."""
    result: Record | None = None
    """The object it made or changed."""
    error_code: int | None = None
    error_text: str = ""
    error: CloudError | None = None
    """What went wrong, as it was raised."""
    ended: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status is not JobStatus.IN_PROGRESS

    def glance(self) -> str:
        """Return what it acts on and how it stands."""
        standing = self.status.name.lower().replace("_", " ")
        return f"{self.target}, {standing}{': ' if self.error_text else ''}{self.error_text}"


class EventLevel(StrEnum):
    """How serious an event is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class EventState(StrEnum):
    """Where in the life of its command an event stands."""

    CREATED = "Created"
    SCHEDULED = "Scheduled"
    STARTED = "Started"
    COMPLETED = "Completed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the event log; immutable, kept by the journal."""

    at: float
    """Moment, seconds."""
    type: str
    """CloudStack's event type: `VM.CREATE`."""
    state: EventState
    level: EventLevel
    subject_kind: str
    subject_id: int
    subject_name: str
    text: str
    job: int | None = None
    """The job that caused it."""


class AlertType(IntEnum):
    """What an alert is about.

    Source: CloudStack's AlertManager; numbers of current releases, since 4.0 used 6 twice.
    """

    MEMORY = 0
    CPU = 1
    STORAGE = 2
    STORAGE_ALLOCATED = 3
    VIRTUAL_NETWORK_PUBLIC_IP = 4
    PRIVATE_IP = 5
    SECONDARY_STORAGE = 6
    HOST = 7
    USERVM = 8
    DOMAIN_ROUTER = 9
    CONSOLE_PROXY = 10
    STORAGE_MISC = 12
    MANAGEMENT_NODE = 14
    USERVM_MIGRATE = 17
    DIRECT_ATTACHED_PUBLIC_IP = 24

    @property
    def is_about_capacity(self) -> bool:
        """Whether one open alert of a scope is enough; all other kinds are sent every time."""
        last, addresses = AlertType.SECONDARY_STORAGE, AlertType.DIRECT_ATTACHED_PUBLIC_IP
        return self <= last or self is addresses


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Alert(Record):
    """Something an administrator should look at; its name is the subject line."""

    kind: ClassVar[str] = "alert"

    type: AlertType
    text: str = ""
    scope: str = ""
    """What it is about: `cluster c1`."""
    last_sent: float = 0.0
    sent_count: int = 1
    resolved: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still holds."""
        return self.resolved is None

    def glance(self) -> str:
        """Return what it is about and whether it still holds."""
        return f"{self.scope}, {'open' if self.is_open else 'resolved'}"


class Command(StrEnum):
    """The verbs, by the name of CloudStack's API command, with its event type."""

    DEPLOY = "deployVirtualMachine"
    START = "startVirtualMachine"
    STOP = "stopVirtualMachine"
    REBOOT = "rebootVirtualMachine"
    DESTROY = "destroyVirtualMachine"
    RECOVER = "recoverVirtualMachine"
    EXPUNGE = "expungeVirtualMachine"
    MIGRATE = "migrateVirtualMachine"
    CHANGE_SERVICE = "changeServiceForVirtualMachine"
    PREPARE_MAINTENANCE = "prepareHostForMaintenance"
    CANCEL_MAINTENANCE = "cancelHostMaintenance"
    CREATE_ZONE = "createZone"
    UPDATE_ZONE = "updateZone"
    DELETE_ZONE = "deleteZone"
    CREATE_POD = "createPod"
    UPDATE_POD = "updatePod"
    DELETE_POD = "deletePod"
    ADD_CLUSTER = "addCluster"
    UPDATE_CLUSTER = "updateCluster"
    DELETE_CLUSTER = "deleteCluster"
    ADD_HOST = "addHost"
    UPDATE_HOST = "updateHost"
    DELETE_HOST = "deleteHost"
    CREATE_POOL = "createStoragePool"
    UPDATE_POOL = "updateStoragePool"
    DELETE_POOL = "deleteStoragePool"
    ENABLE_POOL_MAINTENANCE = "enableStorageMaintenance"
    CANCEL_POOL_MAINTENANCE = "cancelStorageMaintenance"
    CREATE_VOLUME = "createVolume"
    ATTACH_VOLUME = "attachVolume"
    DETACH_VOLUME = "detachVolume"
    RESIZE_VOLUME = "resizeVolume"
    MIGRATE_VOLUME = "migrateVolume"
    DELETE_VOLUME = "deleteVolume"
    UPLOAD_VOLUME = "uploadVolume"
    EXTRACT_VOLUME = "extractVolume"
    RESET_PASSWORD = "resetPasswordForVirtualMachine"  # noqa: S105  (a command, no password)
    CREATE_VM_SNAPSHOT = "createVMSnapshot"
    REVERT_VM_SNAPSHOT = "revertToVMSnapshot"
    DELETE_VM_SNAPSHOT = "deleteVMSnapshot"
    CREATE_NETWORK = "createNetwork"
    DELETE_NETWORK = "deleteNetwork"
    ACQUIRE_IP = "associateIpAddress"
    RELEASE_IP = "disassociateIpAddress"
    CREATE_PORT_FORWARDING = "createPortForwardingRule"
    DELETE_PORT_FORWARDING = "deletePortForwardingRule"
    CREATE_FIREWALL_RULE = "createFirewallRule"
    DELETE_FIREWALL_RULE = "deleteFirewallRule"
    ENABLE_STATIC_NAT = "enableStaticNat"
    DISABLE_STATIC_NAT = "disableStaticNat"
    CREATE_LOAD_BALANCER = "createLoadBalancerRule"
    DELETE_LOAD_BALANCER = "deleteLoadBalancerRule"
    ASSIGN_TO_LOAD_BALANCER = "assignToLoadBalancerRule"
    REMOVE_FROM_LOAD_BALANCER = "removeFromLoadBalancerRule"
    CREATE_SECURITY_GROUP = "createSecurityGroup"
    DELETE_SECURITY_GROUP = "deleteSecurityGroup"
    AUTHORIZE_INGRESS = "authorizeSecurityGroupIngress"
    REVOKE_INGRESS = "revokeSecurityGroupIngress"
    AUTHORIZE_EGRESS = "authorizeSecurityGroupEgress"
    REVOKE_EGRESS = "revokeSecurityGroupEgress"

    @property
    def event_type(self) -> str:
        """Return the type of the events it writes."""
        return EVENT_TYPES[self]


EVENT_TYPES: dict[Command, str] = {
    Command.DEPLOY: "VM.CREATE",
    Command.START: "VM.START",
    Command.STOP: "VM.STOP",
    Command.REBOOT: "VM.REBOOT",
    Command.DESTROY: "VM.DESTROY",
    Command.RECOVER: "VM.RECOVER",
    Command.EXPUNGE: "VM.EXPUNGE",
    Command.MIGRATE: "VM.MIGRATE",
    Command.CHANGE_SERVICE: "VM.UPGRADE",
    Command.PREPARE_MAINTENANCE: "MAINT.PREPARE",
    Command.CANCEL_MAINTENANCE: "MAINT.CANCEL",
    Command.CREATE_ZONE: "ZONE.CREATE",
    Command.UPDATE_ZONE: "ZONE.EDIT",
    Command.DELETE_ZONE: "ZONE.DELETE",
    Command.CREATE_POD: "POD.CREATE",
    Command.UPDATE_POD: "POD.EDIT",
    Command.DELETE_POD: "POD.DELETE",
    Command.ADD_CLUSTER: "CLUSTER.CREATE",
    Command.UPDATE_CLUSTER: "CLUSTER.EDIT",
    Command.DELETE_CLUSTER: "CLUSTER.DELETE",
    Command.ADD_HOST: "HOST.CREATE",
    Command.UPDATE_HOST: "HOST.EDIT",
    Command.DELETE_HOST: "HOST.DELETE",
    Command.CREATE_POOL: "POOL.CREATE",
    Command.UPDATE_POOL: "POOL.EDIT",
    Command.DELETE_POOL: "POOL.DELETE",
    Command.ENABLE_POOL_MAINTENANCE: "MAINT.PREPARE.PS",
    Command.CANCEL_POOL_MAINTENANCE: "MAINT.CANCEL.PS",
    Command.CREATE_VOLUME: "VOLUME.CREATE",
    Command.ATTACH_VOLUME: "VOLUME.ATTACH",
    Command.DETACH_VOLUME: "VOLUME.DETACH",
    Command.RESIZE_VOLUME: "VOLUME.RESIZE",
    Command.MIGRATE_VOLUME: "VOLUME.MIGRATE",
    Command.DELETE_VOLUME: "VOLUME.DELETE",
    Command.UPLOAD_VOLUME: "VOLUME.UPLOAD",
    Command.EXTRACT_VOLUME: "VOLUME.EXTRACT",
    Command.RESET_PASSWORD: "VM.RESETPASSWORD",
    Command.CREATE_VM_SNAPSHOT: "VMSNAPSHOT.CREATE",
    Command.REVERT_VM_SNAPSHOT: "VMSNAPSHOT.REVERTTO",
    Command.DELETE_VM_SNAPSHOT: "VMSNAPSHOT.DELETE",
    Command.CREATE_NETWORK: "NETWORK.CREATE",
    Command.DELETE_NETWORK: "NETWORK.DELETE",
    Command.ACQUIRE_IP: "NET.IPASSIGN",
    Command.RELEASE_IP: "NET.IPRELEASE",
    Command.CREATE_PORT_FORWARDING: "NET.RULEADD",
    Command.DELETE_PORT_FORWARDING: "NET.RULEDELETE",
    Command.CREATE_FIREWALL_RULE: "FIREWALL.OPEN",
    Command.DELETE_FIREWALL_RULE: "FIREWALL.CLOSE",
    Command.ENABLE_STATIC_NAT: "STATICNAT.ENABLE",
    Command.DISABLE_STATIC_NAT: "STATICNAT.DISABLE",
    Command.CREATE_LOAD_BALANCER: "LB.CREATE",
    Command.DELETE_LOAD_BALANCER: "LB.DELETE",
    Command.ASSIGN_TO_LOAD_BALANCER: "LB.ASSIGN.TO.RULE",
    Command.REMOVE_FROM_LOAD_BALANCER: "LB.REMOVE.FROM.RULE",
    Command.CREATE_SECURITY_GROUP: "SG.CREATE",
    Command.DELETE_SECURITY_GROUP: "SG.DELETE",
    Command.AUTHORIZE_INGRESS: "SG.AUTH.INGRESS",
    Command.REVOKE_INGRESS: "SG.REVOKE.INGRESS",
    Command.AUTHORIZE_EGRESS: "SG.AUTH.EGRESS",
    Command.REVOKE_EGRESS: "SG.REVOKE.EGRESS",
}
"""Source: CloudStack 4.0 `EventTypes`, cluster, host and pool types in the same manner."""
