"""What a machine is: asked over SSH, kept as plain facts."""

from drivers.ssh.facts.boot import Boot
from drivers.ssh.facts.gather import COMMANDS, facts
from drivers.ssh.facts.nfs import Export, Nfs, Share
from drivers.ssh.facts.packages import OWN
from drivers.ssh.facts.record import Disk, Facts, Reach
from drivers.ssh.facts.trial import Trial

__all__ = [
    "COMMANDS",
    "OWN",
    "Boot",
    "Disk",
    "Export",
    "Facts",
    "Nfs",
    "Reach",
    "Share",
    "Trial",
    "facts",
]
