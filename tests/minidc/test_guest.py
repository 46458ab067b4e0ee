"""The parts the guest is made of, without building it."""

from __future__ import annotations

import shutil
import struct
import subprocess

import pytest

from cloudlab.errors import DriverFault
from drivers.minidc.guest import cpio, disk
from drivers.minidc.guest.image import recipe
from drivers.minidc.guest.initrd import ROOTFS, key_archive
from drivers.minidc.guest.modules import Modules, depends

ENTRIES = [
    cpio.folder("etc"),
    cpio.file("etc/secret", b"abc", 0o600),
    cpio.link("etc/alias", "secret"),
]


@pytest.mark.skipif(shutil.which("cpio") is None, reason="no cpio to read archives with")
def test_archives_are_what_cpio_reads(tmp_path):
    """Names, contents, modes and links come out as they went in."""
    subprocess.run(
        ["cpio", "-idm", "--quiet"], input=cpio.archive(ENTRIES), cwd=tmp_path, check=True
    )
    assert (tmp_path / "etc/secret").read_bytes() == b"abc"
    assert (tmp_path / "etc/secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "etc/alias").readlink().name == "secret"


def test_the_same_entries_give_the_same_bytes():
    """No time and no number of this machine is in an archive."""
    assert cpio.archive(ENTRIES) == cpio.archive(list(ENTRIES))
    assert len(cpio.archive(ENTRIES)) % 4 == 0


def test_a_labs_key_is_in_its_own_small_archive():
    """The key, and nothing else, is what one lab adds."""
    assert b"ssh-ed25519 AAAA me\n" in key_archive("ssh-ed25519 AAAA me")
    assert len(key_archive("ssh-ed25519 AAAA me")) < 1000


def test_the_partition_table_is_read_as_meant():
    """A bootable FAT16 and an ext4, end to end, inside the disk."""
    table = disk.partition_table()
    assert (len(table), table[-2:]) == (72, b"\x55\xaa")
    boot, data = (struct.unpack("<B3sB3sII", table[at : at + 16]) for at in (6, 22))
    assert (boot[0], boot[2], boot[4]) == (0x80, 0x0E, 2048)
    assert (data[0], data[2], data[4]) == (0x00, 0x83, boot[4] + boot[5])
    assert (data[4] + data[5]) * 512 == disk.DISK_SIZE


@pytest.fixture
def kernel(tmp_path):
    """A kernel with two modules in files and one built in."""
    (tmp_path / "kernel").mkdir()
    for name, needs in {"a-b": b"c,built_in", "c": b""}.items():
        (tmp_path / "kernel" / f"{name}.ko").write_bytes(b"\0depends=" + needs + b"\0x")
    (tmp_path / "modules.builtin").write_text("kernel/built-in.ko\n")
    return Modules(tmp_path)


def test_modules_come_after_what_they_need(kernel):
    """The order is one in which they can be loaded; what is built in needs no file."""
    assert [path.stem for path in kernel.in_order(("a_b", "built_in", "c"))] == ["c", "a-b"]


def test_a_module_the_kernel_lacks_is_named(kernel):
    """A guest that could not reach its disk is not built at all."""
    with pytest.raises(DriverFault, match="has no module virtio_blk"):
        kernel.in_order(("virtio_blk",))


def test_a_module_that_needs_nothing_says_so():
    """The description of a module is found between its zero bytes."""
    assert depends(b"\0license=GPL\0depends=\0") == []
    assert depends(b"\0depends=virtio,virtio-ring\0") == ["virtio", "virtio_ring"]


SCRIPTS = [path for path in ROOTFS.rglob("*") if path.is_file() and path.read_bytes()[:2] == b"#!"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_of_the_guest_are_sound(script):
    """A shell can read every one."""
    assert subprocess.run(["sh", "-n", script], capture_output=True, check=False).returncode == 0


def test_scripts_of_the_guest_are_found():
    """The measure above has something to measure."""
    assert {"init", "udhcpc.script", "metadata", "device"} <= {path.name for path in SCRIPTS}


def test_the_recipe_has_a_name():
    """The cache knows one recipe from another, and the same as the same."""
    assert recipe() == recipe()
    assert len(recipe()) == 12
