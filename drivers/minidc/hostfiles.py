"""What is on a host's own disk: its accounts, names, keys, and how its daemons are set up."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.minidc.commands import run
from drivers.minidc.layout import MOST_HOSTS, Layout, host_uuid

SSH_PORT: Final = 22
LIBVIRT_PORT: Final = 16509

MACHINE_ETC: Final = (
    "alternatives",
    "bash.bashrc",
    "debian_version",
    "ethertypes",
    "host.conf",
    "iproute2",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nsswitch.conf",
    "os-release",
    "profile",
    "protocols",
    "rpc",
    "services",
    "shells",
    "timezone",
)
"""What a host takes over of the machine's /etc: nothing in it is secret."""

ACCOUNTS: Final = {"sshd": 64058, "libvirt-qemu": 64055}
"""Accounts that daemons want, with numbers for a machine that has none; groups likewise."""

FOLDERS: Final = (
    "etc/libvirt",
    "etc/ssh",
    "root/.ssh",
    "var/lib/libvirt/images",
    "var/log/libvirt",
    "var/cache/libvirt",
    "var/lib/misc",
    "var/tmp",
    "tmp",
)


def libvirtd_conf(layout: Layout, host: str) -> str:
    """Return libvirtd's settings: TCP on the management network, an identity of its own.

    Nobody is asked for a password: only the manager and the other hosts reach that address.
    """
    return f"""\
listen_tls = 0
listen_tcp = 1
listen_addr = "{layout.address(host)}"
auth_tcp = "none"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
host_uuid = "{host_uuid(layout, host)}"
keepalive_interval = 2
keepalive_count = 3
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
"""


def qemu_conf(layout: Layout, host: str) -> str:
    """Return how libvirt runs QEMU: as root of this host, without daemons that are not here.

    A migration to a host that dies ends after 8 s; with libvirt's own keepalive after 30.
    """
    return f"""\
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
stdio_handler = "file"
vnc_listen = "{layout.address(host)}"
migration_host = "{layout.address(host)}"
migration_address = "{layout.address(host)}"
keepalive_interval = 1
keepalive_count = 3
"""


def sshd_config(layout: Layout, host: str) -> str:
    """Return sshd's settings: root, by key, over the management network."""
    return f"""\
ListenAddress {layout.address(host)}:{SSH_PORT}
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
MaxStartups 100
MaxSessions 100
"""


def firewall() -> str:
    """Return the host's own firewall, for nft: guests never reach the host's daemons."""
    return """\
table inet host {
    chain input {
        type filter hook input priority filter; policy drop;
        iifname { "lo", "eth0" } accept
        ct state established,related accept
        meta l4proto { icmp, icmpv6 } accept
        iifname "cloudbr1" udp dport 4789 accept
    }
}
"""


def hosts_file(layout: Layout) -> str:
    """Return the names of all hosts there can be; nobody asks a resolver."""
    numbered = (f"h{number}" for number in range(1, MOST_HOSTS + 1))
    lines = [f"{layout.address(host)} {host}" for host in numbered]
    return "\n".join(["127.0.0.1 localhost", f"{layout.manager_address} mgmt", *lines, ""])


def passwd(machine: str) -> str:
    """Return the machine's own accounts for daemons, with those that ours want."""
    return _with_accounts(machine, "{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin")


def group(machine: str) -> str:
    """Return the machine's own groups for daemons, with those that ours want."""
    return _with_accounts(machine, "{name}:x:{number}:")


def write_disk(layout: Layout, host: str) -> Path:
    """Lay out a host's own disk, and return its folder; what the host wrote there stays."""
    disk = layout.host_folder(host) / "disk"
    for name in FOLDERS:
        (disk / name).mkdir(parents=True, exist_ok=True)
    (disk / "root").chmod(0o700)
    (disk / "tmp").chmod(0o1777)
    _take_over(disk / "etc")
    for name, text in _files(layout, host).items():
        (disk / name).write_text(text, encoding="ascii", errors="replace")
    (disk / "etc/shadow").chmod(0o600)
    _host_key(disk / "etc/ssh/ssh_host_ed25519_key", host)
    return disk


def host_public_key(layout: Layout, host: str) -> str:
    """Return the key by which a host is known, as `ssh-ed25519 AAAA...`."""
    path = layout.host_folder(host) / "disk/etc/ssh/ssh_host_ed25519_key.pub"
    return " ".join(path.read_text().split()[:2])


def _files(layout: Layout, host: str) -> dict[str, str]:
    return {
        "etc/hostname": f"{host}\n",
        "etc/hosts": hosts_file(layout),
        "etc/resolv.conf": "",
        "etc/machine-id": f"{host_uuid(layout, host).hex}\n",
        "etc/passwd": passwd(Path("/etc/passwd").read_text(errors="replace")),
        "etc/group": group(Path("/etc/group").read_text(errors="replace")),
        "etc/shadow": "root:*:19000:0:99999:7:::\n",
        "etc/nftables.conf": firewall(),
        "etc/libvirt/libvirtd.conf": libvirtd_conf(layout, host),
        "etc/libvirt/qemu.conf": qemu_conf(layout, host),
        "etc/ssh/sshd_config": sshd_config(layout, host),
        "root/.ssh/authorized_keys": layout.key.with_suffix(".pub").read_text(),
    }


def _take_over(etc: Path) -> None:
    places = [Path("/etc") / name for name in MACHINE_ETC]
    run(["cp", "-a", "--remove-destination", *(place for place in places if place.exists()), etc])


def _host_key(path: Path, host: str) -> None:
    if not path.with_suffix(".pub").exists():
        path.unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host, "-f", path])


def _with_accounts(machine: str, line: str) -> str:
    """Return lines of accounts below 1000 (people are left out), and ours after them."""
    kept = [text for text in machine.splitlines() if _is_daemons(text)]
    there = {text.partition(":")[0] for text in kept}
    added = [line.format(name=name, number=n) for name, n in ACCOUNTS.items() if name not in there]
    return "\n".join([*kept, *added, ""])


def _is_daemons(line: str) -> bool:
    fields = line.split(":")
    return len(fields) > 2 and fields[2].isdigit() and not 1000 <= int(fields[2]) < 60000
