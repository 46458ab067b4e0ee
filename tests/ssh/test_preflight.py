"""Every check passes a sound machine and catches what is wrong with another, with its mending."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drivers.ssh.facts import COMMANDS, Disk, Facts, Reach, Trial
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


def test_named_bridges_must_be_there() -> None:
    """A bridge that is asked for is not made up for by another."""
    finding = found("bridges", Asked(bridges=("cloudbr1", "cloudbr9")))
    assert finding.grade is Grade.FAIL
    assert finding.mend == "ip link add cloudbr9 type bridge && ip link set cloudbr9 up"


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
    assert lines[-1] == "h1 is not fit to be a host: 13 PASS, 1 WARN, 1 FAIL"
    assert len(lines) == len(CHECKS) + 4 + 2
    assert not report.ok


def test_programs_get_the_same_as_people() -> None:
    """The document is JSON with findings and facts."""
    document = json.loads(json.dumps(preflight(replace(SOUND, qemu="")).document()))
    assert document["ok"] is False
    assert [each["check"] for each in document["findings"]] == [check.name for check in CHECKS]
    assert document["facts"]["ram_mib"] == 65_536
