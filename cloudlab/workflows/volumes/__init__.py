"""Volumes: made, placed, attached, resized, moved and removed, alone or with their machine."""

from cloudlab.workflows.volumes.attaching import MAX_DATA_VOLUMES, attach, detach, take_off
from cloudlab.workflows.volumes.building import abandon, build, give_back, renew, take
from cloudlab.workflows.volumes.creation import create_data, create_root, create_volume
from cloudlab.workflows.volumes.kept import drop, drop_snapshots, host_in_reach, snapshots_of
from cloudlab.workflows.volumes.moving import migrate
from cloudlab.workflows.volumes.removal import (
    delete,
    expunge,
    forsaken,
    let_go,
    remove,
    throw_away,
)
from cloudlab.workflows.volumes.resizing import resize
from cloudlab.workflows.volumes.transfer import download, upload

__all__ = [
    "MAX_DATA_VOLUMES",
    "abandon",
    "attach",
    "build",
    "create_data",
    "create_root",
    "create_volume",
    "delete",
    "detach",
    "download",
    "drop",
    "drop_snapshots",
    "expunge",
    "forsaken",
    "give_back",
    "host_in_reach",
    "let_go",
    "migrate",
    "remove",
    "renew",
    "resize",
    "snapshots_of",
    "take",
    "take_off",
    "throw_away",
    "upload",
]
