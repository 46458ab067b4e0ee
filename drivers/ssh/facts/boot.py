"""Which interfaces come back when a machine starts again: what its configuration files name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

import yaml

from drivers.ssh.facts.asking import Machine, files
from drivers.ssh.facts.ini import ini


@dataclass(frozen=True, slots=True)
class Boot:
    """What is configured for good.

    Attributes:
        manager: what keeps the configuration: `netplan`, `NetworkManager`, `networkd`, `ifcfg` or
            `ifupdown`; empty if none names an interface.
        nics: names of the interfaces that it configures, some with `*`.
        made: names of those that it makes: bridges and other interfaces without hardware.
    """

    manager: str = ""
    nics: tuple[str, ...] = ()
    made: tuple[str, ...] = ()

    def keeps(self, name: str, *, is_bridge: bool) -> bool:
        """Return whether an interface is there again after a restart, with its configuration."""
        if is_bridge:
            return name in self.made
        return any(fnmatchcase(name, each) for each in (*self.nics, *self.made))


class Named(NamedTuple):
    """What one file names: interfaces to configure, interfaces to make, hardware addresses."""

    nics: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    """Of interfaces to configure, however they are written."""


_MADE_BY_NETPLAN: Final = ("bridges", "bonds", "vlans", "vrfs", "tunnels", "dummy-devices")
_HARDWARE: Final = frozenset({"", "Ethernet", "ethernet", "802-3-ethernet", "Wireless", "wifi"})
_NO: Final = frozenset({"false", "no", "off", "0"})
"""As NetworkManager reads it."""


def boot(machine: Machine, root: str = "", macs: Mapping[str, str] | None = None) -> Boot:
    """Return what `machine` configures at its next start.

    Args:
        machine: whom to ask.
        root: a folder that is taken for `/`.
        macs: the hardware address of each of its interfaces, by which files may call it.
    """
    found = files(machine, [each for manager in _MANAGERS for each in manager.patterns], root)
    named = [(each, _named(each, found)) for each in _MANAGERS]
    keepers = [each.name for each, what in named if any(what) and each.name]
    meant = {_digits(mac) for _, each in named for mac in each.macs}
    nics = {name for _, each in named for name in each.nics}
    nics |= {name for name, mac in (macs or {}).items() if _digits(mac) in meant}
    made = {name for _, each in named for name in each.made}
    return Boot(next(iter(keepers), ""), tuple(sorted(nics)), tuple(sorted(made)))


class Manager(NamedTuple):
    """One way to keep the configuration of a network."""

    name: str
    """Empty: it makes bridges beside what keeps the rest."""
    patterns: tuple[str, ...]
    read: Callable[[str, str], Named]
    """From path and content of a file to what it names."""


def _named(manager: Manager, found: Mapping[str, str]) -> Named:
    """Return what all files of one manager name; files that nobody can read name nothing."""
    mine = ((path, text) for path, text in found.items() if _is_of(manager, path))
    each = [manager.read(path, text) for path, text in mine]
    nics = {name for one in each for name in one.nics} - {"lo", ""}
    made = {name for one in each for name in one.made} - {""}
    return Named(tuple(nics), tuple(made), tuple(mac for one in each for mac in one.macs))


def _is_of(manager: Manager, path: str) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in manager.patterns)


def ifupdown(_: str, text: str) -> Named:
    """Return what a file of /etc/network/interfaces brings up; it makes what is not there."""
    lines = re.findall(r"^\s*(?:auto|allow-\S+)\s+(.*)$", text, re.MULTILINE)
    names = tuple(name for line in lines for name in line.split())
    return Named(names, names)


def ifcfg(path: str, text: str) -> Named:
    """Return what an ifcfg file of Red Hat's family brings up."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    fields = {key.strip(): _unquoted(value) for key, _, value in pairs}
    if fields.get("ONBOOT", "yes").lower() == "no":
        return Named()
    name = fields.get("DEVICE") or path.rpartition("/ifcfg-")[2]
    return Named((name,), () if fields.get("TYPE", "") in _HARDWARE else (name,))


def netplan(_: str, text: str) -> Named:
    """Return what a netplan document configures and makes."""
    try:
        # Texts alone: netplan knows no dates, and an address of digits is no number either.
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (it makes no objects)
    except (yaml.YAMLError, ValueError, OverflowError):  # the latter: characters there are none
        return Named()
    network = _mapping(_mapping(document).get("network"))
    made = [str(name) for kind in _MADE_BY_NETPLAN for name in _mapping(network.get(kind))]
    real = {**_mapping(network.get("ethernets")), **_mapping(network.get("wifis"))}
    matches = (_mapping(_mapping(about).get("match")) for about in real.values())
    macs = tuple(str(match["macaddress"]) for match in matches if match.get("macaddress"))
    return Named(tuple(_netplan_names(real)), tuple(made), macs)


def _netplan_names(interfaces: Mapping[str, Any]) -> Iterator[str]:
    for name, about in interfaces.items():
        match = _mapping(_mapping(about).get("match"))
        given = _mapping(about).get("set-name") or match.get("name")
        if given or not match.get("macaddress"):
            yield str(given or name)


def networkd(path: str, text: str) -> Named:
    """Return what a file of systemd-networkd configures, or makes."""
    parts = ini(text)
    if path.endswith(".netdev"):
        return Named((), (parts.get("NetDev", {}).get("name", ""),))
    match = parts.get("Match", {})
    macs = f"{match.get('macaddress', '')} {match.get('permanentmacaddress', '')}".split()
    return Named((), (), tuple(macs)) if macs else Named(tuple(match.get("name", "").split()))


def keyfile(_: str, text: str) -> Named:
    """Return what a connection of NetworkManager configures; one without a name fits any NIC."""
    about = ini(text).get("connection", {})
    name, kind = about.get("interface-name", ""), about.get("type", "")
    if about.get("autoconnect", "true").lower() in _NO or kind in {"", "loopback"}:
        return Named()
    if kind in _HARDWARE:
        return Named((name or "*",))
    return Named((name,), (name,))


def libvirt_network(_: str, text: str) -> Named:
    """Return the bridge that a network of libvirt makes when libvirt starts."""
    return Named((), tuple(re.findall(r"<bridge name=['\"]([^'\"]+)", text)))


_MANAGERS: Final = (
    Manager("netplan", ("/etc/netplan/*.yaml",), netplan),
    Manager("NetworkManager", ("/etc/NetworkManager/system-connections/*.nmconnection",), keyfile),
    Manager(
        "networkd", ("/etc/systemd/network/*.network", "/etc/systemd/network/*.netdev"), networkd
    ),
    Manager("ifcfg", ("/etc/sysconfig/network-scripts/ifcfg-*",), ifcfg),
    Manager("ifupdown", ("/etc/network/interfaces", "/etc/network/interfaces.d/*"), ifupdown),
    Manager("", ("/etc/libvirt/qemu/networks/autostart/*.xml",), libvirt_network),
)


def _digits(mac: str) -> str:
    """Return a hardware address without what separates its bytes: files use `:`, `-` and `.`."""
    return re.sub("[^0-9a-f]", "", mac.lower())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _unquoted(value: str) -> str:
    try:
        return " ".join(shlex.split(value, comments=True))
    except ValueError:
        return value.strip()
