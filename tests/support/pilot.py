"""The smallest guest: a boot sector that obeys the power button and lets go of disks.

It is up in half a second and costs no CPU afterwards, so tests whose subject is the host, not
what runs inside, can have many machines. Under its BIOS it does two things of an operating
system, by QEMU's ports of the machine `pc`: it goes off when the power button is pressed, and it
ejects PCI devices that it is asked to give up. On its serial console it says `+` once it is up.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

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
