"""What a machine is: asked over SSH, kept as plain facts."""

from drivers.ssh.facts.gather import COMMANDS, facts
from drivers.ssh.facts.record import Disk, Facts, Reach
from drivers.ssh.facts.trial import Trial

__all__ = ["COMMANDS", "Disk", "Facts", "Reach", "Trial", "facts"]
