"""The guest's disk, made without mounting anything: boot sector, a FAT to boot from, an ext4."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Final

from drivers.minidc.commands import run

MIB: Final = 1024 * 1024
SECTOR: Final = 512
BOOT_START, BOOT_SIZE = 1 * MIB, 30 * MIB
DATA_START, DATA_SIZE = 31 * MIB, 33 * MIB
DISK_SIZE: Final = 64 * MIB

BOOT_CODE: Final = Path("/usr/lib/SYSLINUX/mbr.bin")

KEY_FILE: Final = "key.img"
"""What each lab adds to its own copy: the archive with its public key."""

CONFIG: Final = f"""\
DEFAULT tiny
PROMPT 0
TIMEOUT 0
LABEL tiny
 KERNEL vmlinuz
 INITRD initrd.img,{KEY_FILE}
 APPEND console=tty0 console=ttyS0 quiet nokaslr mitigations=off panic=10
"""


def write_disk(target: Path, kernel: Path, initrd: Path, workspace: Path) -> None:
    """Write the disk, bootable but for the key that `add_key` puts in."""
    boot = _boot_partition(workspace / "boot.fat", kernel, initrd, workspace)
    data = _data_partition(workspace / "data.ext4")
    with target.open("wb") as disk:
        disk.write(BOOT_CODE.read_bytes()[:440].ljust(440, b"\0") + partition_table())
        disk.truncate(DISK_SIZE)
        for start, partition in ((BOOT_START, boot), (DATA_START, data)):
            disk.seek(start)
            with partition.open("rb") as source:
                shutil.copyfileobj(source, disk)


def add_key(disk: Path, key_archive: Path) -> None:
    """Put a lab's key where the boot loader looks for it."""
    run(["mcopy", "-o", "-i", f"{disk}@@{BOOT_START}", key_archive, f"::{KEY_FILE}"])


def partition_table() -> bytes:
    """Return bytes 440 to 511 of the disk: its signature and two partitions."""
    boot = _partition(0x80, 0x0E, BOOT_START, BOOT_SIZE)
    data = _partition(0x00, 0x83, DATA_START, DATA_SIZE)
    return b"tiny\0\0" + boot + data + bytes(32) + b"\x55\xaa"


def _partition(flag: int, kind: int, start: int, size: int) -> bytes:
    beyond = b"\xfe\xff\xff"  # cylinders and heads: "see the sector numbers"
    numbers = struct.pack("<II", start // SECTOR, size // SECTOR)
    return bytes([flag]) + beyond + bytes([kind]) + beyond + numbers


def _boot_partition(image: Path, kernel: Path, initrd: Path, workspace: Path) -> Path:
    config = workspace / "syslinux.cfg"
    config.write_text(CONFIG)
    _sized(image, BOOT_SIZE)
    hidden = str(BOOT_START // SECTOR)
    run(["mkfs.vfat", "-F", "16", "-h", hidden, "-i", "74696e79", "-n", "BOOT", image])
    for source, name in ((kernel, "vmlinuz"), (initrd, "initrd.img"), (config, "syslinux.cfg")):
        run(["mcopy", "-i", image, source, f"::{name}"])
    run(["syslinux", "--install", image])
    return image


def _data_partition(image: Path) -> Path:
    _sized(image, DATA_SIZE)
    run(["mke2fs", "-q", "-t", "ext4", "-L", "data", "-m", "0", image])
    return image


def _sized(image: Path, size: int) -> None:
    with image.open("wb") as file:
        file.truncate(size)
