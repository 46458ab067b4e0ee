"""Settings of high availability: finding dead hosts and restarting their VMs."""

from __future__ import annotations

from cloudlab.design.schema.quantities import Multiple, Pause, Seconds, Times, Word, Workers
from cloudlab.design.schema.settings.names import NamedSettings


class AvailabilitySettings(NamedSettings):
    """How hosts are watched, and how often and how fast restarts are tried."""

    ha_tag: Word | None = None
    """Hosts with this tag are kept free for VMs that restart after a failure."""
    ha_workers: Workers = 5
    """How many restarts run at a time."""
    force_ha: bool = False
    """Whether every VM is restarted, whatever its offering says."""
    vm_ha_enabled: bool = True
    """Whether VMs are restarted at all."""
    max_retries: Times = 5
    """How many restarts of a VM are tried."""
    restart_retry_interval: Pause = 600
    """Wait before the next restart of the same VM."""
    stop_retry_interval: Pause = 600
    """Wait before the next try to stop or destroy a VM."""
    migrate_retry_interval: Pause = 120
    """Wait before the next migration of the same VM."""
    investigate_retry_interval: Pause = 60
    """Wait between questions whether a VM of a silent host is alive."""
    time_between_failures: Seconds = 3600
    """Earlier tries within this time count."""
    time_to_sleep: Pause = 60
    """How long an idle restart worker sleeps."""
    ping_interval: Pause = 60
    """How often a host says that it is alive."""
    ping_timeout: Multiple = 2.5
    """How many intervals of silence mean that a host is behind."""
    kvm_heartbeat_timeout: Pause = 60
    """How old the heartbeat of a host on shared storage may be; older ones are of a dead host."""
    alert_wait: Seconds = 1800
    """How long a disconnected host may stay so before an alert."""
    migratewait: Pause = 3600
    """Time limit of a live migration."""
    vm_ha_migration_max_retries: Times = 5
    """How many migrations of a VM off its host are tried."""
    wait: Pause = 1800
    """Time limit of a command to a host."""
