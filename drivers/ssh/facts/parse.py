"""What programs print, read: pure functions from text to facts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from drivers.ssh.facts.record import Disk


def os_release(text: str) -> Mapping[str, str]:
    """Return the fields of /etc/os-release."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): " ".join(shlex.split(value)) for key, _, value in pairs}


def version(text: str) -> str:
    """Return the first version number in `text`: `7.2.22`."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else ""


def daemon_version(text: str) -> str:
    """Return the version of the daemon that `virsh version --daemon` speaks of."""
    return version("".join(re.findall(r"^Running against daemon: .*", text, re.MULTILINE)))


def meminfo_mib(text: str) -> int | None:
    """Return the installed memory from /proc/meminfo, in MiB."""
    found = re.search(r"^MemTotal:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def megahertz(cpuinfo: str) -> int | None:
    """Return the speed of the first CPU in /proc/cpuinfo; not every architecture tells."""
    found = re.search(r"^cpu MHz\s*:\s*([\d.]+)", cpuinfo, re.MULTILINE)
    return round(float(found[1])) if found else None


def disks(df: str) -> tuple[Disk, ...]:
    """Return the file systems that `df -Pk` lists, each once."""
    rows = re.findall(r"^\S.*?\s(\d+)\s+\d+\s+(\d+)\s+\S+\s+(/.*)$", df, re.MULTILINE)
    found = {mount: Disk(mount, int(size) // 1024, int(free) // 1024) for size, free, mount in rows}
    return tuple(found.values())


def bridges(addresses: str) -> tuple[str, ...]:
    """Return the bridges in what `ip -j -d address` prints."""
    kinds = ((link["ifname"], link.get("linkinfo", {})) for link in _links(addresses))
    return tuple(name for name, info in kinds if info.get("info_kind") == "bridge")


def has_static_address(addresses: str) -> bool:
    """Return whether an IPv4 address is there to stay: not a loopback's, and not on lease."""
    found = (each for link in _links(addresses) for each in link.get("addr_info", ()))
    return any(
        each.get("family") == "inet" and each.get("scope") == "global" and not each.get("dynamic")
        for each in found
    )


def nameservers(resolv_conf: str) -> tuple[str, ...]:
    """Return the servers that /etc/resolv.conf names."""
    return tuple(re.findall(r"^nameserver\s+(\S+)", resolv_conf, re.MULTILINE))


def addresses(told: str) -> tuple[str, ...]:
    """Return the machine's own addresses, as `ip -j -d address` prints them."""
    found = (each.get("local", "") for link in _links(told) for each in link.get("addr_info", ()))
    return tuple(dict.fromkeys(each for each in found if each))


def macs(told: str) -> Mapping[str, str]:
    """Return each interface's hardware address, as `ip -j -d address` prints it."""
    return {link["ifname"]: str(link["address"]) for link in _links(told) if link.get("address")}


def uplink(routes: str) -> str:
    """Return the interface that leads outside, as `ip -j route show default` prints it."""
    try:
        found = json.loads(routes or "[]")
    except ValueError:
        return ""
    lines = found if isinstance(found, list) else []
    named = (str(each.get("dev", "")) for each in lines if isinstance(each, dict))
    return next((name for name in named if name), "")


def whole_number(text: str) -> int | None:
    """Return the number that `text` is, or None."""
    return int(text) if text.isdecimal() else None


def _links(addresses: str) -> list[dict[str, Any]]:
    try:
        links = json.loads(addresses or "[]")
    except ValueError:
        return []
    found = links if isinstance(links, list) else []
    return [link for link in found if isinstance(link, dict) and link.get("ifname")]
