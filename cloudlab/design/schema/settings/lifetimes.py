"""Settings for the end of things: destroyed VMs and disks, and sizes of disks."""

from __future__ import annotations

from cloudlab.design.schema.quantities import Count, Pause, Seconds, Times, Workers
from cloudlab.design.schema.settings.names import NamedSettings


class LifetimeSettings(NamedSettings):
    """When destroyed VMs are expunged, and how large disks may be."""

    expunge_delay: Seconds = 86_400
    """How long a destroyed VM keeps its disk and address and can be recovered."""
    expunge_interval: Seconds = 86_400
    """How often the expunger looks; 0: as soon as the delay is over."""
    expunge_workers: Workers = 1
    """How many VMs are expunged at a time."""
    vm_destroy_forcestop: bool = False
    """Whether destroying a running VM pulls the plug."""
    storage_cleanup_enabled: bool = True
    """Whether destroyed volumes are removed from storage."""
    storage_cleanup_interval: Seconds = 86_400
    """How often destroyed volumes are removed from storage."""
    custom_diskoffering_size_min: Count = 1
    """Smallest disk of a customized offering, GiB."""
    custom_diskoffering_size_max: Count = 1024
    """Largest disk of a customized offering, GiB."""
    network_gc_interval: Pause = 600
    """How often networks without running VMs are looked for."""
    network_gc_wait: Seconds = 600
    """How long a network must have been idle before its virtual router is shut down."""
    storage_max_volume_size: Count = 2000
    """Largest volume, GiB."""
    vmsnapshot_max: Times = 10
    """How many snapshots a VM may have."""
