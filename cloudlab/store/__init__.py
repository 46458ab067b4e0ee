"""A cloud that outlives its process: its books in a database, written before anything is begun."""

from cloudlab.store.database import Store
from cloudlab.store.mirror import Mirror, attach
from cloudlab.store.mirrored import Mirrored
from cloudlab.store.restore import Saved
from cloudlab.store.schema import VERSION
from cloudlab.store.vault import SECRETS, Vault

__all__ = [
    "SECRETS",
    "VERSION",
    "Mirror",
    "Mirrored",
    "Saved",
    "Store",
    "Vault",
    "attach",
]
