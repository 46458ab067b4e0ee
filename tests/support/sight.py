"""One real host, looked at past every port: its processes, files and devices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.minidc import netns

if TYPE_CHECKING:
    from drivers.minidc import MiniDc

_GUEST: Final = re.compile(r"guest=i-\d+-(\d+)-VM")
_OWN: Final = re.compile(r"clbr\d|clvx\d|clr\d|clp\d|cl\d")
"""How devices that belong to a lab begin: bridges, tunnels, legs of routers, taps."""

_CLAIM: Final = "run/cloudlab-lab"


@dataclass(frozen=True)
class Sight:
    """What can be seen of a host of a mini data centre; of one that is off, nothing."""

    center: MiniDc
    name: str

    @property
    def is_on(self) -> bool:
        """Whether it has power."""
        return self.root is not None

    @property
    def root(self) -> Path | None:
        """Its file system, seen from here."""
        first = self._init()
        return None if first is None else Path(f"/proc/{first}/root")

    def listing(self, folder: str) -> set[str]:
        """Return the names in a folder of its own, none if there is no such folder."""
        root = self.root
        if root is None or not (root / folder).is_dir():
            return set()
        return {path.name for path in (root / folder).iterdir()}

    def claim(self) -> str:
        """Return the lab that it belongs to, by its note; empty if to none."""
        root = self.root
        if root is None or not (root / _CLAIM).exists():
            return ""
        return (root / _CLAIM).read_text().strip()

    def guests(self) -> dict[int, int]:
        """Return the machines that run on it, by id: each is a process."""
        found = {}
        for pid in netns.pids(self.center.layout.namespace(self.name)):
            match = _GUEST.search(_words(pid))
            if match:
                found[int(match.group(1))] = pid
        return found

    def serial_log(self, guest: str) -> Path:
        """Return the file with what a guest says on its serial console; it may not be there."""
        folder = self.center.layout.host_folder(self.name) / "disk/var/log/libvirt"
        return folder / f"{guest}-serial.log"

    def devices(self) -> set[str]:
        """Return its network devices that belong to a lab."""
        first = self._init()
        if first is None:
            return set()
        lines = Path(f"/proc/{first}/net/dev").read_text().splitlines()[2:]
        names = {line.partition(":")[0].strip() for line in lines}
        return {name for name in names if _OWN.match(name)}

    def is_blank(self) -> bool:
        """Whether it is on and nothing of any lab runs or is plugged there."""
        if not self.is_on or self.guests() or self.devices():
            return False
        left = self.listing("run/cloudlab") | self.listing("run/netns")
        return not left and not self.listing("etc/libvirt/qemu") - {"networks", "autostart"}

    def _init(self) -> int | None:
        return netns.init(self.center.layout.namespace(self.name))


def open_files(pid: int) -> set[Path]:
    """Return the files that a process has open."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(entry.readlink())
        except OSError:
            continue  # closed meanwhile
    return found


def _words(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""  # gone meanwhile
    return words.decode(errors="replace") if b"qemu-system" in words else ""
