"""Checks of the way outside: package servers, and whether interfaces outlive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers.ssh.facts import OWN, Facts
from drivers.ssh.preflight.finding import Asked, Verdict, good, is_red_hat, weak

GUESTS: Final = "cloudbr"
"""How the names of bridges begin that are there for guests, unless others are asked for."""

_BRIDGE: Final[Mapping[str, str]] = {
    "netplan": (
        "printf 'network: {{version: 2, bridges: {{{0}: {{dhcp4: false}}}}}}\\n' "
        "> /etc/netplan/90-{0}.yaml && netplan apply"
    ),
    "NetworkManager": (
        "nmcli connection add type bridge con-name {0} ifname {0} ipv4.method disabled "
        "ipv6.method disabled"
    ),
    "networkd": (
        "printf '[NetDev]\\nName={0}\\nKind=bridge\\n' > /etc/systemd/network/{0}.netdev && "
        "networkctl reload"
    ),
    "ifcfg": (
        "printf 'DEVICE={0}\\nTYPE=Bridge\\nONBOOT=yes\\nBOOTPROTO=none\\n' "
        "> /etc/sysconfig/network-scripts/ifcfg-{0}"
    ),
    "ifupdown": (
        "printf 'auto {0}\\niface {0} inet manual\\n  pre-up ip link add {0} type bridge || true\\n"
        "  up ip link set {0} up\\n' > /etc/network/interfaces.d/{0}"
    ),
}
"""What makes a bridge for good, by what keeps the configuration."""

_AT_ONCE: Final = frozenset({"netplan", "NetworkManager"})
"""What makes a bridge as soon as it is told of it; the others do at the next start."""

_NIC: Final[Mapping[str, str]] = {
    "netplan": "name {0} and its address in /etc/netplan/90-{0}.yaml, then netplan try",
    "NetworkManager": (
        "nmcli connection add type ethernet con-name {0} ifname {0} ipv4.method manual "
        "ipv4.addresses <its address>/<prefix> ipv4.gateway <gateway>"
    ),
    "networkd": (
        "printf '[Match]\\nName={0}\\n[Network]\\nAddress=<its address>/<prefix>\\n"
        "Gateway=<gateway>\\n' > /etc/systemd/network/{0}.network"
    ),
    "ifcfg": (
        "printf 'DEVICE={0}\\nONBOOT=yes\\nBOOTPROTO=none\\nIPADDR=<its address>\\n"
        "PREFIX=<prefix>\\nGATEWAY=<gateway>\\n' > /etc/sysconfig/network-scripts/ifcfg-{0}"
    ),
    "ifupdown": (
        "printf 'auto {0}\\niface {0} inet static\\n  address <its address>/<prefix>\\n"
        "  gateway <gateway>\\n' > /etc/network/interfaces.d/{0}"
    ),
}
"""What configures a NIC for good."""


_DEBIANS: Final = (
    "/etc/apt/sources.list.d",
    """echo 'Acquire::http::Proxy "http://<proxy>:3128";' > /etc/apt/apt.conf.d/proxy""",
)
_RED_HATS: Final = ("/etc/yum.repos.d", "echo 'proxy=http://<proxy>:3128' >> /etc/dnf/dnf.conf")
"""Where servers of packages are named, and what sets the proxy to them."""


def packages(facts: Facts, _: Asked) -> Verdict:
    """Look whether the package servers asked for are reached; hosts without any can be sound."""
    if not facts.packages:
        return good("none was asked for (--packages)")
    missed = [each for each in facts.packages if not each.ok]
    if not missed:
        return good(", ".join(each.url for each in facts.packages))
    silent = [f"{each.url} is not reached, {each.trouble}" for each in missed if each.url != OWN]
    unset = [each.trouble for each in missed if each.url == OWN]
    folder, proxy = _RED_HATS if is_red_hat(facts) else _DEBIANS
    way = f"open the way to it, ask for a mirror in reach, or go through a proxy: {proxy}"
    mends = [f"name one in {folder}"] * bool(unset) + [way] * bool(silent)
    return weak("; ".join((*unset, *silent)), "; ".join(mends))


def at_boot(facts: Facts, asked: Asked) -> Verdict:
    """Look whether the NIC that leads outside and the guests' bridges come back after a restart."""
    bridges = [
        each
        for each in facts.bridges
        if each in asked.bridges or (not asked.bridges and each.startswith(GUESTS))
    ]
    nics = [facts.uplink] if facts.uplink and facts.uplink not in bridges else []
    lost = [
        each
        for each in (*nics, *bridges)
        if not facts.boot.keeps(each, is_bridge=each in facts.bridges)
    ]
    if lost:
        mends = (_mend(each, facts) for each in lost)
        return weak(f"no configuration brings back {', '.join(lost)}", " && ".join(mends))
    keeper = f", kept by {facts.boot.manager}" if facts.boot.manager else ""
    named = ", ".join((*nics, *bridges))
    if named:
        return good(f"{named}{keeper}")
    which = f"called {' or '.join(asked.bridges) or f'{GUESTS}*'}" if facts.bridges else "there"
    return good(f"nothing leads outside, and no bridge is {which}")


def lasting_bridge(name: str, facts: Facts) -> str:
    """Return what makes a bridge, at once and again at every start."""
    keeper = _keeper(facts)
    now = (
        "" if keeper in _AT_ONCE else f"ip link add {name} type bridge && ip link set {name} up && "
    )
    return f"{now}{_BRIDGE[keeper].format(name)}"


def _mend(name: str, facts: Facts) -> str:
    """Return what makes an interface come back."""
    ways = _BRIDGE if name in facts.bridges else _NIC
    return ways[_keeper(facts)].format(name)


def _keeper(facts: Facts) -> str:
    """Return what keeps the machine's interfaces; if nothing does, what is usual on its system."""
    usual = "NetworkManager" if is_red_hat(facts) else "ifupdown"
    usual = "netplan" if facts.os_id == "ubuntu" else usual
    return facts.boot.manager or usual
