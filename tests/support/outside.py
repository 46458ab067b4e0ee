"""The outside of a cloud on real hosts: what runs, lies and is plugged there, by looking."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers import naming
from simulator.faults import Faults
from tests.support.sight import Sight, open_files

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Host, StoragePool
    from drivers.minidc import MiniDc

_MIB: Final = 1024 * 1024
_VOLUME: Final = re.compile(r"volume-(\d+)\.qcow2")
_TEMPLATE: Final = re.compile(r"template-(\d+)\.qcow2")
_DOCUMENT: Final = re.compile(r"volume-(\d+)\.snapshot-(\d+)\.xml")
_BASE: Final = re.compile(r"volume-(\d+)\.base\.qcow2")
_WIRE: Final = re.compile(r"cl(?:br|vx)(\d+)")


class RealOutside:
    """What is true on the hosts of a mini data centre, in the words of the simulator's outside.

    Nothing is remembered but what tests themselves have done: each attribute is a new look at
    processes, files and devices, past ports and books. So `leaks(world)` says whether the books
    are right about real hosts.
    """

    def __init__(self, center: MiniDc, lab_id: str, places: dict[str, str]) -> None:
        """Look at nothing yet.

        Args:
            center: the mini data centre.
            lab_id: whose things count.
            places: name of a host in the books -> in the data centre.
        """
        self.center, self.lab_id, self.faults = center, lab_id, Faults()
        self.unfenceable: set[int] = set()
        self.cut_off: set[int] = set()
        self.sights = {name: Sight(center, place) for name, place in places.items()}
        self._ids: dict[str, int] = {}
        self._cloud: Cloud | None = None

    def know(self, cloud: Cloud) -> None:
        """Look at the hosts and pools of this cloud."""
        self._cloud = cloud

    # --- hosts -------------------------------------------------------------------------------

    @property
    def dead(self) -> set[int]:
        """Hosts without power."""
        return {number for number, sight in self._hosts() if not sight.is_on}

    @property
    def connected(self) -> set[int]:
        """Hosts that bear the note of this lab."""
        return {number for number, sight in self._hosts() if sight.claim() == self.lab_id}

    @property
    def running(self) -> dict[int, int]:
        """Machine -> host; one that runs twice is on none that the books could know."""
        found: dict[int, int] = {}
        for number, sight in self._hosts():
            for vm in sight.guests():
                found[vm] = -1 if vm in found else number
        return found

    @property
    def attached(self) -> dict[int, set[int]]:
        """Machine that runs -> the volumes that its process has open."""
        return {
            vm: {int(match.group(1)) for match in _matches(_VOLUME, _names(open_files(pid)))}
            for _, sight in self._hosts()
            for vm, pid in sight.guests().items()
        }

    @property
    def plugged(self) -> set[tuple[int, int]]:
        """(NIC, host)."""
        folder = f"run/cloudlab/{self.lab_id}/nics"
        return {(int(nic), each) for each, sight in self._hosts() for nic in sight.listing(folder)}

    @property
    def routers(self) -> set[tuple[int, int]]:
        """(network, host) of each router's namespace."""
        pattern = re.compile(rf"clr-{self.lab_id}-(\d+)")
        return {
            (int(match.group(1)), number)
            for number, sight in self._hosts()
            for match in _matches(pattern, sight.listing("run/netns"))
        }

    @property
    def admitted(self) -> set[int]:
        """NICs to which a router lends an address."""
        base = f"run/cloudlab/{self.lab_id}/routers"
        return {
            int(nic)
            for _, sight in self._hosts()
            for network in sight.listing(base)
            for nic in sight.listing(f"{base}/{network}/dhcp")
        }

    @property
    def mounted(self) -> set[tuple[int, int]]:
        """(pool, host)."""
        folder = f"run/{naming.lab_folder(self.lab_id)}"
        return {
            (int(link.removeprefix("pool-")), number)
            for number, sight in self._hosts()
            for link in sight.listing(folder)
        }

    def is_unfenceable(self, name: str) -> bool:
        """Return whether a test says that the switch of this host does not answer."""
        return self._ids.get(name) in self.unfenceable

    # --- storage -----------------------------------------------------------------------------

    @property
    def disks(self) -> set[tuple[int, int]]:
        """(volume, pool)."""
        return set(self.sizes)

    @property
    def sizes(self) -> dict[tuple[int, int], int]:
        """(volume, pool) -> MiB that a guest finds."""
        return {
            (int(match.group(1)), pool.id): _head(folder / match.group())[0] // _MIB
            for pool, folder in self._pools()
            for match in _matches(_VOLUME, _files(folder))
        }

    @property
    def images(self) -> set[tuple[int, int]]:
        """(template, pool)."""
        return {
            (int(match.group(1)), pool.id)
            for pool, folder in self._pools()
            for match in _matches(_TEMPLATE, _files(folder))
        }

    @property
    def snapshots(self) -> set[tuple[int, int]]:
        """(VM snapshot, root volume or disk that has it), inside images and as documents."""
        found = set()
        for _, folder in self._pools():
            names = _files(folder)
            found |= {(int(m.group(2)), int(m.group(1))) for m in _matches(_DOCUMENT, names)}
            for match in _matches(_VOLUME, names):
                volume = int(match.group(1))
                found |= {(each, volume) for each in _kept(folder / match.group())}
        return found

    def strays(self) -> list[str]:
        """Return what nobody has any use for; empty is good. The simulator has no such things."""
        return [*self._stray_files(), *self._stray_devices(), *self._stray_definitions()]

    # --- what tests do to hosts --------------------------------------------------------------

    def break_host(self, host: Host) -> None:
        """Cut the power of `host`."""
        self.center.kill(self.sights[host.name].name)

    def repair_host(self, host: Host) -> None:
        """Give `host` power."""
        self.center.start(self.sights[host.name].name)

    def cut_management(self, host: Host) -> None:
        """Pull the management cable of `host`."""
        self.center.unplug(self.sights[host.name].name, "eth0")
        self.cut_off.add(host.id)

    def mend_management(self, host: Host) -> None:
        """Put that cable back."""
        self.center.plug(self.sights[host.name].name, "eth0")
        self.cut_off.discard(host.id)

    # --- steps -------------------------------------------------------------------------------

    def _hosts(self) -> Iterator[tuple[int, Sight]]:
        """Yield every host under its present id, or the one that it had before it was removed."""
        assert self._cloud is not None
        self._ids |= {host.name: host.id for host in self._cloud.inventory.hosts}
        for name, number in self._ids.items():
            yield number, self.sights[name]

    def _pools(self) -> Iterator[tuple[StoragePool, Path]]:
        """Yield the pools and the lab's folder in each."""
        assert self._cloud is not None
        for pool in self._cloud.inventory.pools:
            where = Path(pool.url.removeprefix("file://"))
            yield pool, where / naming.lab_folder(self.lab_id)

    def _stray_files(self) -> Iterator[str]:
        """Yield halves, links and documents without their volume, and disks on no pool."""
        known = {folder for _, folder in self._pools()}
        for folder in sorted(self.center.layout.primary.glob(f"**/cloudlab-{self.lab_id}")):
            names = _files(folder)
            volumes = {match.group(1) for match in _matches(_VOLUME, names)}
            if folder not in known:
                yield from (f"{folder}/{name} is on no pool" for name in sorted(names - {".lab"}))
            for name in sorted(names):
                match = _BASE.fullmatch(name) or _DOCUMENT.fullmatch(name)
                if name.endswith(".part") or (match and match.group(1) not in volumes):
                    yield f"{folder}/{name} is of no use"

    def _stray_devices(self) -> Iterator[str]:
        """Yield wires of networks that have neither NIC nor router there, and lonely taps."""
        for _, sight in self._hosts():
            home = f"run/cloudlab/{self.lab_id}"
            nics, routers = sight.listing(f"{home}/nics"), sight.listing(f"{home}/routers")
            if sight.root is None:
                continue
            used = {(sight.root / home / "nics" / nic).read_text().split()[0] for nic in nics}
            for device in sorted(sight.devices()):
                wire = _WIRE.fullmatch(device)
                if wire and wire.group(1) not in used | routers:
                    yield f"{sight.name} has {device}, and nothing of its network"
                if device[2:].isdigit() and (device[2:] not in nics or not sight.guests()):
                    yield f"{sight.name} has the tap {device}, which nobody uses"

    def _stray_definitions(self) -> Iterator[str]:
        """Yield machines that libvirt knows and that do not run."""
        for _, sight in self._hosts():
            names = sight.listing("etc/libvirt/qemu")
            defined = {int(name.split("-")[2]) for name in names if name.startswith("i-")}
            for vm in sorted(defined ^ set(sight.guests())):
                yield f"vm {vm} runs and is not defined on {sight.name}, or the other way round"


def _matches(pattern: re.Pattern[str], names: set[str]) -> Iterator[re.Match[str]]:
    return (match for name in sorted(names) if (match := pattern.fullmatch(name)))


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _names(paths: set[Path]) -> set[str]:
    return {path.name for path in paths}


def _head(image: Path) -> tuple[int, int]:
    """Return the bytes that a qcow2 image holds, and how many snapshots; (0, 0) if it is gone."""
    try:
        with image.open("rb") as file:
            head = file.read(72)
    except FileNotFoundError:
        return 0, 0
    (size,), (snapshots,) = struct.unpack_from(">Q", head, 24), struct.unpack_from(">I", head, 60)
    return size, snapshots


def _kept(image: Path) -> set[int]:
    """Return the snapshots inside a qcow2 image."""
    if not _head(image)[1]:
        return set()
    command = ["qemu-img", "snapshot", "-U", "-l", str(image)]
    listed = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout.decode()
    return {int(number) for number in re.findall(r"\bsnapshot-(\d+)\b", listed)}
