"""Which kernel modules the guest loads, and in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cloudlab.errors import DriverFault

WANTED: Final = (
    "virtio_pci",
    "virtio_net",
    "virtio_blk",
    "virtio_console",  # the guest agent's channel
    "virtio_balloon",
    "virtio_rng",
    "ext4",
    "isofs",  # config drives
    "button",  # ACPI shutdown
    "evdev",
)


@dataclass(slots=True)
class Modules:
    """The modules of one kernel, `folder` being its lib/modules/VERSION."""

    folder: Path
    _files: dict[str, Path] = field(init=False)
    _builtin: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._files = {_plain(path.stem): path for path in self.folder.rglob("*.ko")}
        listed = (self.folder / "modules.builtin").read_text().split()
        self._builtin = frozenset(_plain(Path(line).stem) for line in listed)

    def in_order(self, wanted: tuple[str, ...] = WANTED) -> list[Path]:
        """Return the files of `wanted` and of all they depend on, these first.

        Raises:
            DriverFault: the kernel has no such module, neither as a file nor built in.
        """
        chosen: dict[str, Path] = {}
        for name in wanted:
            self._add(name, chosen)
        return list(chosen.values())

    def _add(self, name: str, chosen: dict[str, Path]) -> None:
        if name in chosen or name in self._builtin:
            return
        path = self._files.get(name)
        if path is None:
            raise DriverFault(f"kernel {self.folder.name} has no module {name}")
        for needed in depends(path.read_bytes()):
            self._add(needed, chosen)
        chosen[name] = path


def depends(module: bytes) -> list[str]:
    """Return the modules that a module's own description says it needs."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return [_plain(name) for name in found[1].decode().split(",") if name] if found else []


def _plain(name: str) -> str:
    """Return the one way to write a module's name; files have hyphens at random."""
    return name.replace("-", "_")
