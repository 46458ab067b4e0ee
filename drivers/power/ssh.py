"""The power switch of a host that another machine switches, told so over SSH."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault

if TYPE_CHECKING:
    from drivers.site import Shell

SECONDS: Final = 25.0


class SshSwitch:
    """Switches one host by commands that run elsewhere, over SSH.

    Never on the host itself: one that hangs would not obey, and its silence would prove nothing.
    """

    def __init__(self, shell: Shell, *, off: str, on: str, status: str, is_on: str) -> None:
        """Know the commands, as one would type them there.

        Args:
            shell: on the machine that switches.
            off: cuts the power at once, `virsh destroy h1` say.
            on: gives power.
            status: prints whether there is power.
            is_on: a regular expression that is found in what `status` prints if there is.
        """
        self._shell = shell
        self._off, self._on, self._status = map(shlex.split, (off, on, status))
        self._is_on = re.compile(is_on)

    def off(self) -> None:
        """Cut the power, unless it is off: then the command would be refused."""
        if self.is_on():
            self._shell.check(self._off, timeout=SECONDS)

    def on(self) -> None:
        """Give power, unless there is."""
        if not self.is_on():
            self._shell.check(self._on, timeout=SECONDS)

    def is_on(self) -> bool:
        """Return whether the status says that there is power.

        Raises:
            DriverFault: the status cannot be asked, or says nothing.
        """
        done = self._shell.check(self._status, timeout=SECONDS)
        if not done.text.strip():
            raise DriverFault(f"{shlex.join(self._status)} said nothing of the power")
        return self._is_on.search(done.text) is not None
