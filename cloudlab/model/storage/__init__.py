"""Primary and secondary storage: pools, volumes and templates."""

from cloudlab.model.storage.images import ImageFormat, ImageStore, Template
from cloudlab.model.storage.pools import (
    POOL_LIFECYCLE,
    PoolEvent,
    PoolScope,
    PoolState,
    PoolType,
    StoragePool,
)
from cloudlab.model.storage.volumes import (
    VOLUME_LIFECYCLE,
    Volume,
    VolumeEvent,
    VolumeState,
    VolumeType,
)

__all__ = [
    "POOL_LIFECYCLE",
    "VOLUME_LIFECYCLE",
    "ImageFormat",
    "ImageStore",
    "PoolEvent",
    "PoolScope",
    "PoolState",
    "PoolType",
    "StoragePool",
    "Template",
    "Volume",
    "VolumeEvent",
    "VolumeState",
    "VolumeType",
]
