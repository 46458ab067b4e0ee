"""The power switch of a host with an IPMI board, worked by `ipmitool`."""

from __future__ import annotations

import os
import subprocess
from typing import Final

from cloudlab.errors import DriverFault

SECONDS: Final = 25.0


class IpmiSwitch:
    """Switches one host through its management board, over RMCP+ (`lanplus`)."""

    def __init__(self, address: str, user: str, password: str, *, tool: str = "ipmitool") -> None:
        """Talk to the board at `address`.

        Args:
            address: of the board, not of the host.
            user: of the board.
            password: handed over in the environment: a command line is there for all to read.
            tool: the program, as `ipmitool` is installed.
        """
        self._command = [tool, "-I", "lanplus", "-H", address, "-U", user, "-E", "chassis", "power"]
        self._address = address
        self._environment = {**os.environ, "IPMI_PASSWORD": password}

    def off(self) -> None:
        """Cut the power at once, without asking the operating system."""
        self._ask("off")

    def on(self) -> None:
        """Give power."""
        self._ask("on")

    def is_on(self) -> bool:
        """Return whether the board says that the chassis has power."""
        told = self._ask("status").lower()
        if told.endswith("is on"):
            return True
        if told.endswith("is off"):
            return False
        raise DriverFault(f"the IPMI board {self._address} says {told!r} of its power")

    def _ask(self, what: str) -> str:
        try:
            done = subprocess.run(
                [*self._command, what],
                env=self._environment,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=SECONDS,
            )
        except FileNotFoundError as error:
            raise DriverFault(
                f"{self._command[0]} is not there; as root: apt-get install ipmitool"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise DriverFault(
                f"the IPMI board {self._address} gave no answer in {SECONDS:g} s"
            ) from error
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            said = reason[-1] if reason else f"exit code {done.returncode}"
            raise DriverFault(f"the IPMI board {self._address} refused power {what}: {said}")
        return done.stdout.decode(errors="replace").strip()
