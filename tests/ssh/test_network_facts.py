"""What a machine's files say of its network: interfaces that come back, package servers."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from cloudlab.errors import InvalidParameter
from drivers.site import Done
from drivers.ssh.facts import Boot, Reach, facts
from drivers.ssh.facts.asking import files
from drivers.ssh.facts.boot import boot
from drivers.ssh.facts.packages import own_servers, packages
from tests.ssh.test_facts import Scripted

FILES = {
    "netplan": {
        "etc/netplan/01.yaml": """
network:
  version: 2
  ethernets:
    lan: {match: {name: "en*"}, dhcp4: true}
    wan: {match: {macaddress: "02:00:00:00:00:01"}, set-name: eth7}
    eth0: {addresses: [10.0.0.11/24]}
  bridges:
    cloudbr0: {interfaces: [eth0]}
"""
    },
    "NetworkManager": {
        "etc/NetworkManager/system-connections/any.nmconnection": (
            "[connection]\nid=any\ntype=ethernet\n[802-11-wireless-security]\npsk=s3cret\n"
        ),
        "etc/NetworkManager/system-connections/br.nmconnection": (
            "[connection]\ntype=bridge\ninterface-name=cloudbr0\n"
        ),
        "etc/NetworkManager/system-connections/off.nmconnection": (
            "[connection]\ntype=bridge\ninterface-name=cloudbr1\nautoconnect=false\n"
        ),
    },
    "networkd": {
        "etc/systemd/network/10.network": "[Match]\nName=eth0 en*\n[Network]\nDHCP=yes\n",
        "etc/systemd/network/20.netdev": "[NetDev]\nName=cloudbr0\nKind=bridge\n",
    },
    "ifcfg": {
        "etc/sysconfig/network-scripts/ifcfg-lo": "DEVICE=lo\n",
        "etc/sysconfig/network-scripts/ifcfg-eth0": 'ONBOOT="yes"\nBRIDGE=cloudbr0\n',
        "etc/sysconfig/network-scripts/ifcfg-br": "DEVICE='cloudbr0' # guests\nTYPE=Bridge\n",
        "etc/sysconfig/network-scripts/ifcfg-eth1": "DEVICE=eth1\nONBOOT=no\n",
    },
    "ifupdown": {
        "etc/network/interfaces": "auto lo eth0\niface eth0 inet dhcp\niface eth1 inet dhcp\n",
        "etc/network/interfaces.d/br": "allow-hotplug cloudbr0\niface cloudbr0 inet manual\n",
    },
}


def written(root: Path, texts: dict[str, str]) -> str:
    """Write files below `root`, and return it."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return str(root)


@pytest.mark.book("2.09")
@pytest.mark.parametrize("manager", FILES)
def test_what_is_configured_for_good_is_known(host, tmp_path, manager) -> None:
    """Each way in which a machine keeps its network names the NIC and the bridge it brings up."""
    kept = boot(host, written(tmp_path, FILES[manager]))
    assert kept.manager == manager
    assert kept.keeps("eth0", is_bridge=False)
    assert kept.keeps("cloudbr0", is_bridge=True)
    assert not kept.keeps("cloudbr1", is_bridge=True)
    assert manager == "NetworkManager" or not kept.keeps("eth1", is_bridge=False)


def test_names_may_be_patterns(host, tmp_path) -> None:
    """NICs are configured by patterns and hardware addresses, too; a bridge is not made by one."""
    kept = boot(host, written(tmp_path, FILES["netplan"] | FILES["networkd"]))
    assert (kept.manager, kept.nics, kept.made) == (
        "netplan",
        ("en*", "eth0", "eth7"),
        ("cloudbr0",),
    )
    assert kept.keeps("enp1s0", is_bridge=False)
    assert not kept.keeps("enp1s0", is_bridge=True)


def test_a_file_may_have_any_name(host, tmp_path) -> None:
    """NetworkManager calls one after its connection; another begins a file, not more of this."""
    path = "etc/NetworkManager/system-connections/Wired connection 1.nmconnection"
    text = "[connection]\ntype=ethernet\ninterface-name=eth0\n"
    root = written(tmp_path, FILES["networkd"] | {path: text})
    assert boot(host, root).manager == "NetworkManager"
    told = files(host, ("/etc/NetworkManager/*/*", "/etc/systemd/network/*"), root)
    assert {name: said.strip() for name, said in told.items()} == {
        f"/{name}": said.strip() for name, said in (FILES["networkd"] | {path: text}).items()
    }


MAC = "02:00:00:00:00:0a"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "etc/systemd/network/10.network",
            "[Match]\nMACAddress=02-00-00-00-00-0B 0200.0000.000A\n",
        ),
        ("etc/systemd/network/10.network", "[Match]\nPermanentMACAddress=02:00:00:00:00:0A\n"),
        (
            "etc/netplan/1.yaml",
            f"network: {{ethernets: {{lan: {{match: {{macaddress: {MAC}}}}}}}}}",
        ),
    ],
)
def test_a_nic_may_be_called_by_its_hardware_address(host, tmp_path, path, text) -> None:
    """However the address is written: its NIC comes back, another does not."""
    kept = boot(host, written(tmp_path, {path: text}), {"eth0": MAC, "eth1": "02:00:00:00:00:0c"})
    assert (kept.manager != "", kept.nics) == (True, ("eth0",))


class Addressed:
    """A machine with one NIC, which one file of networkd calls by its hardware address."""

    name = "h1"

    def run(self, argv, *, input=None, timeout=30.0):  # noqa: A002  (as subprocess calls it)
        """Answer two questions."""
        link = {"ifname": "eth0", "address": MAC}
        told = json.dumps([{"ifname": "lo"}, link]) if "ip -j -d address" in str(argv) else ""
        if "/etc/systemd/network/*.network" in argv:
            told = f"\n==> /etc/systemd/network/1.network <==\n[Match]\nMACAddress={MAC}\n"
        return Done(0 if told else 1, told.encode(), b"", 0.0)


def test_hardware_addresses_are_those_of_the_machine() -> None:
    """What its NICs have now is what its files mean."""
    assert facts(Addressed()).boot == Boot("networkd", ("eth0",))


def test_an_address_of_digits_is_no_number(host, tmp_path) -> None:
    """YAML has numbers to the base of 60, and dates; netplan has neither."""
    text = "network: {ethernets: {lan: {match: {macaddress: 52:54:10:20:30:40}}, 2024-13-45: {}}}"
    kept = boot(host, written(tmp_path, {"etc/netplan/1.yaml": text}), {"e": "52:54:10:20:30:40"})
    assert kept.nics == ("2024-13-45", "e")


@pytest.mark.parametrize(("value", "comes"), [("No", 0), ("off", 0), ("0", 0), ("yes", 1)])
def test_a_connection_may_be_switched_off_in_many_words(host, tmp_path, value, comes) -> None:
    """NetworkManager takes false, no, off and 0, in large letters too."""
    path = "etc/NetworkManager/system-connections/x.nmconnection"
    text = f"[connection]\ntype=ethernet\ninterface-name=eth0\nautoconnect={value}\n"
    kept = boot(host, written(tmp_path, {path: text}))
    assert kept.keeps("eth0", is_bridge=False) == bool(comes)


def test_the_networks_of_libvirt_make_their_bridges(host, tmp_path) -> None:
    """Those that begin with it."""
    xml = "<network><name>default</name><bridge name='virbr0' stp='on'/></network>"
    path = "etc/libvirt/qemu/networks/autostart/default.xml"
    assert boot(host, written(tmp_path, {path: xml})) == Boot("", (), ("virbr0",))


@pytest.mark.parametrize(
    "text",
    [
        *("", "a: [", "[connection", "\x00", "- 1", "network: 3"),
        *('network: {version: "\\UFFFFFFFF"}', 'network: {version: "\\U00FFFFFF"}'),
    ],
)
def test_what_nobody_understands_names_nothing(host, tmp_path, text) -> None:
    """It is no error either."""
    texts = {path: text for each in FILES.values() for path in each if "ifcfg" not in path}
    assert boot(host, written(tmp_path, texts)) == Boot()


def test_no_password_is_asked_for(host, tmp_path) -> None:
    """The lines of a wireless network that hold one stay where they are."""
    root = written(tmp_path, FILES["NetworkManager"])
    told = files(host, ("/etc/NetworkManager/system-connections/*",), root)
    assert len(told) == 3
    assert "s3cret" not in "".join(told.values())


SECRETS = """\
psk=s3cret
wep-key0=s3cret
wep-key-1=5; leap-password=s3cret
private-key=s3cret
private-key-password	= s3cret
preshared-key=s3cret
pin=s3cret
cert-pass=s3cret
IPSec secret=s3cret
PrivateKey=s3cret
PresharedKey=s3cret
Key=s3cret
KEY1="s3cret"
KEY_PASSPHRASE1=s3cret
WPA_PSK='s3cret'
IEEE_8021X_PASSWORD=s3cret
  wireless-key s3cret
  wpa-wep-key0 s3cret
  wpa-passphrase s3cret
  wpa-private-key-passwd s3cret
    password: "s3cret"
    client-key-password: s3cret
    auth: {key-management: eap, "password": "s3cret"}
    key: s3cret
    "key": s3cret
    private:	s3cret
    shared: s3cret
proxy_password=s3cret
"""
BRIDGES = """\
network:
  bridges:
    monkey: {}
    keys: {dhcp4: false}
    private:
      interfaces: [turkey]
"""


def test_no_secret_is_asked_for_and_no_name_is_left_out(host, tmp_path) -> None:
    """Whatever NetworkManager, networkd, netplan, ifcfg and ifupdown call it, each by itself."""
    files_of = {f"etc/{n}.x": line for n, line in enumerate(SECRETS.splitlines())}
    root = written(tmp_path, files_of | {"etc/netplan/1.yaml": BRIDGES})
    told = files(host, ("/etc/*.x",), root)
    assert len(told) == len(files_of)
    assert "s3cret" not in "".join(told.values())
    assert boot(host, root).made == ("keys", "monkey", "private")


SOURCES = {
    "etc/apt/sources.list": "# deb http://no\ndeb [arch=x signed-by=/a.key] http://a/debian x\n",
    "etc/apt/sources.list.d/b.list": "deb-src http://no b\ndeb mirror+https://b:8443/list x y\n",
    "etc/apt/sources.list.d/c.sources": (
        "Types: deb\nURIs: http://c/debian\n  http://d/debian\nSuites: x\n\n"
        "Types: deb\nEnabled: no\nURIs: http://no/\n"
    ),
    "etc/apt/sources.list.d/e.list.off": "deb http://no/ x\n",
    "etc/yum.repos.d/f.repo": (
        "[base]\nbaseurl=http://f/$releasever\n  ftp://g/x\n[off]\nenabled=0\nbaseurl=http://no\n"
        "[more]\nmetalink=https://h/metalink?repo=x\ngpgkey=file:///k\n[cd]\nbaseurl=file:///mnt\n"
    ),
}


@pytest.mark.book("2.09")
def test_package_servers_are_those_that_it_is_set_to(host, tmp_path) -> None:
    """Of apt and dnf, each once; what is switched off or no server does not count."""
    servers = own_servers(host, written(tmp_path, SOURCES))
    assert servers == (
        *("http://a", "https://b:8443", "http://c", "http://d"),
        *("http://f", "ftp://g", "https://h"),
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "etc/apt/apt.conf.d/proxy",
            '// Proxy "http://no";\nAcquire::http::Proxy "http://p:3128/";',
        ),
        ("etc/apt/apt.conf", 'Acquire { http { Proxy "http://p:3128"; }; };\n'),
        ("etc/dnf/dnf.conf", "[main]\nproxy=http://p:3128\nproxy_password=s\n"),
    ],
)
def test_a_proxy_is_reached_in_their_place(host, tmp_path, path, text) -> None:
    """Behind it the servers cannot be reached directly, and need not be."""
    assert own_servers(host, written(tmp_path, SOURCES | {path: text})) == ("http://p:3128",)


@pytest.mark.book("2.09")
def test_a_package_server_is_reached_or_it_is_told_why(host, tmp_path) -> None:
    """By name and by a connection: one that listens, one that does not, one without an address."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        here, there = server.getsockname()[1], closed.getsockname()[1]
        text = f"deb http://localhost:{here}/debian x\n"
        root = written(tmp_path, {"etc/apt/sources.list": text})
        own, refused = packages(host, ("own", f"http://127.0.0.1:{there}/x"), root)
    assert own == Reach(f"http://localhost:{here}", ok=True)
    assert (refused.ok, refused.trouble) == (False, "connection refused")
    said = b"2 nowhere 80 nowhere: Name or service not known\n124 slow 443 \n"
    nowhere, slow = packages(Scripted(stdout=said), ["http://nowhere", "https://slow"])
    assert (nowhere.ok, nowhere.trouble) == (False, "name or service not known")
    assert (slow.ok, slow.trouble) == (False, "no answer within 5 s")


def test_a_machine_that_is_set_to_no_server_is_told(host, tmp_path) -> None:
    """Nor is anybody asked where nothing is asked for."""
    (none,) = packages(host, ["own"], str(tmp_path))
    assert (none.ok, none.trouble) == (False, "its package manager is set to no server")
    assert packages(host, (), str(tmp_path)) == ()
    silent = Scripted()
    assert packages(silent, ()) == ()
    assert silent.inputs == []
    (unsaid,) = packages(silent, ["http://a"])
    assert "did not say" in unsaid.trouble


@pytest.mark.parametrize("own_is", ["first", "last"])
def test_without_a_server_of_its_own_the_others_are_asked(host, tmp_path, own_is) -> None:
    """And it is told, wherever in the list `own` is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        mirror = f"http://127.0.0.1:{server.getsockname()[1]}"
        asked = ("own", mirror) if own_is == "first" else (mirror, "own")
        own, reached = packages(host, asked, str(tmp_path))
    assert (own.url, own.ok) == ("own", False)
    assert reached == Reach(mirror, ok=True)


@pytest.mark.parametrize("url", ["", "deb.example.org", "file:///x", "http://", "http://s:x"])
def test_what_is_no_package_server_is_refused(url) -> None:
    """Before anything is asked; a password is not repeated."""
    with pytest.raises(InvalidParameter, match="no package server; it must be 'own'"):
        facts(Scripted(), package_servers=[url])
    with pytest.raises(InvalidParameter) as caught:
        facts(Scripted(), package_servers=["http://me:s3cret@s"])
    assert "s3cret" not in str(caught.value)
