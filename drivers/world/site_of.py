"""From a lab file to the site, the switches and the ports of its hosts."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import yaml

from cloudlab.errors import InputError
from cloudlab.ports import Ports
from drivers.fabric import VxlanFabric
from drivers.kvm import KvmOptions, kvm_ports
from drivers.minidc import Layout, MiniDc
from drivers.minidc.layout import up_command
from drivers.power import IpmiSwitch, MiniDcSwitch, RedfishSwitch, SshSwitch, Switch, SwitchedPower
from drivers.probe import Ping, SharedStorageProbe, ping
from drivers.router import NamespaceRouter
from drivers.site import Access, Site
from drivers.ssh import SshHost, timeouts
from drivers.world.lab_file import ShellPower

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from drivers.recorder import CommandLog
    from drivers.world.lab_file import BoardPower, HostAccess, LabFile, Login


def site_of(lab: LabFile, log: CommandLog) -> Site:
    """Return how every host of `lab` is reached; nothing is sent yet."""
    return Site(lab.lab, {host.name: _access(lab, host, log) for host in lab.hosts})


def _access(lab: LabFile, host: HostAccess, log: CommandLog) -> Access:
    login, address = lab.ssh, str(host.address)
    shell = SshHost(
        host.name,
        address,
        login.port,
        user=login.user,
        key_path=login.key,
        known_hosts=login.known_hosts,
        sock_path=host.ssh_door,
        log=log,
        **timeouts(lab.answer_seconds),
    )
    return Access(
        name=host.name,
        address=address,
        shell=shell,
        libvirt_uri=host.libvirt_uri or _over_ssh(login, address),
        fabric_address=str(host.underlay_address or ""),
        public_bridge=host.public_bridge,
    )


def _over_ssh(login: Login, address: str) -> str:
    """Return libvirt's URI for a host that is reached with the same login."""
    options = f"keyfile={quote(str(login.key))}&known_hosts={quote(str(login.known_hosts))}"
    return f"qemu+ssh://{login.user}@{address}:{login.port}/system?{options}&no_tty=1"


def minidc_of(lab: LabFile) -> MiniDc | None:
    """Return the mini data centre that the hosts of `lab` are in; `None`: they are in none.

    Raises:
        InputError: it is not there.
    """
    return None if lab.minidc is None else MiniDc(_layout(lab.minidc))


def _layout(folder: Path) -> Layout:
    """Return the layout of the mini data centre in `folder`, as it has written it down."""
    try:
        told = yaml.safe_load((folder / "inventory.yaml").read_text(encoding="utf-8"))
        return Layout(
            directory=folder,
            prefix=told["prefix"],
            management=IPv4Network(told["management"]["subnet"]),
            underlay=IPv4Network(told["underlay"]["subnet"]),
            public=IPv4Network(told["public"]["subnet"]),
        )
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise InputError(
            f"there is no mini data centre in {folder}; make it: {up_command(folder)}"
        ) from error


def switches_of(lab: LabFile) -> dict[str, Switch]:
    """Return the power switch of every host that has one.

    Raises:
        InputError: a password cannot be read.
    """
    center = minidc_of(lab)
    found: dict[str, Switch] = {}
    for host in lab.hosts:
        if isinstance(host.power, ShellPower):
            found[host.name] = _elsewhere(lab, host.power)
        elif host.power is not None:
            found[host.name] = _board(host.power)
        elif center is not None:
            found[host.name] = MiniDcSwitch(center, host.name)
    return found


def _elsewhere(lab: LabFile, power: ShellPower) -> Switch:
    """Return the switch that is worked on another machine."""
    login, address = lab.ssh, str(power.address)
    shell = SshHost(
        f"the switch {address}",
        address,
        login.port,
        user=login.user,
        key_path=login.key,
        known_hosts=login.known_hosts,
        **timeouts(lab.answer_seconds),
    )
    return SshSwitch(shell, off=power.off, on=power.on, status=power.status, is_on=power.is_on)


def _board(power: BoardPower) -> Switch:
    password = _password(power.password_file)
    if power.kind == "ipmi":
        return IpmiSwitch(power.address, power.user, password)
    return RedfishSwitch(power.address, power.user, password)


def _password(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise InputError(f"{path} can be read by others; say: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(f"the password file {path} cannot be read: {error.strerror}") from error


def real_ports(engine: Engine, lab: LabFile, site: Site, log: CommandLog | None = None) -> Ports:
    """Return the ports of real hosts; what is asked of libvirt is noted in `log`.

    Raises:
        InputError: a password cannot be read.
    """
    options = KvmOptions(
        accelerators={host.name: "kvm" for host in lab.hosts if host.kvm},
        open_seconds=lab.answer_seconds,
    )
    hypervisor, blocks, images = kvm_ports(engine, site, options, lab.templates, log)
    heartbeats = {host.name: host.heartbeat for host in lab.hosts if host.heartbeat}
    return Ports(
        hypervisor=hypervisor,
        blocks=blocks,
        images=images,
        fabric=VxlanFabric(engine, site),
        router=NamespaceRouter(engine, site),
        power=SwitchedPower(engine, switches_of(lab)),
        probe=SharedStorageProbe(engine, site, heartbeats, _reach(lab)),
    )


def _reach(lab: LabFile) -> Ping:
    """Return how a host is sent an echo request: inside a mini data centre, by its manager."""
    center = minidc_of(lab)
    return ping if center is None else lambda access: center.ping(access.name)
