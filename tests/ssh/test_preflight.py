"""Every check passes a sound machine and catches what is wrong with another, with its mending."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drivers.ssh.facts import COMMANDS, Boot, Disk, Export, Facts, Nfs, Reach, Share, Trial
from drivers.ssh.preflight import CHECKS, Asked, Finding, Grade, preflight

SOUND = Facts(
    host="h1",
    os_id="debian",
    os_version="12",
    os_name="Debian GNU/Linux 12 (bookworm)",
    kernel="6.1.0",
    architecture="x86_64",
    cpus=16,
    mhz=2400,
    ram_mib=65_536,
    qemu="7.2.22",
    libvirt="9.0.0",
    kvm=Trial(ok=True),
    bridges=("cloudbr0", "cloudbr1"),
    addresses=("127.0.0.1", "10.0.0.11"),
    uplink="eth0",
    boot=Boot("ifupdown", ("eth0",), ("cloudbr0", "cloudbr1")),
    static_address=True,
    disks=(Disk("/", 500_000, 300_000),),
    clock_offset=0.01,
    clock_doubt=0.02,
    time_service="chronyd",
    hostname="h1",
    fqdn="h1.example.org",
    fqdn_addresses=("10.0.0.11",),
    commands=frozenset(COMMANDS),
    is_root=True,
)


def found(check: str, asked: Asked | None = None, **other) -> Finding:
    """Return what a check finds on a machine that is sound but for this."""
    report = preflight(replace(SOUND, **other), asked)
    return next(each for each in report.findings if each.check == check)


@pytest.mark.book("2.04", "2.07", "2.08", "2.11")
def test_a_sound_machine_passes_every_check() -> None:
    """Hardware, name, SELinux, clock and all else in order: PASS, nothing to mend."""
    report = preflight(SOUND)
    assert [finding.grade for finding in report.findings] == [Grade.PASS] * len(CHECKS)
    assert {finding.mend for finding in report.findings} == {""}
    assert report.ok


PRIMARY = ("nfs://s/primary", "s:/primary")
MOUNTED = (*PRIMARY, "/mnt/p")
LAME = Export("/export", "*", ("rw", "async", "root_squash", "no_subtree_check"))
UNREACHED = Reach("http://deb.example.org", ok=False, trouble="no answer within 5 s")

WORSE = [
    ("system", {"os_version": "11"}, "FAIL", "Debian 12"),
    ("system", {"os_id": "rocky", "os_version": "8.9"}, "FAIL", "Rocky Linux 9"),
    ("system", {"os_id": "gentoo"}, "WARN", "Debian 12"),
    ("rights", {"is_root": False}, "FAIL", "NOPASSWD"),
    ("processor", {"architecture": "i686"}, "FAIL", "64-bit x86"),
    ("processor", {"cpus": 2}, "WARN", "4 CPUs"),
    ("memory", {"ram_mib": 2048}, "WARN", "add memory"),
    ("memory", {"ram_mib": 512}, "FAIL", "add memory"),
    ("memory", {"ram_mib": None}, "FAIL", "add memory"),
    ("disk", {"disks": (Disk("/", 20_000, 9_000),)}, "WARN", "larger disk"),
    ("disk", {"disks": (Disk("/", 500_000, 900),)}, "FAIL", "make room"),
    ("disk", {"disks": ()}, "FAIL", "df -Pk"),
    ("restart", {"boot": Boot("netplan", ("en*",), ("cloudbr0",))}, "WARN", "90-cloudbr1.yaml"),
    ("restart", {"boot": Boot()}, "WARN", "interfaces.d/eth0"),
    ("address", {"static_address": False}, "WARN", "address of its own"),
    ("name", {"fqdn_addresses": ()}, "FAIL", "/etc/hosts"),
    ("name", {"fqdn": "h1"}, "WARN", "h1.<domain> h1"),
    ("name", {"fqdn_addresses": ("127.0.1.1",)}, "WARN", "/etc/hosts"),
    ("clock", {"clock_offset": -1.5}, "FAIL", "chronyc makestep"),
    ("clock", {"clock_offset": None}, "FAIL", "date"),
    ("clock", {"time_service": ""}, "WARN", "apt-get install --no-install-recommends chrony"),
    ("SELinux", {"selinux": "enforcing"}, "FAIL", "setenforce 0"),
    ("SELinux", {"selinux": "permissive", "selinux_at_boot": "enforcing"}, "WARN", "sed -i"),
    ("QEMU", {"qemu": ""}, "FAIL", "qemu-system-x86"),
    ("QEMU", {"qemu": "5.2.0"}, "FAIL", "qemu-system-x86"),
    ("libvirt", {"libvirt": ""}, "FAIL", "systemctl enable --now libvirtd"),
    ("libvirt", {"libvirt": "7.9.0"}, "FAIL", "libvirt-daemon-system"),
    ("bridges", {"bridges": ()}, "WARN", "ip link add cloudbr0 type bridge"),
    ("storage", {"storage": (Reach("nfs://s/x", False, "no answer"),)}, "FAIL", "firewall"),
    (
        "NFS",
        {"nfs": Nfs(exports=(LAME,), domain="x")},
        "WARN",
        "no_root_squash,no_subtree_check), then",
    ),
    ("NFS", {"nfs": Nfs(shares=(Share(*PRIMARY),))}, "WARN", "/etc/fstab && mount /mnt/primary"),
    ("NFS", {"nfs": Nfs(shares=(Share(*MOUNTED),))}, "FAIL", "mount -o remount,rw /mnt/p; on s,"),
    ("NFSv4 domain", {"nfs": Nfs(version_4=("s:/primary",))}, "WARN", "Domain = example.org"),
    ("packages", {"packages": (UNREACHED,)}, "WARN", "apt.conf.d/proxy"),
    ("commands", {"commands": frozenset(COMMANDS) - {"nft"}}, "FAIL", "nftables"),
]


@pytest.mark.book("2.04", "2.07", "2.08", "2.11")
@pytest.mark.parametrize(("check", "other", "grade", "mend"), WORSE)
def test_what_is_wrong_is_graded_and_mended(check, other, grade, mend) -> None:
    """Each shortage is found by its check alone, which says how to mend it."""
    finding = found(check, **other)
    assert finding.grade == grade
    assert mend in finding.mend
    others = preflight(replace(SOUND, **other)).findings
    assert all(each.grade is Grade.PASS for each in others if each.check != check)


def test_every_check_is_shown_to_fail_or_warn() -> None:
    """No check is there that nothing can fail."""
    assert {row[0] for row in WORSE} | {"guests"} == {check.name for check in CHECKS}


def test_a_device_that_does_not_work_is_not_taken_for_kvm() -> None:
    """Where KVM was tried in vain, emulation will do with a warning, and without it nothing."""
    stuck = Trial(ok=False, trouble="KVM internal error")
    soft = found("guests", kvm=stuck, emulation=Trial(ok=True))
    assert soft.grade is Grade.WARN
    assert "KVM internal error" in soft.found
    assert found("guests", kvm=stuck, emulation=stuck).grade is Grade.FAIL
    assert found("guests", kvm=stuck).grade is Grade.FAIL


@pytest.mark.book("2.09")
def test_the_way_outside_is_looked_at() -> None:
    """What is reached and kept passes; without a package server a host in a closed network does."""
    assert found("packages").found == "none was asked for (--packages)"
    reached = Reach("http://deb.example.org", ok=True)
    finding = found("packages", packages=(reached, UNREACHED))
    assert finding.grade is Grade.WARN
    assert finding.found == "http://deb.example.org is not reached, no answer within 5 s"
    assert found("packages", packages=(reached,)).found == "http://deb.example.org"
    unset = Reach("own", ok=False, trouble="its package manager is set to no server")
    finding = found("packages", packages=(unset, reached))
    assert finding.found == "its package manager is set to no server"
    assert finding.mend == "name one in /etc/apt/sources.list.d"
    finding = found("packages", packages=(unset, UNREACHED), os_id="rocky")
    assert finding.found.endswith(
        "no server; http://deb.example.org is not reached, no answer within 5 s"
    )
    assert finding.mend.startswith("name one in /etc/yum.repos.d; open the way to it")
    assert found("restart").found == "eth0, cloudbr0, cloudbr1, kept by ifupdown"


@pytest.mark.book("2.09")
def test_a_bridge_that_is_gone_after_a_restart_is_told() -> None:
    """Each is mended as the machine keeps its network; those of others are not looked at."""
    assert found("restart", bridges=("docker0",), boot=Boot("ifcfg", ("eth*",))).grade == "PASS"
    asked = Asked(bridges=("br7",))
    for manager, mend in (
        ("ifcfg", "> /etc/sysconfig/network-scripts/ifcfg-br7"),
        ("ifupdown", "> /etc/network/interfaces.d/br7"),
        ("netplan", "{version: 2, bridges: {br7: {dhcp4: false}}}"),
        ("networkd", "> /etc/systemd/network/br7.netdev"),
        ("NetworkManager", "con-name br7 ifname br7"),
    ):
        kept = Boot(manager, ("eth0", "br*"))
        finding = found("restart", asked, bridges=("br7", "cloudbr0"), boot=kept)
        assert finding.grade is Grade.WARN
        assert finding.found == "no configuration brings back br7"
        assert mend in finding.mend
    rocky = found("restart", os_id="rocky", os_version="9.4", boot=Boot())
    assert "nmcli connection add type ethernet con-name eth0" in rocky.mend
    assert "netplan" in found("restart", os_id="ubuntu", os_version="24.04", boot=Boot()).mend


GOOD = Export("/export", "10.0.0.0/24", ("async", "rw", "no_root_squash"))


def exported(*options: str, url: str = "nfs://h1/export/p") -> Finding:
    """Return what is found where a host has mounted what it exports itself with these options."""
    server, _, path = url.removeprefix("nfs://").partition("/")
    mine = Share(url, f"{server}:/{path}", "/mnt/p", is_writable=True)
    other = replace(GOOD, path="/other", options=("ro",))
    return found("NFS", nfs=Nfs((mine,), (replace(GOOD, options=options), other), domain="x.org"))


@pytest.mark.book("2.26")
def test_an_export_of_its_own_is_looked_at() -> None:
    """Rw and no_root_squash must be there, async should; exports for others do not matter."""
    assert exported(*GOOD.options).grade is Grade.PASS
    assert (
        "s:/p at /mnt/p, written to by root"
        in found("NFS", nfs=Nfs((Share("nfs://s/p", "s:/p", "/mnt/p", is_writable=True),))).found
    )
    for options, grade, absent in (
        (("rw", "no_root_squash", "sync"), Grade.WARN, "async"),
        (("async", "no_root_squash", "ro"), Grade.FAIL, "rw"),
        (("async", "rw", "root_squash"), Grade.FAIL, "no_root_squash"),
        (("async", "rw", "no_root_squash", "all_squash"), Grade.FAIL, "no_all_squash"),
    ):
        finding = exported(*options)
        assert finding.grade is grade
        assert finding.found == f"/export is exported to 10.0.0.0/24 without {absent}"
        assert "/export 10.0.0.0/24(rw,async,no_root_squash,no_subtree_check)" in finding.mend
    assert exported("ro", url="nfs://10.0.0.11/export").grade is Grade.FAIL
    assert exported("ro", url="nfs://elsewhere/export").grade is Grade.WARN


@pytest.mark.book("2.26")
def test_storage_on_nfs_is_mounted_and_written_to_by_root() -> None:
    """Not mounted is a warning; what root cannot write to, or nobody exports, fails."""
    squashed = Share(*MOUNTED, is_writable=True, trouble="Permission denied")
    finding = found("NFS", nfs=Nfs((squashed,)))
    assert finding.grade is Grade.FAIL
    assert finding.found == "root cannot write to s:/primary at /mnt/p: Permission denied"
    assert "on s, in /etc/exports: /primary h1(rw,async,no_root_squash" in finding.mend
    assert found("NFS", nfs=Nfs((Share(*PRIMARY, is_offered=True),))).grade is Grade.WARN
    unknown = found("NFS", nfs=Nfs((Share(*PRIMARY, is_offered=False),)))
    assert (unknown.grade, unknown.found) == (Grade.FAIL, "s does not export /primary")


@pytest.mark.book("2.28")
def test_nfs_version_4_has_the_domain_that_all_have() -> None:
    """Without NFSv4 it does not matter; one that is asked for must be there on every machine."""
    four = Nfs(version_4=("s:/p",), domain="lab.org")
    assert found("NFSv4 domain").found == "NFSv4 is not in use"
    assert found("NFSv4 domain", nfs=four).found == "lab.org"
    assert found("NFSv4 domain", nfs=Nfs(exports=(GOOD,))).grade is Grade.WARN
    assert found("NFSv4 domain", Asked(idmap_domain="lab.org"), nfs=four).grade is Grade.PASS
    finding = found("NFSv4 domain", Asked(idmap_domain="cloud.org"), nfs=four)
    assert (finding.grade, finding.found) == (Grade.FAIL, "lab.org, not cloud.org")
    assert "Domain = cloud.org" in finding.mend


def test_named_bridges_must_be_there() -> None:
    """A bridge that is asked for is not made up for by another."""
    finding = found("bridges", Asked(bridges=("cloudbr1", "cloudbr9")))
    assert finding.grade is Grade.FAIL
    now, _, lasting = finding.mend.partition(" up && ")
    assert now == "ip link add cloudbr9 type bridge && ip link set cloudbr9"
    assert lasting.startswith("printf 'auto cloudbr9\\n")
    assert lasting.endswith("> /etc/network/interfaces.d/cloudbr9")


@pytest.mark.parametrize(
    ("manager", "mend"),
    [
        ("netplan", "printf 'network: {version: 2, bridges: {cloudbr0: {dhcp4: false}}}"),
        ("NetworkManager", "nmcli connection add type bridge con-name cloudbr0"),
        ("networkd", "ip link add cloudbr0 type bridge && ip link set cloudbr0 up && printf"),
        ("ifcfg", "ip link add cloudbr0 type bridge && ip link set cloudbr0 up && printf"),
    ],
)
def test_a_bridge_that_is_made_lasts(manager, mend) -> None:
    """What mends the one check is nothing that another one warns of; `ip` makes it at once."""
    finding = found("bridges", bridges=(), boot=Boot(manager, ("eth0",)))
    assert finding.mend.startswith(mend)
    lost = found("restart", bridges=("cloudbr0",), boot=Boot(manager, ("eth0",)))
    assert finding.mend.endswith(lost.mend)


def test_what_is_said_of_bridges_agrees() -> None:
    """Those that are there are not denied because others were asked for."""
    silent = {"uplink": "", "boot": Boot()}
    nix = Asked(bridges=("nix",))
    assert found("bridges", nix, **silent).found == "cloudbr0, cloudbr1; not there: nix"
    told = found("restart", nix, **silent)
    assert told.found == "nothing leads outside, and no bridge is called nix"
    other = found("restart", bridges=("docker0",), **silent)
    assert other.found == "nothing leads outside, and no bridge is called cloudbr*"
    none = found("restart", bridges=(), **silent)
    assert none.found == "nothing leads outside, and no bridge is there"


@pytest.mark.book("2.11")
@pytest.mark.parametrize(
    ("offset", "doubt", "grade"), [(1.0, 0, "PASS"), (1.2, 0.3, "PASS"), (-1.01, 0, "FAIL")]
)
def test_a_clock_is_wrong_when_it_is_certainly_wrong(offset, doubt, grade) -> None:
    """One second is allowed, and what the way there and back may have taken."""
    assert found("clock", clock_offset=offset, clock_doubt=doubt).grade == grade


def test_red_hats_packages_have_red_hats_names() -> None:
    """What is to be installed is named as the machine's own system names it."""
    finding = found("QEMU", os_id="rocky", os_version="9.4", qemu="")
    assert finding.mend == "dnf install qemu-kvm qemu-img"


def test_the_table_tells_what_failed_and_the_verdict() -> None:
    """PASS takes a line, all else three; the verdict counts them."""
    report = preflight(replace(SOUND, qemu="", cpus=2))
    lines = report.text().splitlines()
    assert lines[-1] == "h1 is not fit to be a host: 17 PASS, 1 WARN, 1 FAIL"
    assert len(lines) == len(CHECKS) + 4 + 2
    assert not report.ok


def test_programs_get_the_same_as_people() -> None:
    """The document is JSON with findings and facts."""
    document = json.loads(json.dumps(preflight(replace(SOUND, qemu="")).document()))
    assert document["ok"] is False
    assert [each["check"] for each in document["findings"]] == [check.name for check in CHECKS]
    assert document["facts"]["ram_mib"] == 65_536
