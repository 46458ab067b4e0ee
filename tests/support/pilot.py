"""The smallest guest: a boot sector that obeys the power button and lets go of disks.

It is up in half a second and costs no CPU afterwards, so tests whose subject is the host, not
what runs inside, can have many machines. Under its BIOS it does two things of an operating
system, by QEMU's ports of the machine `pc`: it goes off when the power button is pressed, and it
ejects PCI devices that it is asked to give up. On its serial console it says `+` once it is up.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from cloudlab.model import VirtualMachine
    from tests.support.sight import Sight

UP: Final = b"+"
"""What it says when it is up."""

SECTOR: Final = bytes.fromhex(
    "ba0206 b80001 ef"  # outw(0x602, 0x100): the power button may be pressed
    "baf803 b02b ee"  # outb(0x3f8, '+')
    "fb f4"  # wait: sti; hlt, until the next tick of the clock
    "ba0006 ed f6c401 7519"  # was the button pressed (0x600 & 0x100)? then go off
    "ba10ae 6631c0 66ef"  # outl(0xae10, 0): about the first bus
    "ba04ae 66ed 6685c0 74e3"  # inl(0xae04): nothing to be given up? then wait
    "ba08ae 66ef ebdc"  # outl(0xae08, that): eject it, and wait
    "ba0006 b80001 ef"  # off: outw(0x600, 0x100): the button was seen
    "ba0406 b80020 ef ebcc"  # outw(0x604, 0x2000): soft off
)

PATIENCE: Final = 10.0
"""Seconds after which it is asked for something although it has not said that it is up."""

_DISK_MIB: Final = 64
"""As large as the guest that has a system; the BIOS boots from no disk of a few sectors."""


def write_pilot(path: Path) -> Path:
    """Write the guest as a qcow2 image to `path`, unless it is there; return `path`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = path.with_suffix(".raw")
        raw.write_bytes(SECTOR.ljust(510, b"\0") + b"\x55\xaa")
        with raw.open("r+b") as disk:
            disk.truncate(_DISK_MIB * 1024 * 1024)
        command = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(path)]
        subprocess.run(command, check=True, timeout=30)
        raw.unlink()
    return path


class Awake:
    """A hypervisor on which guests are asked for something when they are up, not before.

    A guest that still boots does not hear that it should shut down; the driver asks again after
    seconds, which is right, tested elsewhere, and takes its time.
    """

    def __init__(self, port: Any, engine: Engine, sights: Mapping[str, Sight]) -> None:
        """Stand before the real port; see hosts by `sights`, by their names in the books."""
        self._port, self._engine, self._sights = port, engine, sights

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        """Return the method of the real port; what needs the guest waits for it."""
        act: Callable[..., Awaitable[Any]] = getattr(self._port, method)
        if method not in {"stop", "reboot", "detach"}:
            return act

        async def patient(vm: VirtualMachine, *args: Any, **options: Any) -> Any:
            until = time.monotonic() + PATIENCE
            sight = self._sights[args[-1].name]
            while not options.get("forced") and self._boots(vm, sight) and time.monotonic() < until:
                await self._engine.sleep(0.05)
            return await act(vm, *args, **options)

        return patient

    def _boots(self, vm: VirtualMachine, sight: Sight) -> bool:
        """Return whether `vm` runs there and has not said that it is up, there or elsewhere."""
        if vm.id not in sight.guests():
            return False
        logs = [each.serial_log(vm.instance_name) for each in self._sights.values()]
        return not any(UP in each.read_bytes() for each in logs if each.exists())
